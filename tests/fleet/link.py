"""The lines between devices and their collector: TCP through this process, which cuts them."""

import asyncio
import contextlib
import threading

_READ_BYTES = 64 * 1024


class Links:
    """A port for each line; what comes there goes on to the collector."""

    def __init__(self, count, collector_port):
        self._collector_port = collector_port
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self.lines = [self._call(self._open()) for _ in range(count)]

    def cut(self, line):
        """Resets its connections and takes no new ones."""
        self._loop.call_soon_threadsafe(line.cut)

    def swallow(self, line):
        """Nothing arrives any more, and nobody is told."""
        self._loop.call_soon_threadsafe(line.flows.clear)

    def mend(self, line):
        self._loop.call_soon_threadsafe(line.mend)

    def _call(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _open(self):
        line = Line(self._collector_port)
        await line.open()
        return line


class Line:
    def __init__(self, collector_port):
        self._collector_port = collector_port
        self._writers = set()
        self._is_cut = False
        self.flows = asyncio.Event()
        self.flows.set()

    async def open(self):
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self):
        self._is_cut = True
        for writer in list(self._writers):
            writer.transport.abort()

    def mend(self):
        self._is_cut = False
        self.flows.set()

    async def _carry(self, reader, writer):
        if self._is_cut:
            writer.transport.abort()
            return
        try:
            there = await asyncio.open_connection("127.0.0.1", self._collector_port)
        except OSError:
            writer.transport.abort()
            return
        writers = {writer, there[1]}
        self._writers |= writers
        try:
            await asyncio.gather(self._copy(reader, there[1]), self._copy(there[0], writer))
        finally:
            self._writers -= writers
            for each in writers:
                each.transport.abort()

    async def _copy(self, reader, writer):
        with contextlib.suppress(OSError):
            while data := await reader.read(_READ_BYTES):
                await self.flows.wait()
                writer.write(data)
                await writer.drain()
            writer.write_eof()
