"""The history: what it keeps and writes, and how fast it takes a backlog."""

from .tables import number, table, verdict

GOAL_STORED = 1.3
GOAL_AMPLIFICATION = 3
GOAL_DRAIN = 50_000

# Over the turn of an hour, so that minutes are made.
FLEETS = (1000, 10000)
DURATION = {False: "70m", True: "12m"}
START = {False: "0m", True: "54m"}
DRAINING_DEVICES = 100


class History:
    """Runs bench-history for each fleet, and bench-load as devices that were offline."""

    def __init__(self, bench, quick):
        self.bench, self.quick = bench, quick
        self.fleets, self.drain = [], None

    def run(self):
        for devices in FLEETS:
            self.fleets.append(self.bench.on_disk(
                "bench-history", devices=devices, duration=DURATION[self.quick],
                start=START[self.quick]))
        with self.bench.server("collector") as server:
            self.drain = self.bench.client(
                "bench-load", server, devices=DRAINING_DEVICES, rate=0, readings=8, backlog=256,
                alerts_every=0, duration="10s" if self.quick else "30s")

    def bytes_table(self):
        header = ["devices × 1/s", "kept, raw", "kept, all", "log", "partitions' WAL", "partitions",
                  "minutes, hours", "meta.db", "written", "÷ kept", "in pages", "÷ kept"]
        keys = ["stored_raw", "stored", "written_log", "written_partition_wal",
                "written_partition", "written_tier", "written_meta", "written"]
        rows = [[f"{fleet['devices']:,}",
                 *[f"{fleet[f'{key}_bytes_per_value']:.2f}" for key in keys],
                 f"{fleet['write_amplification']:.2f}", f"{fleet['device_bytes_per_value']:.2f}",
                 f"{fleet['device_write_amplification']:.2f}"] for fleet in self.fleets]
        return table(header, rows)

    def speed_table(self):
        rows = [[f"CPU µs per sample, {fleet['devices']:,} devices",
                 number(fleet["cpu_us_per_sample"])] for fleet in self.fleets]
        rows += [[f"CPU s to open after a crash, {fleet['devices']:,} devices",
                  number(fleet["reopen_cpu_seconds"])] for fleet in self.fleets]
        rows.append(["samples/s of a backlog over gRPC", number(self._drained())])
        rows.append(["CPU µs per sample of it, all of the collector", number(
            self.drain["server_cpu_us"] / self._drained() / self.drain["seconds"])])
        return table(["what", "measured"], rows)

    def goals(self):
        rows = []
        for fleet in self.fleets:
            name = f"{fleet['devices']:,} devices"
            for goal, key in ((GOAL_STORED, "stored_raw_bytes_per_value"),
                              (GOAL_AMPLIFICATION, "write_amplification")):
                rows.append([f"{key.replace('_', ' ')} ≤ {goal}, {name}", f"{fleet[key]:.2f}",
                             verdict(fleet[key] <= goal)])
        rows.append([f"backlog ≥ {GOAL_DRAIN:,} samples/s", number(self._drained()),
                     verdict(self._drained() >= GOAL_DRAIN)])
        return table(["goal", "measured", ""], rows)

    def _drained(self):
        return self.drain["stored_samples_per_second"]
