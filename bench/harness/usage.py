"""What a process and its children use, as the kernel counts it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass
class Usage:
    rss_bytes: int
    pss_bytes: int
    cpu_seconds: float
    disk_bytes: int  # Given to the disk.
    threads: int

    @staticmethod
    def of(pid):
        """The process and all that it has started."""
        total = Usage(0, 0, 0.0, 0, 0)
        for each in _family(pid):
            total = total + _of_one(each)
        return total

    def __add__(self, other):
        return Usage(*(a + b for a, b in zip(vars(self).values(), vars(other).values())))


def rss_bytes(pid):
    return _kib_field(Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8"), "Rss:")


def _family(pid):
    family = [pid]
    for parent in family:
        for task in Path(f"/proc/{parent}/task").iterdir():
            family += map(int, (task / "children").read_text(encoding="utf-8").split())
    return family


def _of_one(pid):
    process = Path(f"/proc/{pid}")
    rollup = (process / "smaps_rollup").read_text(encoding="utf-8")
    tasks = list((process / "task").iterdir())
    return Usage(
        rss_bytes=_kib_field(rollup, "Rss:"),
        pss_bytes=_kib_field(rollup, "Pss:"),
        # Nanoseconds on a CPU: finer than the ticks of stat.
        cpu_seconds=sum(int((task / "schedstat").read_text(encoding="utf-8").split()[0]) for task in tasks) / 1e9,
        disk_bytes=_disk_bytes((process / "io").read_text(encoding="utf-8")),
        threads=len(tasks))


def _kib_field(text, key):
    for line in text.splitlines():
        if line.startswith(key):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"no {key}")


def _disk_bytes(text):
    fields = dict(line.split(": ") for line in text.splitlines())
    return int(fields["write_bytes"]) - int(fields["cancelled_write_bytes"])
