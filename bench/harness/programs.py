"""Starts the servers and runs the clients; ends what it started, and nothing else."""

import contextlib
import json
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

START_TIMEOUT_S = 30
STOP_TIMEOUT_S = 10

COLLECTOR_CONFIG = """\
listen: 127.0.0.1:{port}
http: {{listen: "127.0.0.1:{http_port}"}}
data_dir: {data_dir}
rules:
{rules}
{limits}
log: {{level: warning}}
{tls}
"""
# What a test machine sends is no flood.
OPEN_LIMITS = """\
limits: {connections_per_second: 100000, connections_per_second_and_address: 100000, feed_rate: 1GiB,
  calls_per_second_and_device: 100000}
uploads: {max_file_size: 4GiB, device_quota: 4GiB, device_rate: 4GiB}"""
RULES = """\
  - {name: CPU_HIGH, metric: cpu_usage, above: 90, repeat_interval: 0s}
  - {name: MEMORY_HIGH, metric: memory_mb, above: 4096}"""


def progress(text):
    print(text, file=sys.stderr, flush=True)


class Server:
    """A server that runs: where it listens and which process it is."""

    def __init__(self, process, port):
        self.pid = process.pid
        self.target = f"127.0.0.1:{port}"


class Bench:
    """The programs in one folder. Remembers each different command that it ran."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.commands = []

    def client(self, program, server, **options):
        """Runs a client to its end and returns the JSON object that it printed."""
        return self.result_of(self.start_client(program, server, **options), program)

    @staticmethod
    def result_of(process, program):
        """Of a client that was started, when it has ended."""
        output, _ = process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"{program} failed with status {process.returncode}")
        return json.loads(output)

    def on_disk(self, program, **options):
        """Runs a program that needs a new directory, and returns the JSON object that it printed."""
        with tempfile.TemporaryDirectory(prefix="edgefeed-bench-") as folder:
            arguments = ["--directory", f"{folder}/data", *_as_arguments(options)]
            return self.result_of(
                self._start([str(self.folder / program), *arguments], stdout=subprocess.PIPE), program)

    def start_client(self, program, server, **options):
        return self.start(program, target=server.target, server_pid=server.pid, **options)

    def start(self, program, **options):
        """A program that prints a JSON object at its end."""
        return self._start([str(self.folder / program), *_as_arguments(options)], stdout=subprocess.PIPE)

    @contextlib.contextmanager
    def feed(self, server, rate):
        """One device that sends while the block runs."""
        process = self.start_client("bench-load", server, rate=rate, warmup="100ms", duration="1h")
        try:
            time.sleep(1)  # The first payload goes out within milliseconds; readers come after it.
            yield
        finally:
            _stop(process)

    @contextlib.contextmanager
    def server(self, name):
        """`name`: collector, floor or json."""
        with self.collector() if name == "collector" else self._simple(name) as server:
            yield server

    @contextlib.contextmanager
    def _simple(self, name):
        process = self._start([str(self.folder / f"bench-{name}")], stdout=subprocess.PIPE)
        try:
            yield Server(process, json.loads(process.stdout.readline())["port"])
        finally:
            _stop(process)

    @contextlib.contextmanager
    def certificates(self, **options):
        """A directory with what bench-certificates makes."""
        with tempfile.TemporaryDirectory(prefix="edgefeed-bench-") as folder:
            process = self._start([str(self.folder / "bench-certificates"), "--directory", folder,
                                   *_as_arguments(options)])
            if process.wait() != 0:
                raise RuntimeError("bench-certificates failed")
            yield folder

    @contextlib.contextmanager
    def collector(self, rules=RULES, tls="", limits=OPEN_LIMITS):
        """`rules`: the items of that list, `tls` and `limits` these sections, in YAML."""
        with tempfile.TemporaryDirectory(prefix="edgefeed-bench-") as folder:
            port, http_port = _free_ports(2)
            config = Path(folder, "collector.yaml")
            config.write_text(
                COLLECTOR_CONFIG.format(port=port, http_port=http_port, data_dir=f"{folder}/data",
                                        rules=rules, tls=tls, limits=limits),
                encoding="utf-8",
            )
            process = self._start([str(self.folder / "edgefeed-collector"), "--config", str(config)], stdout=sys.stderr)
            try:
                _wait_for_port(process, port)
                _wait_for_port(process, http_port)
                yield Server(process, port)
            finally:
                _stop(process)

    def _start(self, command, **options):
        progress("$ " + " ".join(command))
        shown = _generalised(command)
        if shown not in self.commands:
            self.commands.append(shown)
        return subprocess.Popen(command, text=True, **options)


def _as_arguments(options):
    """A value of True is a flag."""
    return [text for name, value in options.items()
            for text in (f"--{name.replace('_', '-')}", str(value)) if text != "True"]


def tls_section(certificates, mutual=True):
    """Of collector.yaml, from a directory of bench-certificates."""
    client_ca = f", client_ca: {certificates}/ca.pem" if mutual else ""
    return f"tls: {{cert: {certificates}/collector.pem, key: {certificates}/key.pem{client_ca}}}"


def _generalised(command):
    text = " ".join([Path(command[0]).name, *command[1:]])
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
    text = re.sub(r"--floor \S+", "--floor FLOOR", text)
    text = re.sub(r"--certificates \S+", "--certificates CERTIFICATES", text)
    text = re.sub(r"--ca \S+", "--ca CERTIFICATES/ca.pem", text)
    text = re.sub(r"--directory \S+", "--directory NEW", text)
    text = re.sub(r"--server-pid \d+", "--server-pid PID", text)
    return re.sub(r"--config \S+", "--config collector.yaml", text)


def _stop(process):
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()


def _free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _wait_for_port(process, port):
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.02)
    raise RuntimeError(f"the server did not listen on port {port}")
