"""The machine and the build that the figures come from."""

import os
import platform
import resource
import subprocess
import time


def _output(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _field(path, key, separator):
    with open(path, encoding="utf-8") as file:
        for line in file:
            name, _, value = line.partition(separator)
            if name.strip() == key:
                return value.strip().strip('"')
    return "unknown"


def machine_facts():
    """Pairs of name and value."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return [
        ("Date", time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())),
        ("Commit", _output("git", "describe", "--always", "--dirty")),
        ("CPU", f'{os.cpu_count()} × {_field("/proc/cpuinfo", "model name", ":")}'),
        ("Memory", f"{memory_gib:.0f} GiB"),
        ("Kernel", platform.release()),
        ("System", _field("/etc/os-release", "PRETTY_NAME", "=")),
        ("gRPC", _output("pkg-config", "--modversion", "grpc++")),
        ("Compiler", _output("c++", "--version").splitlines()[0]),
        ("Open files (ulimit -n)", str(resource.getrlimit(resource.RLIMIT_NOFILE)[0])),
        ("Load average before", f"{os.getloadavg()[0]:.2f} (foreign load makes everything slower)"),
    ]


def raise_open_files_limit():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
