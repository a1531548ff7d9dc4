"""The collector that all devices feed, restarted and killed, and what it has stored at the end."""

import contextlib
import json
import socket
import subprocess
import time

CONFIG = """\
listen: 127.0.0.1:{port}
http: {{listen: 127.0.0.1:0}}
data_dir: data
tls: {{cert: collector.pem, key: collector.key, client_ca: ca.pem, crl: crl.pem}}
log: {{level: info}}
"""
PATIENCE_S = 60


class Collector:
    def __init__(self, programs, folder, port):
        self._programs, self.folder, self.port = programs, folder, port
        self.lives = 0
        self.unexpected_ends = 0

    def start(self):
        (self.folder / "collector.yaml").write_text(CONFIG.format(port=self.port), encoding="utf-8")
        self.lives += 1
        with open(self.folder / "collector.log", "ab") as log:
            self._process = subprocess.Popen([self._programs / "edgefeed-collector", "--config", "collector.yaml"],
                                             cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._await_listening()

    def _await_listening(self):
        """Its files may be broken now: it has read them."""
        end = time.monotonic() + PATIENCE_S
        while self.is_running() and time.monotonic() < end:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.1)
        raise RuntimeError(f"the collector does not start: {self.folder / 'collector.log'}")

    @property
    def pid(self):
        return self._process.pid

    def is_running(self):
        return self._process.poll() is None

    def terminate(self):
        """Returns its exit status."""
        self._process.terminate()
        return self._process.wait(PATIENCE_S)

    def kill(self):
        self._process.kill()
        self._process.wait()

    def devices(self):
        """How many of the fleet are connected: {True: …, False: …}."""
        counts = {True: 0, False: 0}
        for line in self.ask("--json", "devices").splitlines():
            counts[json.loads(line).get("connected", False)] += 1
        return counts

    def stored(self, device):
        """The number that each stored sample of a device has, oldest first: 0, 1, 2 …"""
        text = self.ask("history", device, "--metric", "agent_samples_collected_total", "--from", "-1d", "--step", "0s")
        return [int(float(line.split()[1])) for line in text.splitlines() if line and line[0] != "#"]

    def ask(self, *arguments):
        """What edgefeedctl prints. Raises an exception that says why it failed."""
        asked = subprocess.run(
            [self._programs / "edgefeedctl", "--collector", f"127.0.0.1:{self.port}", "--ca", "ca.pem",
             "--cert", "me.pem", "--key", "me.key", *arguments],
            cwd=self.folder / "operator", capture_output=True, text=True, check=False)
        if asked.returncode != 0:
            raise RuntimeError(f"edgefeedctl {' '.join(arguments)}: {asked.stderr.strip()}")
        return asked.stdout
