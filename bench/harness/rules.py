"""Rules: what checking real feeds against fifty of them costs the collector, and what it adds to an
alert's way."""

from statistics import median

from .programs import RULES
from .tables import number, spread, table, verdict

GOAL_CORE_PERCENT = 25
GOAL_LATENCY_US = 50

DEVICES = 10_000
COUNT = 50
READINGS = 52  # Series of bench-load: bench_metric_N_bytes, four parts each.
ALERTS_EVERY = 100
NONE, ALL = "CPU_HIGH, MEMORY_HIGH", f"and {COUNT} more"


class Rules:
    """Runs the same feeds with and without the rules, in turn."""

    def __init__(self, bench, rounds, quick):
        self.bench, self.rounds = bench, rounds
        self.seconds = 10 if quick else 30
        self.results = {NONE: [], ALL: []}

    def run(self):
        for _ in range(self.rounds):
            for name, rules in ((NONE, RULES), (ALL, f"{RULES}\n{_more_rules()}")):
                with self.bench.collector(rules) as server:
                    self.results[name].append(self.bench.client(
                        "bench-load", server, devices=DEVICES, rate=1, readings=READINGS,
                        alerts_every=ALERTS_EVERY, warmup="5s", duration=f"{self.seconds}s"))

    def table(self):
        rows = [[name, spread([_core_percent(one) for one in results]),
                 *[number(median(one[f"round_trip_{quantile}_us"] for one in results))
                   for quantile in ("p50", "p99")],
                 number(median(one["payloads_per_second"] for one in results))]
                for name, results in self.results.items()]
        header = ["rules", "% of a core", "alert p50 µs", "alert p99 µs", "payloads/s"]
        return table(header, rows)

    def goals(self):
        cost = self._more(_core_percent)
        delay = self._more(lambda one: one["round_trip_p99_us"])
        return table(["goal", "measured", ""], [
            [f"{DEVICES:,} devices × {COUNT} rules at 1 Hz ≤ {GOAL_CORE_PERCENT} % of a core",
             f"{number(cost)} % more", verdict(cost <= GOAL_CORE_PERCENT)],
            [f"evaluation adds ≤ {GOAL_LATENCY_US} µs at p99 to an alert",
             f"{number(delay)} µs more", verdict(delay <= GOAL_LATENCY_US)]])

    def _more(self, figure):
        without, with_all = [median(figure(one) for one in results)
                             for results in self.results.values()]
        return with_all - without


def _core_percent(result):
    return result["server_cpu_us"] / result["seconds"] / 1e4


def _more_rules():
    """A ladder of two levels for each series, one of six over a window. What moves stays below."""
    return "\n".join(
        f"  - {{name: RULE_{i}, metric: bench_metric_{i // 4}_bytes, labels: {{part: '{i % 4}'}}, "
        f"{'function: avg, window: 30s, ' if i % 6 == 5 else ''}"
        f"levels: [{{severity: warning, above: {i * 10**6 + 10**5}}}, "
        f"{{severity: critical, above: {i * 10**6 + 2 * 10**5}, for: 5s}}]}}"
        for i in range(COUNT))
