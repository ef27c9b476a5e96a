"""Connections between programs that can be cut, or fall silent: each goes through a proxy in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

_BYTES_MAX = 1 << 16

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Stream]]


class Link:
    """Takes connections and makes one to the other end for each."""

    def __init__(self, name: str, connect: Connect) -> None:
        self.name = name
        self._connect = connect
        # Each with the event that says whether something arrives.
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
            each.task.cancel()

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
        await self._forward((reader, writer), there)

    async def _forward(self, here: Stream, there: Stream) -> None:
        task = asyncio.current_task()
        assert task
        connection = _Connection(task, self._flowing)
        self._open.add(connection)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(connection.pump(here[0], there[1]))
                both.create_task(connection.pump(there[0], here[1]))
        except* (OSError, asyncio.CancelledError):
            pass  # It was cut. Half a connection is of no use to gRPC or PostgreSQL: the whole ends.
        finally:
            self._open.discard(connection)
            for _, writer in (here, there):
                writer.transport.abort()


@dataclass(eq=False)
class _Connection:
    task: asyncio.Task[Any]
    flowing: asyncio.Event

    async def pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_BYTES_MAX):
            await self.flowing.wait()
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError
