"""The fleet's certificates, made as its operator makes them: edgefeedctl ca."""

import os
import shutil
import subprocess
from pathlib import Path


class Authority:
    def __init__(self, programs, folder):
        self._ctl, self.folder = programs / "edgefeedctl", folder
        folder.mkdir()
        self._ca("init")
        # What its parties get as ca.pem and crl.pem.
        self.believed = {name: (folder / "ca" / name).read_bytes() for name in ("ca.pem", "crl.pem")}

    def believe_also(self, other):
        for name, content in other.believed.items():
            self.believed[name] += content

    def issue(self, kind, name, into):
        """Files of a new party, over those that are there: each whole, the key first."""
        made = self.folder / f"{kind}-{name}"
        self._ca("issue", kind, name, "--out", str(made))
        for file in sorted(made.iterdir(), key=lambda path: path.suffix != ".key"):
            put(into / file.name, self.believed.get(file.name) or file.read_bytes())
        shutil.rmtree(made)

    def renew(self, kind, name, into):
        """A new certificate for the key that is there."""
        made = self.folder / f"renewed-{name}"
        self._ca("renew", f"{kind}/{name}", "--out", str(made))
        put(into / "collector.pem" if kind == "collector" else into / "agent.pem", next(made.glob("*.pem")).read_bytes())
        shutil.rmtree(made)

    def _ca(self, command, *arguments):
        subprocess.run([self._ctl, "ca", command, *arguments, "--dir", "ca"], cwd=self.folder, check=True,
                       capture_output=True)


def put(path, content):
    """As tools put a file there whose readers must not see half of it."""
    fresh = path.with_name(path.name + ".new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    fresh.rename(path)


def truncate(path):
    """As a tool that knows no better leaves it for a moment, or a full disk for longer."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return content
