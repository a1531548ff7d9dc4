"""LiveFeed: the collector against the floor, from one device to ten thousand."""

from dataclasses import dataclass
from statistics import median

from .tables import number, spread, table, verdict

SERVERS = ("collector", "floor")
ALERTS_EVERY = 10

GOAL_CPU_RATIO = 1.3
GOAL_LATENCY_US = 1000
GOAL_MEMORY_KIB = 8
GOAL_LATENCY_DEVICES = 1000


@dataclass(frozen=True)
class Case:
    devices: int
    rate: int  # Payloads per second and device; 0: as fast as they go.
    readings: int = 0

    @property
    def label(self):
        readings = f", {self.readings} readings" if self.readings else ""
        return f"{self.devices:,} × {f'{self.rate}/s' if self.rate else 'saturation'}{readings}"

    def seconds(self, quick):
        if quick:
            return 5
        return 30 if self.rate and self.devices < 1000 else 15


FEED_CASES = [Case(n, rate) for rate in (1, 0) for n in (1, 100, 1000, 10000)]
READINGS_CASES = [Case(1000, 1, 120), Case(1000, 0, 120)]


class Feeds:
    """Runs cases and keeps every round's figures: results[case][server] is a list of JSON objects."""

    def __init__(self, bench, rounds, quick):
        self.bench, self.rounds, self.quick = bench, rounds, quick
        self.results = {}

    def run(self, cases):
        for case in cases:
            results = self.results[case] = {name: [] for name in SERVERS}
            for _ in range(self.rounds):
                for name in SERVERS:
                    with self.bench.server(name) as server:
                        results[name].append(self._load(server, case))

    def _load(self, server, case):
        return self.bench.client(
            "bench-load", server, devices=case.devices, rate=case.rate, readings=case.readings,
            alerts_every=ALERTS_EVERY, duration=f"{case.seconds(self.quick)}s")

    def _values(self, case, server, figure):
        return [figure(result, case) for result in self.results[case][server]]

    def _median(self, case, server, figure):
        return median(self._values(case, server, figure))

    def _pair(self, case, figure):
        return [spread(self._values(case, name, figure)) for name in SERVERS]

    def cpu_table(self):
        rows = []
        for case in self.results:
            rate = lambda result, _: result["payloads_per_second"]
            rows.append([case.label, *self._pair(case, _cpu_us), number(self._cpu_ratio(case)),
                         *[number(self._median(case, name, rate)) for name in SERVERS]])
        header = ["devices × rate", "collector µs/payload", "floor µs/payload", "ratio",
                  "collector payloads/s", "floor payloads/s"]
        return table(header, rows)

    def latency_table(self):
        rows = []
        for case in self.results:
            row = [case.label]
            for quantile in ("p50", "p99", "p999"):
                row += [self._latency(case, name, quantile) for name in SERVERS]
            rows.append(row)
        header = ["devices × rate"] + [f"{quantile} {name} µs" for quantile in ("p50", "p99", "p99.9")
                                       for name in SERVERS]
        return table(header, rows)

    def _latency(self, case, server, quantile):
        if not all(result["alerts"] for result in self.results[case][server]):
            return "–"
        return number(self._median(case, server, _latency_us(quantile)))

    def memory_table(self):
        rows = []
        for case in self.results:
            if case.rate and case.devices >= 100:
                rows.append([case.label, *self._pair(case, _memory_kib),
                             number(self._memory_difference(case))])
        return table(["devices × rate", "collector KiB/device", "floor KiB/device", "difference"],
                     rows)

    def goals(self):
        """Rows of: goal, measured, verdict; of the original client's payloads."""
        rows = []
        for case in (case for case in self.results if not case.readings):
            ratio = self._cpu_ratio(case)
            rows.append([f"CPU ≤ {GOAL_CPU_RATIO} × floor at {case.label}", number(ratio),
                         verdict(ratio <= GOAL_CPU_RATIO)])
        for case in (case for case in self.results if not case.readings and case.rate):
            if case.devices == GOAL_LATENCY_DEVICES:
                more = (self._median(case, "collector", _latency_us("p99"))
                        - self._median(case, "floor", _latency_us("p99")))
                rows.append([f"p99 ≤ floor + 1 ms at {case.label}", f"{number(more)} µs more",
                             verdict(more <= GOAL_LATENCY_US)])
            if case.devices >= 1000:
                more = self._memory_difference(case)
                rows.append([f"RSS per device ≤ floor + {GOAL_MEMORY_KIB} KiB at {case.label}",
                             f"{number(more)} KiB more", verdict(more <= GOAL_MEMORY_KIB)])
            rows.append(self._fed_goal(case))
        return rows

    def _fed_goal(self, case):
        results = self.results[case]["collector"]
        errors = sum(sum(result["errors"].values()) for result in results)
        connected = min(result["connected"] for result in results)
        fed = min(result["payloads"] / result["seconds"] / case.rate / case.devices
                  for result in results)
        whole = case.devices == 1 or fed >= 0.99  # One device: the window cuts a second off.
        return [f"connected and fed without error at {case.label}",
                f"{connected:,} connected, {errors} errors, {fed:.1%} of the rate",
                verdict(connected == case.devices and errors == 0 and whole)]

    def _cpu_ratio(self, case):
        return self._median(case, "collector", _cpu_us) / self._median(case, "floor", _cpu_us)

    def _memory_difference(self, case):
        return (self._median(case, "collector", _memory_kib)
                - self._median(case, "floor", _memory_kib))


def _cpu_us(result, _case):
    return result["server_cpu_us"] / max(1, result["payloads"])


def _memory_kib(result, case):
    grown = result["server_rss_after_bytes"] - result["server_rss_before_bytes"]
    return grown / 1024 / case.devices


def _latency_us(quantile):
    return lambda result, _case: result[f"round_trip_{quantile}_us"]
