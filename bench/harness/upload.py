"""An upload as the agent does it, beside the parts that it is made of."""

import tempfile
from statistics import median

from .tables import spread, table, verdict

GOAL_RATIO = 0.8

SIZE_MIB = {False: 256, True: 64}


class Upload:
    """Runs bench-upload once a round: a new collector each time, and the floor beside it."""

    def __init__(self, bench, rounds, quick):
        self.bench, self.rounds, self.quick = bench, rounds, quick
        self.results = []

    def run(self):
        for _ in range(self.rounds):
            with self.bench.server("floor") as floor, self.bench.server("collector") as collector, \
                    tempfile.TemporaryDirectory(prefix="edgefeed-bench-") as folder:
                self.results.append(self.bench.client(
                    "bench-upload", collector, floor=floor.target, directory=f"{folder}/data",
                    size_mib=SIZE_MIB[self.quick]))

    def table(self):
        header = ["MiB", "upload MiB/s", "raw stream MiB/s", "SHA-256 MiB/s", "write, sync MiB/s",
                  "÷ slowest of these"]
        keys = ["upload", "raw", "sha256", "sink"]
        row = [f"{self.results[0]['mib']:,}",
               *[spread(self._values(f"{key}_mib_per_second")) for key in keys],
               spread(self._values("ratio"))]
        return table(header, [row])

    def goals(self):
        ratio = median(self._values("ratio"))
        return table(["goal", "measured", ""],
                     [[f"upload ≥ {GOAL_RATIO} of the slowest part", f"{ratio:.2f}",
                       verdict(ratio >= GOAL_RATIO)]])

    def _values(self, key):
        return [result[key] for result in self.results]
