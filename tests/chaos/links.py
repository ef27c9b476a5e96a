"""Connections between programs that can be cut, or fall silent: each goes through a proxy in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

_BYTES_MAX = 1 << 16

Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class Link:
    """Takes connections and makes one to the other end for each."""

    def __init__(self, name: str, connect: Connect) -> None:
        self.name = name
        self._connect = connect
        self._open: set[_Connection] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()

    async def listen(self) -> int:
        """The port on loopback that it took."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        self._server.close()
        self.cut()

    def cut(self) -> None:
        """Ends all connections. New ones may be made."""
        for each in self._open:
            each.abort()

    def silence(self) -> None:
        """Nothing arrives any more, and nobody is told."""
        self._flowing.clear()

    def heal(self) -> None:
        """What was on its way arrives."""
        self._flowing.set()

    def lose(self) -> None:
        """The connections that exist stay silent for good, as when a router between forgets them; new ones work."""
        for each in self._open:
            each.flowing = asyncio.Event()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = await self._connect()
        except OSError:
            writer.transport.abort()
            return
        connection = _Connection(self._flowing, (reader, writer), there)
        self._open.add(connection)
        try:
            await connection.forward()
        finally:
            self._open.discard(connection)


Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Connection:
    def __init__(self, flowing: asyncio.Event, here: Stream, there: Stream) -> None:
        self.flowing = flowing
        self._here, self._there = here, there

    async def forward(self) -> None:
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(self._here[0], self._there[1]))
                both.create_task(self._pump(self._there[0], self._here[1]))
        except* OSError:
            pass
        finally:
            self.abort()

    def abort(self) -> None:
        for _, writer in (self._here, self._there):
            writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_BYTES_MAX):
            await self.flowing.wait()
            writer.write(data)
            await writer.drain()
        # Half a connection is of no use to gRPC or PostgreSQL: the whole ends.
        raise ConnectionResetError
