"""An upload as the agent does it, beside the parts that it is made of."""

import tempfile
from statistics import median

from .tables import spread, table, verdict

GOAL_RATIO = 0.8

# What a host's disk takes in passing, and what it must write.
SIZES_MIB = {False: (256, 2048), True: (64,)}


class Upload:
    """Runs bench-upload once a round and size: a new collector each time, and the floor beside it."""

    def __init__(self, bench, rounds, quick):
        self.bench, self.rounds = bench, rounds
        self.results = {size: [] for size in SIZES_MIB[quick]}

    def run(self):
        for size in list(self.results) * self.rounds:
            with self.bench.server("floor") as floor, self.bench.server("collector") as collector, \
                    tempfile.TemporaryDirectory(prefix="edgefeed-bench-") as folder:
                self.results[size].append(self.bench.client(
                    "bench-upload", collector, floor=floor.target, directory=f"{folder}/data",
                    size_mib=size))

    def table(self):
        header = ["MiB", "upload MiB/s", "raw stream MiB/s", "SHA-256 MiB/s", "write, sync MiB/s",
                  "÷ slowest of these", "cores in use"]
        keys = ["upload", "raw", "sha256", "sink"]
        rows = [[f"{size:,}",
                 *[spread(self._values(size, f"{key}_mib_per_second")) for key in keys],
                 spread(self._values(size, "ratio")), spread(self._values(size, "cores"))]
                for size in self.results]
        return table(header, rows)

    def goals(self):
        rows = []
        for size in self.results:
            ratio = median(self._values(size, "ratio"))
            rows.append([f"upload of {size:,} MiB ≥ {GOAL_RATIO} of the slowest part",
                         f"{ratio:.2f}", verdict(ratio >= GOAL_RATIO)])
        return table(["goal", "measured", ""], rows)

    def _values(self, size, key):
        return [result[key] for result in self.results[size]]
