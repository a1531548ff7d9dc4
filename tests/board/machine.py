"""A board that QEMU plays: it can lose its network and its power."""

import json
import re
import socket
import subprocess
import time

START_PATIENCE_S = 10


class Machine:
    """Started by boot(). Its console is a file that grows over all boots."""

    def __init__(self, image, folder):
        self.console = folder / "console.log"
        self._image, self._monitor_path = image, folder / "monitor"
        self._process = None
        self._monitor = None

    def boot(self, clock="utc"):
        """`clock`: what the board's hardware clock says, as QEMU's -rtc base."""
        self._monitor_path.unlink(missing_ok=True)
        with open(self.console, "ab") as console:
            self._process = subprocess.Popen(
                ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a53", "-smp", "2", "-m", "256", "-display", "none",
                 "-kernel", str(self._image.kernel), "-initrd", str(self._image.initramfs),
                 "-append", "console=ttyAMA0 net.ifnames=0 systemd.firstboot=off systemd.journald.forward_to_console=1 "
                 "systemd.journald.max_level_console=info quiet panic=-1", "-no-reboot",
                 "-serial", "stdio", "-qmp", f"unix:{self._monitor_path},server=on,wait=off", "-rtc", f"base={clock}",
                 "-drive", f"if=none,id=disk,format=raw,file={self._image.disk}", "-device", "virtio-blk-pci,drive=disk",
                 "-netdev", "user,id=net0", "-device", "virtio-net-pci,netdev=net0,romfile="],
                stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT)
        self._monitor = _connect(self._monitor_path)
        self._command("qmp_capabilities")

    def set_network(self, up):
        self._command("set_link", name="net0", up=up)

    def press_power_button(self):
        self._command("system_powerdown")

    def is_on(self):
        return self._process is not None and self._process.poll() is None

    def cut_power(self):
        """What the board's kernel has not written is gone."""
        if self.is_on():
            self._process.kill()
            self._process.wait()

    def agent_memory_kib(self):
        """The agent's last RSS and PSS, as the board's console tells it."""
        told = re.findall(rb"board: agent Rss: (\d+) kB Pss: (\d+) kB", self.console.read_bytes())
        return tuple(map(int, told[-1])) if told else None

    def _command(self, command, **arguments):
        self._monitor.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._monitor.flush()
        for line in self._monitor:
            answer = json.loads(line)
            if "return" in answer:
                return
            if "error" in answer:
                raise RuntimeError(f"QEMU: {command}: {answer['error']['desc']}")
        raise RuntimeError(f"QEMU: {command}: no answer")


def _connect(path):
    deadline = time.monotonic() + START_PATIENCE_S
    monitor = socket.socket(socket.AF_UNIX)
    while True:
        try:
            monitor.connect(str(path))
            return monitor.makefile("rw", encoding="utf-8")
        except (FileNotFoundError, ConnectionRefusedError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
