"""Agents to be measured side by side: each started as its users start it, with a second's interval
and what the others read too, and a receiver of what it sends."""

import contextlib
import gzip
import http.client
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .certificates import make_certificates

PATIENCE_S = 30

AGENT_CONFIG = """\
service_name: board
collector: {{address: "127.0.0.1:50051"}}
tls: {{ca: ca.pem, cert: agent.pem, key: agent.key}}
sample_interval: {interval}
state_dir: state
outbox: {{sync_every: {sync_every}}}
log: {{level: warning}}
"""

COLLECTOR_CONFIG = """\
listen: 127.0.0.1:50051
http: {listen: 127.0.0.1:0}
data_dir: data
tls: {cert: collector.pem, key: collector.key, client_ca: ca.pem}
log: {level: warning}
"""

COLLECTD_CONFIG = """\
Interval 1
FQDNLookup false
Hostname "board"
BaseDir "{folder}"
PIDFile "{folder}/collectd.pid"
TypesDB "/usr/share/collectd/types.db"
{plugins}
<Plugin network>
  Server "127.0.0.1" "25826"
</Plugin>
"""
COLLECTD_PLUGINS = ("cpu", "memory", "load", "df", "disk", "interface", "thermal", "processes", "swap",
                    "vmem", "contextswitch", "uptime", "fhcount", "network")

# Everything but the kernel's numbers is off: no health checks, no machine learning, no page, nothing
# kept on disk.
NETDATA_CONFIG = """\
[directories]
  config = {folder}
  cache = {folder}/cache
  lib = {folder}/lib
  log = {folder}/log
[global]
  run as user = root
[db]
  mode = {mode}
[web]
  default port = {port}
  bind to = 127.0.0.1
[logs]
  error = none
  access = none
[health]
  enabled = no
[ml]
  enabled = no
[statsd]
  enabled = no
[plugins]
  apps = no
  cgroups = no
  tc = no
  idlejitter = no
  python.d = no
  charts.d = no
  go.d = no
  node.d = no
  perf = no
  ioping = no
  slabinfo = no
  ebpf = no
  timex = no
  {plugins}
"""
NETDATA_KEY = "11111111-2222-3333-4444-555555555555"
NETDATA_SENDS = """\
[stream]
  enabled = yes
  destination = 127.0.0.1:19997
  api key = {key}
"""
NETDATA_RECEIVES = """\
[{key}]
  enabled = yes
"""


@dataclass
class Running:
    """A subject that runs."""

    pid: int
    values: Callable[[], float]  # How many it sends a second; asked after the measurement.
    first_sample_ms: float | None = None  # After its start.


class Agent:
    """Our agent with all its metrics, mTLS, and a real collector."""

    def __init__(self, name, program, tools, interval="1s", sync_every="1m"):
        self.name, self.program, self.tools = name, program, tools
        self.config = AGENT_CONFIG.format(interval=interval, sync_every=sync_every)

    @contextlib.contextmanager
    def running(self, network, folder):
        make_certificates(folder)
        Path(folder, "collector.yaml").write_text(COLLECTOR_CONFIG, encoding="utf-8")
        Path(folder, "agent.yaml").write_text(self.config, encoding="utf-8")
        collector = _program(network, [f"{self.tools}/edgefeed-collector", "--config", "collector.yaml"], folder)
        agent = _program(network, [self.program, "--config", "agent.yaml"], folder)
        with collector:
            started_ms = time.time() * 1000
            with agent as pid:
                first = _await(lambda: self._snapshot(network, folder), f"a sample of {self.name}")
                yield Running(pid, lambda: len(self._snapshot(network, folder)["readings"]) + 2,
                              first_sample_ms=int(first["timestamp_ms"]) - started_ms)

    def _snapshot(self, network, folder):
        result = subprocess.run(
            network.command(f"{self.tools}/edgefeedctl", "--collector", "127.0.0.1:50051", "--ca", "ca.pem",
                            "--cert", "agent.pem", "--key", "agent.key", "--json", "snapshot", "board"),
            cwd=folder, capture_output=True, text=True, check=False)
        return json.loads(result.stdout) if result.returncode == 0 else None


class NodeExporter:
    """prometheus-node-exporter with the collectors that are on by default, scraped each second as
    Prometheus does: one connection, gzip."""

    name = "prometheus-node-exporter"

    @contextlib.contextmanager
    def running(self, network, folder):
        command = ["/usr/bin/prometheus-node-exporter", "--web.listen-address=127.0.0.1:9100", "--no-collector.systemd"]
        with _program(network, command, folder) as pid:
            scraper = _Scraper(network, 9100)
            _await(lambda: scraper.values, "an answer of prometheus-node-exporter")
            with contextlib.closing(scraper):
                yield Running(pid, lambda: scraper.values)


