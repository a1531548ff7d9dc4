"""What TLS costs: a payload, a connection, a device that is connected; the collector and the client."""

import contextlib
from dataclasses import dataclass
from statistics import median

from .tables import number, spread, table
from .programs import tls_section

DEVICES = 1000
PLAIN, TLS, MTLS = "plaintext", "TLS", "mTLS"


@dataclass(frozen=True)
class Load:
    label: str
    devices: int
    rate: float


LOADS = [Load("1,000 × 1/s", 1000, 1), Load("100 × saturation", 100, 0)]
IDLE = Load("1,000 × 0.1/s", DEVICES, 0.1)


@dataclass(frozen=True)
class Handshake:
    label: str
    algorithm: str = ""  # Of both sides' keys; empty: plaintext.
    resume: bool = False


HANDSHAKES = [
    Handshake("plaintext"),
    Handshake("mTLS, P-256", "p256"),
    Handshake("mTLS, P-256, resumed", "p256", resume=True),
    Handshake("mTLS, Ed25519", "ed25519"),
    Handshake("mTLS, RSA 2048", "rsa2048"),
]


class Mtls:
    """Runs the same load without TLS, with the collector's certificate only and with both sides', in
    turn."""

    def __init__(self, bench, rounds, quick):
        self.bench, self.rounds = bench, rounds
        self.seconds = 5 if quick else 15
        self.connections = 200 if quick else 1000
        self.loads = {(load, mode): [] for load in [*LOADS, IDLE] for mode in (PLAIN, TLS, MTLS)}
        self.handshakes = {handshake: [] for handshake in HANDSHAKES}

    def run(self):
        for _ in range(self.rounds):
            with self.bench.certificates(devices=DEVICES) as certificates:
                for load, mode in self.loads:
                    self.loads[load, mode].append(self._load(load, mode, certificates))
            for handshake in HANDSHAKES:
                self.handshakes[handshake].append(self._connect(handshake))

    def _load(self, load, mode, certificates):
        tls = "" if mode == PLAIN else tls_section(certificates, mutual=mode == MTLS)
        client = {PLAIN: {}, TLS: {"ca": f"{certificates}/ca.pem"}, MTLS: {"certificates": certificates}}[mode]
        seconds = 10 if load is IDLE else self.seconds
        with self.bench.collector(tls=tls) as server:
            return self.bench.client("bench-load", server, devices=load.devices, rate=load.rate, alerts_every=10,
                                     duration=f"{seconds}s", **client)

    def _connect(self, handshake):
        with contextlib.ExitStack() as stack:
            tls, options = "", {}
            if handshake.algorithm:
                certificates = stack.enter_context(self.bench.certificates(algorithm=handshake.algorithm))
                tls, options = tls_section(certificates), {"certificates": certificates}
            if handshake.resume:
                options["resume"] = True
            server = stack.enter_context(self.bench.collector(tls=tls))
            return self.bench.client("bench-handshakes", server, count=self.connections, **options)

    def payload_table(self):
        rows = []
        for load in LOADS:
            for mode in (PLAIN, TLS, MTLS):
                results = self.loads[load, mode]
                rows.append([load.label, mode,
                             *[spread([_ns_per_payload(one, side) for one in results])
                               for side in ("server", "client")],
                             number(median(one["payloads_per_second"] for one in results)),
                             number(median(one["round_trip_p99_us"] for one in results))])
        return table(["devices × rate", "connection", "collector ns/payload", "client ns/payload", "payloads/s",
                      "alert p99 µs"], rows)

    def handshake_table(self):
        plain = [median(_ms_per_connection(one, side) for one in self.handshakes[HANDSHAKES[0]])
                 for side in ("server", "client")]
        rows = []
        for handshake, results in self.handshakes.items():
            cost = [median(_ms_per_connection(one, side) for one in results) for side in ("server", "client")]
            more = [each - base for each, base in zip(cost, plain)]
            a_second = number(1000 / more[0]) if handshake.algorithm else "–"
            share = median(one["resumed"] / one["connections"] for one in results)
            rows.append([handshake.label, *map(number, cost), *map(number, more), a_second,
                         f"{share:.0%}" if handshake.resume else "–"])
        return table(["connection", "collector CPU ms", "client CPU ms", "… TLS alone, collector", "… client",
                      "handshakes/s of a core of the collector", "resumed"], rows)

    def memory_table(self):
        kib = {mode: [_kib_per_device(one) for one in self.loads[IDLE, mode]] for mode in (PLAIN, TLS, MTLS)}
        rows = [[mode, spread(values), number(median(values) - median(kib[PLAIN]))] for mode, values in kib.items()]
        return table(["connection", f"collector KiB/device, {IDLE.label}", "more than plaintext"], rows)


def _ns_per_payload(result, side):
    return result[f"{side}_cpu_us"] * 1000 / result["payloads"]


def _ms_per_connection(result, side):
    return result[f"{side}_cpu_us"] / 1000 / result["connections"]


def _kib_per_device(result):
    return (result["server_rss_after_bytes"] - result["server_rss_before_bytes"]) / 1024 / result["connected"]
