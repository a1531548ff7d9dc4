"""Devices that misbehave: what the alerts of the others notice of them. All have good certificates, and the
collector its ordinary limits."""

import contextlib
import json
import time
from statistics import median

from .programs import tls_section
from .tables import number, spread, table, verdict

GOAL_RATIO = 2
HONEST, HOSTILE = 200, 55  # Five of each misdeed.
ALERTS_EVERY = 2
WITHOUT, WITH = "200 devices", f"… and {HOSTILE} that misbehave"
CONNECT_S, WARMUP_S = 3, 12  # The others begin in between, and have used up by then what they may at once.


class Hostile:
    """Measures the same feeds of a collector without and then with the others."""

    def __init__(self, bench, rounds, quick):
        self.bench, self.rounds = bench, rounds
        self.seconds = 15 if quick else 60
        self.results = {WITHOUT: [], WITH: []}
        self.misdeeds = []

    def run(self):
        for _ in range(self.rounds):
            with self.bench.certificates(devices=HONEST, hostile=HOSTILE) as certificates, \
                    self.bench.collector(tls=tls_section(certificates), limits="") as server:
                options = {"devices": HONEST, "rate": 1, "alerts_every": ALERTS_EVERY, "certificates": certificates,
                           "warmup": f"{WARMUP_S}s", "duration": f"{self.seconds}s"}
                self.results[WITHOUT].append(self.bench.client("bench-load", server, **options))
                honest = self.bench.start_client("bench-load", server, **options)
                time.sleep(CONNECT_S)
                with self._misbehaving(server, certificates):
                    self.results[WITH].append(self.bench.result_of(honest, "bench-load"))

    @contextlib.contextmanager
    def _misbehaving(self, server, certificates):
        process = self.bench.start("bench-hostile", target=server.target, devices=HOSTILE, certificates=certificates)
        try:
            yield
        finally:
            process.terminate()
            output, _ = process.communicate(timeout=60)
        self.misdeeds.append(json.loads(output))

    def table(self):
        rows = [[name, *[spread([one[f"round_trip_{quantile}_us"] for one in results])
                         for quantile in ("p50", "p99", "max")],
                 spread([one["server_cpu_us"] / one["seconds"] / 1e4 for one in results]),
                 number(median(one["payloads_per_second"] for one in results)),
                 str(sum(sum(one["errors"].values()) for one in results))]
                for name, results in self.results.items()]
        return table(["feeds at 1/s", "alert p50 µs", "alert p99 µs", "alert max µs", "collector % of a core",
                      "payloads/s", "errors"], rows)

    def misdeeds_table(self):
        return table(["misdeed", "rounds of five devices"],
                     [[name, spread([each[name] for each in self.misdeeds])] for name in self.misdeeds[0]])

    def goals(self):
        without, with_them = [median(one["round_trip_p99_us"] for one in results)
                              for results in self.results.values()]
        ratio = with_them / without
        errors = sum(sum(one["errors"].values()) for one in self.results[WITH])
        return table(["goal", "measured", ""], [
            [f"p99 of an alert ≤ {GOAL_RATIO} × what it is without them", number(ratio), verdict(ratio <= GOAL_RATIO)],
            ["no feed of the others ends", f"{errors} ended", verdict(errors == 0)]])
