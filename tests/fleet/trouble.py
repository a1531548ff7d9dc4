"""What happens to a fleet in the field, in an order that a seed decides."""

import time

from .authority import put, truncate

# How much of a fleet one event concerns.
_SHARE = 0.02


class Trouble:
    """Each event lasts for some seconds at most; mend() ends what still lasts. Counts what happened."""

    def __init__(self, random, links, devices, collector, authority):
        self._random, self._links, self._devices = random, links, devices
        self._collector, self._authority = collector, authority
        self._due = []  # (when, what to do then)
        self.counts = {}

    def happen(self, may_restart):
        events = [self._cut, self._swallow, self._renew_devices, self._break_devices, self._renew_collector,
                  self._break_collector]
        if may_restart:
            events += [self._restart, self._kill]
        event = self._random.choice(events)
        name = event.__name__.strip("_").replace("_", " ")
        self.counts[name] = self.counts.get(name, 0) + 1
        event()
        return name

    def go_on(self):
        """Ends what has lasted long enough."""
        now = time.monotonic()
        for when, end in [each for each in self._due if each[0] <= now]:
            self._due.remove((when, end))
            end()

    def mend(self):
        for _, end in self._due:
            end()
        self._due = []
        for line in self._links.lines:
            self._links.mend(line)

    def replace_authority(self, fresh):
        """All believe both before the first has a certificate of the new one."""
        fresh.believe_also(self._authority)
        for folder in [self._collector.folder, self._collector.folder / "operator",
                       *(device.folder for device in self._devices)]:
            for name, content in fresh.believed.items():
                if (folder / name).exists():
                    put(folder / name, content)
        fresh.issue("collector", "127.0.0.1", self._collector.folder)
        fresh.issue("operator", "tester", self._collector.folder / "operator")
        for device in self._devices:
            fresh.issue("device", device.name, device.folder)
            self.go_on()
        self._authority = fresh

    def _later(self, least_s, most_s, end):
        self._due.append((time.monotonic() + self._random.uniform(least_s, most_s), end))

    def _some(self):
        return self._random.sample(self._devices, max(1, int(_SHARE * len(self._devices))))

    def _cut(self):
        line = self._random.choice(self._links.lines)
        self._links.cut(line)
        self._later(1, 30, lambda: self._links.mend(line))

    def _swallow(self):
        line = self._random.choice(self._links.lines)
        self._links.swallow(line)
        self._later(1, 60, lambda: self._links.mend(line))

    def _renew_devices(self):
        for device in self._some():
            self._authority.renew("device", device.name, device.folder)

    def _renew_collector(self):
        self._authority.renew("collector", "127.0.0.1", self._collector.folder)

    def _break_devices(self):
        for device in self._some()[:5]:
            self._break_for_a_while(device.folder / self._random.choice(["agent.pem", "agent.key", "ca.pem"]))

    def _break_collector(self):
        self._break_for_a_while(
            self._collector.folder / self._random.choice(["collector.pem", "collector.key", "ca.pem", "crl.pem"]))

    def _break_for_a_while(self, path):
        broken = path.with_name(path.name + ".whole")
        if broken.exists():
            return  # It is broken already.
        broken.write_bytes(truncate(path))
        broken.chmod(0o600)
        self._later(5, 20, lambda: _restore(path, broken))

    def _restart(self):
        if self._collector.terminate() != 0:
            self._collector.unexpected_ends += 1
        self._later(0, 10, self._collector.start)
        self._wait_for_start()

    def _kill(self):
        self._collector.kill()
        self._later(0, 10, self._collector.start)
        self._wait_for_start()

    def _wait_for_start(self):
        """Nothing else happens to a collector that is down: its files have to be whole when it starts."""
        for when, end in [each for each in self._due if each[1] != self._collector.start]:
            self._due.remove((when, end))
            end()
        while any(end == self._collector.start for _, end in self._due):
            time.sleep(0.2)
            self.go_on()


def _restore(path, whole):
    # A newer file that came meanwhile stays.
    content = whole.read_bytes()
    if path.stat().st_size == len(content) // 2:
        put(path, content)
    whole.unlink()
