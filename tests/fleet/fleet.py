"""Real agents, each with a certificate, a configuration and a state of its own."""

import re
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

CONFIG = """\
service_name: {name}
collector: {{address: "127.0.0.1:{port}"}}
tls: {{ca: ca.pem, cert: agent.pem, key: agent.key}}
sample_interval: {interval}s
state_dir: state
crash_dumps: {{systemd_directory: ''}}
log: {{level: info}}
"""
_STOPPED = re.compile(r"stopped: (\d+) samples taken, (\d+) found on disk, (\d+) delivered, (\d+) dropped, (\d+) left")


@dataclass
class Totals:
    """What an agent says at its end."""

    taken: int
    found: int
    delivered: int
    dropped: int
    left: int


class Device:
    def __init__(self, program, folder, name):
        self._program, self.folder, self.name = program, folder, name
        self._log = folder / "agent.log"
        folder.mkdir()

    def start(self, port, interval):
        (self.folder / "agent.yaml").write_text(
            CONFIG.format(name=self.name, port=port, interval=interval), encoding="utf-8")
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen([self._program, "--config", "agent.yaml"], cwd=self.folder,
                                             stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    @property
    def pid(self):
        return self._process.pid

    def is_running(self):
        return self._process.poll() is None

    def log(self):
        return self._log.read_text(encoding="utf-8", errors="replace")

    def stop(self):
        if self.is_running():
            self._process.send_signal(signal.SIGTERM)

    def totals(self, within_s):
        """After stop(); nothing if it did not end well."""
        try:
            code = self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            return None
        found = _STOPPED.search(self.log())
        return Totals(*map(int, found.groups())) if code == 0 and found else None

    def kill(self):
        self._process.kill()
        self._process.wait()


def memory_kib(pid, field):
    """RssAnon: what only this process has; VmRSS: with the program's text."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    raise RuntimeError(f"no {field} of process {pid}")


def open_files(pid):
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))
