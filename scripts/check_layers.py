#!/usr/bin/env python3
"""Checks the rules of the house that a compiler does not: see docs/ARCHITECTURE.md.

usage: scripts/check_layers.py [ROOT]

Prints one line per broken rule, FILE:LINE: RULE, and exits 1 when there is any.
"""

import pathlib
import re
import sys

SOURCE_TOPS = ("common", "agent", "collector", "ctl", "bench", "tests")
SKIPPED_FOLDERS = {"build", "node_modules", "gen"}

# Folder of common/ -> folders of common/ that it may include besides itself.
COMMON = {
    "base": set(),
    "model": {"base"},
    "runtime": {"base"},
    "config": {"base"},
    "log": {"base", "config"},  # The log level is a setting.
    "cli": {"base"},
    "columns": {"base", "model"},
    "compress": {"base"},
    "digest": {"base", "model"},
    "corefile": {"base", "model"},
    "unwind": {"base", "model", "corefile"},
    "http": {"base", "model"},
    "pki": {"base", "digest", "model", "runtime"},
    "ca": {"base", "digest", "model", "pki"},
    "tokens": {"base", "config", "digest", "model"},
    "wire": {"base", "model", "columns"},
    "rpc": {"base", "model", "pki", "runtime", "wire"},
}
STAGE_MAY_USE_COMMON = {"base", "model", "runtime", "columns", "compress", "digest", "corefile"}
# A dump's description has one form, on the wire and in files: stages that keep such files use its codec.
COMMON_EXCEPTIONS = {
    ("agent/capture", "common/wire/dump_info.h"),
    ("agent/crash", "common/wire/dump_info.h"),
    ("collector/dumps", "common/wire/dump_info.h"),
    ("collector/inspect", "common/wire/dump_info.h"),
    # Those who tell web servers elsewhere.
    ("collector/notify", "common/http/http_client.h"),
    ("collector/remote", "common/http/http_client.h"),
    ("collector/remote", "common/wire/write_request.h"),
    # Who proves himself by what.
    ("collector/access", "common/pki/crl.h"),
    ("collector/access", "common/pki/peer_certificate.h"),
    ("collector/access", "common/pki/peer_certificates.h"),
    ("collector/access", "common/tokens/token_list.h"),
    # Who has which certificate.
    ("agent/enrol", "common/pki/certificate.h"),
    ("agent/enrol", "common/pki/key.h"),
    # Who issues certificates to whom.
    ("collector/enrol", "common/ca/enrolment.h"),
    ("collector/enrol", "common/pki/key.h"),
    # Only edgefeed-inspect, in its sandbox.
    ("collector/inspect", "common/unwind/unwind.h"),
}
# Reads rules: between the files and the stage. Not a stage: it runs in the app, and in edgefeedctl.
RULE_FILES = "collector/rulefile"
RULE_FILES_MAY_USE = {"collector/rules", "common/config"}
# Headers in the folder of a side itself, which all its stages share.
SHARED_OF_A_SIDE = {"ports.h", "stats.h"}
# Folders of a side that are no stage: what several of its stages build on.
SHARED_FOLDERS = {"collector/sqlite"}
# Exceptions: a stage and the one header of another stage that it may include.
STAGE_EXCEPTIONS = {
    ("agent/sampler", "agent/proc/kernel.h"),
    # Who may see it: decided where gRPC's calls are.
    ("collector/http", "collector/access/access.h"),
}
# edgefeedctl checks the files of both sides, here and nowhere else.
SIDE_EXCEPTIONS = {
    ("ctl/verify_files.cc", "agent/outbox/inspect.h"),
    ("ctl/verify_files.cc", "collector/history/verify.h"),
    # It judges by the collector's own rules: DryRun is the one that knows the engine.
    ("ctl/rules/dry_run.h", "collector/ports.h"),
    ("ctl/rules/dry_run.h", "collector/rules/rule.h"),
    ("ctl/rules/dry_run.h", "collector/rules/rule_engine.h"),
    ("ctl/rules/dry_run.h", "collector/stats.h"),
    ("ctl/rules/explain_rule.cc", "collector/rules/effective_rule.h"),
    ("ctl/rules/explain_rule.cc", "collector/rules/message_template.h"),
    ("ctl/rules/firing_log.h", "collector/rules/rule.h"),
    ("ctl/rules/rule_source.h", "collector/rules/rule.h"),
    ("ctl/rules/rule_source.cc", "collector/app/config.h"),
    ("ctl/rules/rule_source.cc", "collector/rulefile/rule_ladder.h"),
    ("ctl/rules/rule_source.cc", "collector/rulefile/rules_config.h"),
    ("ctl/rules/rule_source.cc", "collector/rules/message_template.h"),
    ("ctl/rules/rule_test.h", "collector/rules/rule.h"),
    ("ctl/rules/rule_test.cc", "collector/rules/message_template.h"),
    ("ctl/rules/rule_test_file.h", "collector/rules/rule.h"),
    ("ctl/rules/rule_test_file.cc", "collector/rulefile/rule_override.h"),
    ("ctl/rules/rule_test_file.cc", "collector/rulefile/rule_words.h"),
    ("ctl/rules/rule_test_file.cc", "collector/rules/rule_set.h"),
}
# Folders that see everything on their own side.
WHOLE_SIDE = {"app", "main.cc"}
SIDES = {"agent", "collector", "ctl"}
MAIN_MAX_LINES = 60

INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]')
SLEEP = re.compile(r"\b(?:sleep_for|sleep_until|usleep)\s*\(")
NOW = re.compile(r"_clock::now\s*\(")
LINE_COMMENT = re.compile(r"//.*")


class Place:
    """Where a source file stands: top folder, folder below it, and path from the root."""

    def __init__(self, path):
        self.path = path
        parts = path.split("/")
        self.top = parts[0]
        self.room = parts[1] if len(parts) > 1 else ""
        self.folder = "/".join(parts[:2])
        self.name = parts[-1]

    @property
    def is_side_file(self):
        return self.top in SIDES and self.path.count("/") == 1


def common_error(source, target):
    """Why `source` may not include the common header `target`, or None."""
    if source.top == "common":
        allowed = COMMON.get(source.room)
        if allowed is None:
            return f"common/{source.room} is not in the table of scripts/check_layers.py"
        if target.room != source.room and target.room not in allowed:
            return f"common/{source.room} may not include common/{target.room}"
        return None
    if source.top == "ctl" or source.top not in SIDES or source.room in WHOLE_SIDE | {"rpc"}:
        return None
    if (source.folder, target.path) in COMMON_EXCEPTIONS:
        return None
    if source.folder == RULE_FILES and target.folder in RULE_FILES_MAY_USE:
        return None
    allowed = {"base", "model", "digest"} if source.is_side_file else STAGE_MAY_USE_COMMON
    if target.room not in allowed:
        return f"{source.path if source.is_side_file else source.folder} may not include common/{target.room}"
    return None


def side_error(source, target):
    """Why `source` may not include `target`, a header of one of the programs, or None."""
    if source.top in ("tests", "bench"):
        return None
    if source.top == "common":
        return f"common may not include {target.top}"
    if (source.path, target.path) in SIDE_EXCEPTIONS:
        return None
    if source.top != target.top:
        return f"{source.top} may not include {target.top}"
    if source.top == "ctl" or source.folder == target.folder or source.room in WHOLE_SIDE:
        return None
    if target.is_side_file:
        if source.is_side_file or target.name in SHARED_OF_A_SIDE:
            return None
        return f"a stage may include of {source.top}/ itself only {', '.join(sorted(SHARED_OF_A_SIDE))}"
    if source.is_side_file:
        return f"{source.path} may not include a stage"
    if target.folder in SHARED_FOLDERS:
        return None
    if source.folder == RULE_FILES and target.folder in RULE_FILES_MAY_USE:
        return None
    if source.room == "rpc" and target.room != "app":
        return None
    if (source.folder, target.path) in STAGE_EXCEPTIONS:
        return None
    return f"stage {source.folder} may not include stage {target.folder}"


