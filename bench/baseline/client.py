"""The monolith as a process of its own, and a client that costs as little as can be: HTTP/1.1 on kept connections."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from bench.measuring import NothingLeft
from bench.operations import AMOUNT, METHODS
from bench.server import cpu_seconds_of

_Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
STARTING_SECONDS_MAX = 30.0


class Monolith:
    def __init__(self, directory: Path) -> None:
        self._port = _free_port()
        self._idle: list[_Connection] = []
        self._sessions: list[str] = []
        environment = {**os.environ, "BASELINE_DATABASE": f"sqlite:///{directory / 'baseline.db'}"}
        serve = [sys.executable, "-m", "uvicorn", "bench.baseline.application:app", "--port", str(self._port)]
        with (directory / "baseline.log").open("w") as log:
            self._process = subprocess.Popen(
                [*serve, "--no-access-log", "--timeout-keep-alive", "600"], stdout=log, stderr=log, env=environment
            )

    def __enter__(self) -> Monolith:
        until = time.monotonic() + STARTING_SECONDS_MAX
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port)).close()
            except OSError:
                assert time.monotonic() < until, "the baseline does not start"
                time.sleep(0.1)
            else:
                return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait()

    def cpu_seconds(self) -> float:
        return cpu_seconds_of(self._process.pid)

    async def request(self) -> None:
        self._sessions.append((await self._request(False))["session_id"])

    async def request_with_picture(self) -> None:
        self._sessions.append((await self._request(True))["session_id"])

    async def settle(self) -> None:
        """Of a session that was requested before."""
        if not self._sessions:
            raise NothingLeft
        claim = {"session_id": self._sessions.pop(), "paid_amount": AMOUNT.amount, "transaction_proof": "RF18 5390"}
        text = (await self._post("/paymentSent", claim))["confirmation_message"]
        received = await self._post("/paymentReceived", {"encoded_message": text})
        assert received["updated_status"] == "RECEIVED"

    async def _request(self, picture: bool) -> dict[str, Any]:
        asked = {
            "amount": AMOUNT.amount,
            "currency": AMOUNT.currency,
            "recipient_id": "Ana",
            "description": "two chairs, as agreed",
            "preferences": [{"method": each.method, **each.details} for each in METHODS],
            "qr": picture,
        }
        return await self._post("/paymentRequest", asked)

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        reader, writer = self._idle.pop() if self._idle else await asyncio.open_connection("127.0.0.1", self._port)
        content = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(content)}"
        writer.write(f"{head}\r\n\r\n".encode() + content)
        answered = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(answered.partition("content-length: ")[2].partition("\r\n")[0])
        answer = await reader.readexactly(length)
        assert " 200 " in answered[:20], answer
        self._idle.append((reader, writer))
        found: dict[str, Any] = json.loads(answer)
        return found


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
