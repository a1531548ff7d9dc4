#!/usr/bin/env python3
"""Plants one violation of each rule in a small tree and expects check_layers.py to find it."""

import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import check_layers  # noqa: E402


def check(files, recipes=None):
    """The errors of a tree of these files. Every .cc is listed unless `recipes` says otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        if recipes is None:
            recipes = {"CMakeLists.txt": "\n".join(name for name in files if name.endswith(".cc"))}
        for name, text in {**files, **recipes}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return check_layers.check_tree(root)


def including(header):
    return f'#pragma once\n#include "{header}"\n'


ALLOWED_INCLUDES = [
    ("common/base/a.h", "common/base/b.h"),
    ("common/model/a.h", "common/base/b.h"),
    ("common/wire/a.h", "common/model/b.h"),
    ("common/wire/a.h", "telemetry.pb.h"),
    ("common/rpc/a.h", "common/wire/b.h"),
    ("common/rpc/a.h", "grpcpp/grpcpp.h"),
    ("common/config/a.h", "yaml-cpp/yaml.h"),
    ("common/runtime/a.h", "boost/asio.hpp"),
    ("agent/ports.h", "common/model/a.h"),
    ("agent/sampler/a.h", "agent/ports.h"),
    ("agent/sampler/a.h", "agent/proc/kernel.h"),
    ("agent/sampler/a.h", "common/runtime/b.h"),
    ("agent/rpc/a.h", "agent/feed/transport.h"),
    ("agent/rpc/a.h", "telemetry.grpc.pb.h"),
    ("agent/app/a.h", "agent/feed/feed.h"),
    ("agent/app/a.h", "agent/rpc/b.h"),
    ("agent/main.cc", "agent/app/app.h"),
    ("collector/http/a.h", "boost/beast.hpp"),
    ("collector/http/a.h", "collector/stats.h"),
    ("collector/http/a.h", "collector/access/access.h"),
    ("collector/dumps/a.h", "collector/sqlite/b.h"),
    ("ctl/rpc/a.h", "grpcpp/grpcpp.h"),
    ("ctl/verify_files.cc", "agent/outbox/inspect.h"),
    ("ctl/verify_files.cc", "collector/history/verify.h"),
    ("tests/rpc/a.h", "collector/fleet/fleet.h"),
    ("bench/load/a.h", "grpcpp/grpcpp.h"),
]

FORBIDDEN_INCLUDES = [
    ("common/base/a.h", "common/model/b.h"),
    ("common/model/a.h", "common/runtime/b.h"),
    ("common/runtime/a.h", "common/model/b.h"),
    ("common/config/a.h", "common/runtime/b.h"),
    ("common/wire/a.h", "common/runtime/b.h"),
    ("common/wire/a.h", "telemetry.grpc.pb.h"),
    ("common/extra/a.h", "common/base/b.h"),
    ("common/base/a.h", "agent/ports.h"),
    ("agent/ports.h", "common/runtime/b.h"),
    ("agent/ports.h", "agent/feed/feed.h"),
    ("agent/outbox/a.h", "agent/feed/feed.h"),
    ("agent/feed/a.h", "agent/proc/kernel.h"),
    ("agent/sampler/a.h", "agent/proc/meminfo.h"),
    ("agent/feed/a.h", "agent/rpc/transport.h"),
    ("agent/feed/a.h", "common/config/b.h"),
    ("agent/feed/a.h", "common/wire/b.h"),
    ("agent/feed/a.h", "grpcpp/grpcpp.h"),
    ("agent/feed/a.h", "telemetry.pb.h"),
    ("agent/feed/a.h", "boost/asio.hpp"),
    ("agent/rpc/a.h", "agent/app/app.h"),
    ("agent/app/a.h", "grpcpp/grpcpp.h"),
    ("agent/app/a.h", "telemetry.pb.h"),
    ("agent/app/a.h", "yaml-cpp/yaml.h"),
    ("agent/app/a.h", "collector/ports.h"),
    ("collector/app/a.h", "agent/ports.h"),
    ("collector/http/a.h", "collector/access/policy.h"),
    ("ctl/a.h", "agent/ports.h"),
    ("ctl/verify.cc", "collector/history/verify.h"),
    ("ctl/verify_files.cc", "collector/history/history.h"),
    ("agent/verify_files.cc", "collector/history/verify.h"),
    ("ctl/a.h", "grpcpp/grpcpp.h"),
    ("common/base/a.h", "tests/support/b.h"),
    ("agent/app/a.h", "bench/support/b.h"),
]


class Includes(unittest.TestCase):
    def test_allowed(self):
        for name, header in ALLOWED_INCLUDES:
            with self.subTest(f"{name} includes {header}"):
                self.assertEqual(check({name: including(header)}), [])

    def test_forbidden(self):
        for name, header in FORBIDDEN_INCLUDES:
            with self.subTest(f"{name} includes {header}"):
                errors = check({name: including(header)})
                self.assertEqual(len(errors), 1, errors)
                self.assertTrue(errors[0].startswith(f"{name}:2: "), errors[0])


class Time(unittest.TestCase):
    NOW = "auto now = std::chrono::steady_clock::now();\n"
    SLEEP = "std::this_thread::sleep_for(1s);\n"

    def test_only_the_clock_reads_the_clock(self):
        for name in ("common/base/clock.cc", "common/runtime/a.cc", "tests/unit/a.cc", "bench/load/a.cc"):
            self.assertEqual(check({name: self.NOW}), [], name)
        for name in ("common/base/other.cc", "agent/feed/a.cc", "collector/app/a.cc", "ctl/a.cc"):
            self.assertEqual(len(check({name: self.NOW})), 1, name)

    def test_nothing_sleeps_but_benchmarks(self):
        self.assertEqual(check({"bench/load/a.cc": self.SLEEP}), [])
        for name in ("common/runtime/a.cc", "agent/feed/a.cc", "tests/unit/a.cc", "tests/e2e/a.cc"):
            self.assertEqual(len(check({name: self.SLEEP})), 1, name)
        self.assertEqual(len(check({"tests/unit/a.cc": "::usleep(5);\n"})), 1)
        self.assertEqual(check({"agent/feed/a.cc": "// sleep_for() is forbidden here\n"}), [])


class Files(unittest.TestCase):
    def test_main_stays_short(self):
        self.assertEqual(check({"agent/main.cc": "\n" * 60}), [])
        self.assertEqual(len(check({"agent/main.cc": "\n" * 61})), 1)

    def test_every_source_is_built(self):
        source = {"agent/feed/feed.cc": "\n"}
        for name, text in [
            ("agent/feed/CMakeLists.txt", "edgefeed_library(agent_feed SOURCES feed.cc)"),
            ("agent/feed/CMakeLists.txt", "foreach(n IN ITEMS feed)\n  add_library(${n} ${n}.cc)"),
            ("agent/CMakeLists.txt", "add_library(x feed/feed.cc)"),
            ("tests/CMakeLists.txt", "add_library(x ${PROJECT_SOURCE_DIR}/agent/feed/feed.cc)"),
        ]:
            expected = 1 if name.startswith("tests/") else 0  # Not at or above the source.
            self.assertEqual(len(check(source, {name: text})), expected, (name, text))
        for name, text in [
            ("agent/feed/CMakeLists.txt", "edgefeed_library(feed SOURCES other_feed.cc)"),
            ("agent/feed/CMakeLists.txt", "edgefeed_library(agent_feed SOURCES)  # feed.cc"),
            ("collector/CMakeLists.txt", "add_library(x feed/feed.cc)"),
        ]:
            self.assertEqual(len(check(source, {name: text})), 1, (name, text))


if __name__ == "__main__":
    unittest.main()