def library_error(source, header):
    """Why `source` may not include `header` of a library or of generated code, or None."""
    if source.top in ("tests", "bench"):
        return None
    if header.startswith(("grpc/", "grpcpp/", "grpc++/")) or header.endswith(".grpc.pb.h"):
        return None if source.room == "rpc" else "gRPC belongs in */rpc only"
    if header.endswith(".pb.h") or header.startswith("google/protobuf/"):
        return None if source.room in ("rpc", "wire") else "protobuf messages belong in wire and */rpc only"
    if header.startswith("yaml-cpp/"):
        return None if source.folder == "common/config" else "yaml-cpp belongs in common/config only"
    if header.startswith("boost/"):
        allowed = source.folder == "common/runtime" or source.room == "http"
        return None if allowed else "Boost belongs in common/runtime and */http only"
    return None


def include_error(source, header):
    top = header.split("/")[0]
    if top == "common":
        return common_error(source, Place(header))
    if top in SIDES:
        return side_error(source, Place(header))
    if top in ("tests", "bench") and source.top not in ("tests", "bench"):
        return f"{source.top} may not include {top}"
    return library_error(source, header)


def time_error(source, line):
    code = LINE_COMMENT.sub("", line)
    if source.top != "bench" and SLEEP.search(code):
        return "no sleeping: wait for the event, or use a Timer"
    reads_clocks = source.top in ("tests", "bench") or source.folder == "common/runtime"
    if NOW.search(code) and not reads_clocks and source.path != "common/base/clock.cc":
        return "only common/base/clock.cc reads the system's clocks: use Clock or Scheduler"
    return None


def check_source(source, text):
    """Yields (line, error) for each broken rule inside one source file."""
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        error = include_error(source, match.group(1)) if match else time_error(source, line)
        if error:
            yield number, error
    if source.name == "main.cc" and source.top in SIDES and len(lines) > MAIN_MAX_LINES:
        yield len(lines), f"main.cc has {len(lines)} lines, at most {MAIN_MAX_LINES} are allowed"


def is_listed(root, path):
    """Whether a CMakeLists.txt or .cmake file at or above `path` names this source file."""
    folder = path.parent
    while True:
        relative = path.relative_to(folder)
        # A source may be spelt whole, or by its stem where a loop adds the ending: ${name}.cc.
        whole = re.compile(rf"(?<![\w./-]){re.escape(relative.as_posix())}(?![\w.-])")
        rooted = re.compile(rf"\}}/{re.escape(path.relative_to(root).as_posix())}(?![\w.-])")
        stem = re.compile(rf"(?<![\w./-]){re.escape(relative.with_suffix('').as_posix())}(?![\w./-])")
        for recipe in [folder / "CMakeLists.txt", *sorted(folder.glob("*.cmake"))]:
            if not recipe.is_file():
                continue
            text = re.sub(r"#.*", "", recipe.read_text())
            if whole.search(text) or rooted.search(text) or ("}.cc" in text and stem.search(text)):
                return True
        if folder == root:
            return False
        folder = folder.parent


def source_files(root):
    for top in SOURCE_TOPS:
        for path in sorted((root / top).rglob("*")):
            if path.suffix in (".h", ".cc") and not SKIPPED_FOLDERS & set(path.relative_to(root).parts):
                yield path


def check_tree(root):
    """All broken rules of the tree as lines of text."""
    root = pathlib.Path(root).resolve()
    errors = []
    for path in source_files(root):
        source = Place(path.relative_to(root).as_posix())
        for line, error in check_source(source, path.read_text(encoding="utf-8")):
            errors.append(f"{source.path}:{line}: {error}")
        if path.suffix == ".cc" and not is_listed(root, path):
            errors.append(f"{source.path}:1: no CMakeLists.txt lists this file")
    return errors


def main(arguments):
    if len(arguments) > 1 or arguments[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    root = arguments[0] if arguments else pathlib.Path(__file__).resolve().parent.parent
    errors = check_tree(root)
    for error in errors:
        print(error)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