class Collectd:
    """collectd with the plugins that read what the others read, and its network plugin."""

    name = "collectd"

    @contextlib.contextmanager
    def running(self, network, folder):
        config = Path(folder, "collectd.conf")
        config.write_text(COLLECTD_CONFIG.format(
            folder=folder, plugins="\n".join(f"LoadPlugin {name}" for name in COLLECTD_PLUGINS)), encoding="utf-8")
        with contextlib.closing(_CollectdReceiver(network)) as receiver, \
                _program(network, ["/usr/sbin/collectd", "-f", "-C", str(config)], folder) as pid:
            yield Running(pid, receiver.values_per_second)


class Netdata:
    """netdata that reads the kernel's numbers, keeps them in memory and streams them to a parent."""

    name = "netdata"

    @contextlib.contextmanager
    def running(self, network, folder):
        parent = self._configure(Path(folder, "parent"), 19997, NETDATA_RECEIVES, "proc = no\n  diskspace = no")
        child = self._configure(Path(folder, "child"), 19998, NETDATA_SENDS, "proc = yes\n  diskspace = yes")
        with self._start(network, parent), self._start(network, child) as pid:
            metrics = _Json(network, 19998, "/api/v1/allmetrics?format=json")
            _await(metrics.get, "an answer of netdata")
            yield Running(pid, lambda: sum(len(chart["dimensions"]) for chart in metrics.get().values()))

    @staticmethod
    def _configure(folder, port, stream, plugins):
        for name in ("cache", "lib", "log"):
            (folder / name).mkdir(parents=True)
        (folder / "netdata.conf").write_text(
            NETDATA_CONFIG.format(folder=folder, port=port, mode="alloc", plugins=plugins), encoding="utf-8")
        (folder / "stream.conf").write_text(stream.format(key=NETDATA_KEY), encoding="utf-8")
        return folder

    @staticmethod
    def _start(network, folder):
        return _program(network, ["/usr/sbin/netdata", "-D", "-c", f"{folder}/netdata.conf",
                                  "-P", f"{folder}/netdata.pid"], folder)


class _Scraper:
    """Gets /metrics each second, and counts its values."""

    def __init__(self, network, port):
        self.values = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(network, port))
        self._thread.start()

    def _run(self, network, port):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while not self._end.wait(1):
            with network.entered(), contextlib.suppress(ConnectionRefusedError):
                connection.request("GET", "/metrics", headers={"Accept-Encoding": "gzip"})
                text = gzip.decompress(connection.getresponse().read()).decode()
                self.values = sum(1 for line in text.splitlines() if line and line[0] != "#")

    def close(self):
        self._end.set()
        self._thread.join()


class _CollectdReceiver:
    """Counts values in the packets of collectd's network plugin (its binary protocol)."""

    VALUES_PART = 0x0006

    def __init__(self, network):
        with network.entered():
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 25826))
        self._socket.settimeout(1)
        self._count, self._since, self._end = 0, time.monotonic(), threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def values_per_second(self):
        return self._count / (time.monotonic() - self._since)

    def _run(self):
        while not self._end.is_set():
            with contextlib.suppress(TimeoutError):
                packet = self._socket.recv(65536)
                while len(packet) >= 4:
                    kind, length = struct.unpack_from("!HH", packet)
                    if kind == self.VALUES_PART:
                        self._count += struct.unpack_from("!H", packet, 4)[0]
                    packet = packet[max(length, 4):]

    def close(self):
        self._end.set()
        self._thread.join()
        self._socket.close()


class _Json:
    def __init__(self, network, port, path):
        self._network, self._port, self._path = network, port, path

    def get(self):
        with self._network.entered(), contextlib.suppress(ConnectionRefusedError):
            connection = http.client.HTTPConnection("127.0.0.1", self._port)
            connection.request("GET", self._path)
            return json.loads(re.sub(rb"\bnan\b", b"null", connection.getresponse().read()))
        return None


def missing_peers():
    """Names of programs that bench/footprint compares with and that are not installed."""
    return [name for name in ("prometheus-node-exporter", "collectd", "netdata")
            if not shutil.which(name, path="/usr/bin:/usr/sbin")]


@contextlib.contextmanager
def _program(network, command, folder):
    """`ip netns exec` becomes the program, so that its process is the program's. Its log stays in
    memory: what a program writes to disk is measured."""
    with open(os.memfd_create("log"), "w+b") as log:
        process = subprocess.Popen(network.command(*map(str, command)), cwd=folder, stdout=log, stderr=log)
        try:
            yield process.pid
            if process.poll() is not None:
                raise RuntimeError(f"{command[0]} ended with status {process.returncode}")
        except RuntimeError:
            log.seek(0)
            sys.stderr.write(log.read().decode(errors="replace"))
            raise
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await(look, what):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise RuntimeError(f"no {what} in {PATIENCE_S} s")
