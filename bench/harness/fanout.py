"""One device read by a thousand clients: subscriptions against polls."""

from dataclasses import dataclass
from statistics import median

from .tables import number, spread, table

READERS = 1000
# Ethernet, IP and TCP headers with timestamps: what a segment costs beside its payload.
SEGMENT_OVERHEAD_BYTES = 66


@dataclass(frozen=True)
class Case:
    label: str
    server: str
    mode: str


CASES = [
    Case("Subscribe, collector", "collector", "subscribe"),
    Case("Subscribe, floor", "floor", "subscribe"),
    Case("GetSnapshot once a second, collector", "collector", "poll-grpc"),
    Case("GetSnapshot once a second, floor", "floor", "poll-grpc"),
    Case("JSON once a second, bench-json (lean HTTP/1.1 server)", "json", "poll-http"),
]


class FanOut:
    """`period_s`: how often the device samples."""

    def __init__(self, bench, rounds, quick, period_s):
        self.bench, self.rounds, self.period_s = bench, rounds, period_s
        # Whole periods, so that each window holds as many updates.
        self.seconds = 5 if quick and period_s == 1 else 20
        self.results = {}

    def run(self):
        for _ in range(self.rounds):
            for case in CASES:
                self.results.setdefault(case, []).append(self._run(case))

    def _run(self, case):
        with self.bench.server(case.server) as server:
            if case.server == "json":
                return self._read(server, case)
            with self.bench.feed(server, 1 / self.period_s):
                return self._read(server, case)

    def _read(self, server, case):
        # The floor has no device to follow: its subscribers ask for the device's own pace.
        interval_s = self.period_s if (case.server, case.mode) == ("floor", "subscribe") else 1
        return self.bench.client(
            "bench-readers", server, mode=case.mode, readers=READERS, interval=f"{interval_s}s",
            duration=f"{self.seconds}s")

    def table(self):
        json_case = next(case for case in CASES if case.server == "json")
        base_cpu, base_wire = self._median(json_case, _cpu), self._median(json_case, _wire)
        rows = []
        for case, results in self.results.items():
            rows.append([
                case.label, number(self._median(case, _updates)),
                spread([_cpu(result) for result in results]), number(self._median(case, _wire)),
                number(self._median(case, _segments)), number(self._median(case, _ethernet)),
                number(self._median(case, _cpu) / base_cpu),
                number(self._median(case, _wire) / base_wire), str(_errors(results))])
        header = ["readers", "updates/s", "server CPU %", "TCP payload B/s per reader",
                  "segments/s per reader", "≈ B/s per reader on Ethernet", "CPU ÷ lean JSON",
                  "bytes ÷ lean JSON", "errors"]
        return table(header, rows)

    def _median(self, case, figure):
        return median(figure(result) for result in self.results[case])


def _updates(result):
    return result["updates"] / result["seconds"]


def _cpu(result):
    return result["server_cpu_us"] / 1e6 / result["seconds"] * 100


def _wire(result):
    return (result["wire_bytes_in"] + result["wire_bytes_out"]) / result["seconds"] / READERS


def _segments(result):
    return result["wire_segments"] / result["seconds"] / READERS


def _ethernet(result):
    return _wire(result) + SEGMENT_OVERHEAD_BYTES * _segments(result)


def _errors(results):
    return sum(sum(result["errors"].values()) for result in results)
