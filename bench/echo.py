"""`python -m bench.echo`: a gRPC server that only answers: `/echo/900` gives 900 bytes, any other method none.

What no service in Python on grpc.aio can be cheaper than; also a collector of traces that keeps nothing.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc

from bench.server import cpu_seconds_of


@contextmanager
def echo_server() -> Iterator[tuple[str, Callable[[], float]]]:
    """Its address, and what tells the processor time that it has used."""
    with subprocess.Popen([sys.executable, "-m", "bench.echo"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield f"127.0.0.1:{int(process.stdout.readline())}", lambda: cpu_seconds_of(process.pid)
        finally:
            process.terminate()


class Echo(grpc.GenericRpcHandler):
    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes]:
        size = details.method.removeprefix("/echo/")
        answer = bytes(int(size)) if size.isdecimal() else b""

        async def echo(_request: bytes, _context: Any) -> bytes:
            return answer

        return grpc.unary_unary_rpc_method_handler(echo)


async def main() -> None:
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((Echo(),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main())
