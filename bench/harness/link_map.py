"""Which library owns how much of a program, by the linker's map (GNU ld)."""

import re
from collections import Counter
from pathlib import Path

# What is a part of the file; the rest of the map is debug information and what was left out.
_KEPT = (".text", ".rodata", ".data", ".eh_frame", ".gcc_except_table", ".init_array", ".tdata")
_SECTION = re.compile(r"^ (\.[\w.$@]+)?\s+0x[0-9a-f]+\s+0x([0-9a-f]+)\s+(\S.*)$")


def bytes_by_library(map_file):
    """Largest first."""
    sizes = Counter()
    output = ""
    name = ""
    memory_map = Path(map_file).read_text(encoding="utf-8").partition("Linker script and memory map")[2]
    for line in memory_map.splitlines():
        if line.startswith("."):
            output = line.split()[0]
        # A long name stands on a line of its own, before the numbers.
        alone = re.match(r"^ (\.\S+)$", line)
        if alone:
            name = alone[1]
            continue
        found = _SECTION.match(line)
        if found and output in _KEPT and (found[1] or name):
            sizes[_library(found[3])] += int(found[2], 16)
        name = ""
    return sizes.most_common()


def _library(file):
    archive = re.search(r"(?:^|/)lib([\w+-]+)\.a\(", file)
    if not archive or archive[1].startswith("edgefeed"):
        return "Edgefeed"
    name = archive[1]
    for group, members in {"gRPC": r"grpc|gpr|upb|address_sorting", "C and C++ runtime": r"c$|stdc\+\+|gcc|m$|pthread",
                           "Abseil": r"absl"}.items():
        if re.match(members, name):
            return group
    return {"crypto": "OpenSSL: crypto", "ssl": "OpenSSL: TLS", "cares": "c-ares", "z": "zlib",
            "proc2": "libproc2", "protobuf-lite": "protobuf, lite"}.get(name, name)
