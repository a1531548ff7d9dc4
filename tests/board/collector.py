"""The collector of this host that the board feeds, and what it has stored of it."""

import contextlib
import datetime
import json
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

CONFIG = """\
listen: 127.0.0.1:{port}
http: {{listen: 127.0.0.1:0}}
data_dir: data
tls: {{cert: collector.pem, key: collector.key, client_ca: ca.pem}}
"""


@dataclass
class Stored:
    """One sample: its time, seconds since 1970, and how many the agent had then taken since its start."""

    time: float
    number: int


class Collector:
    def __init__(self, programs, folder):
        self._programs, self._folder = programs, folder
        self.port = _free_port()

    @contextlib.contextmanager
    def running(self):
        Path(self._folder, "collector.yaml").write_text(CONFIG.format(port=self.port), encoding="utf-8")
        with open(self._folder / "collector.log", "w", encoding="utf-8") as log:
            process = subprocess.Popen([self._programs / "edgefeed-collector", "--config", "collector.yaml"],
                                       cwd=self._folder, stderr=log)
            try:
                yield
            finally:
                process.terminate()
                process.wait()

    def stored(self):
        """All samples of the board, oldest first."""
        text = self._ask("history", "board", "--metric", "agent_samples_collected_total", "--from", "0", "--step", "0s")
        lines = [line.split() for line in text.splitlines() if line and line[0] != "#"]
        return [Stored(datetime.datetime.fromisoformat(time).timestamp(), int(float(value))) for time, value in lines]

    def snapshot(self):
        text = self._ask("--json", "snapshot", "board")
        return json.loads(text) if text else None

    def _ask(self, *arguments):
        """What edgefeedctl prints; nothing while it fails."""
        return subprocess.run(
            [self._programs / "edgefeedctl", "--collector", f"127.0.0.1:{self.port}", "--ca", "ca.pem",
             "--cert", "agent.pem", "--key", "agent.key", *arguments],
            cwd=self._folder, capture_output=True, text=True, check=False).stdout


def _free_port():
    with socket.socket() as each:
        each.bind(("127.0.0.1", 0))
        return each.getsockname()[1]
