"""The one way in which this software fetches what a stranger names: from public addresses, little, and not for long.

https only, no redirects, no proxy, no compression. A name is resolved once, every address it resolves to is checked,
and the connection goes to a checked address, so that a second answer of the name server changes nothing.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from ipaddress import ip_network
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpcore

from services.runtime.public_addresses import Network, is_public, read_address

BYTES_MAX = 64 * 1024
SECONDS_MAX = 3.0
AT_ONCE_MAX = 8
URL_CHARACTERS_MAX = 2048
# Of a name's addresses, all of which are checked, so many are tried.
_ADDRESSES_MAX = 3

# A host name whose last label begins with a letter, so that no way to spell an IP address fits.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.){{0,31}}[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?", re.ASCII)
_PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/-]*", re.ASCII)

Resolve = Callable[[str, int], Awaitable[list[str]]]


class NotFetched(Exception):
    """What was asked for is not to be had, or not to be asked for; the sentence says why."""


async def resolve(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class GuardedFetch:
    """`allowed` names hosts and networks that may be asked although they are not public."""

    def __init__(
        self, allowed: Iterable[str] = (), *, resolve: Resolve = resolve, tls: ssl.SSLContext | None = None
    ) -> None:
        listed = tuple(allowed)
        names = [each for each in listed if _HOST.fullmatch(each)]
        networks = [ip_network(each) for each in listed if each not in names]
        self._backend = _CheckedAddresses(frozenset(names), networks, resolve)
        self._tls = tls or _tls()
        self._at_once = asyncio.Semaphore(AT_ONCE_MAX)

    async def get(self, url: str, accept: str = "application/json") -> bytes:
        """The body of a 200 answer. Raises NotFetched."""
        host = check_url(url).hostname
        try:
            async with asyncio.timeout(SECONDS_MAX), self._at_once:
                return await self._get(url, accept)
        except TimeoutError:
            raise NotFetched(f"{host} did not answer within {SECONDS_MAX:.0f} seconds") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as failure:
            raise NotFetched(f"{host} cannot be reached over https ({type(failure).__name__})") from None

    async def _get(self, url: str, accept: str) -> bytes:
        headers = [("Accept", accept), ("Accept-Encoding", "identity"), ("User-Agent", "counterfoil")]
        pool = httpcore.AsyncConnectionPool(ssl_context=self._tls, network_backend=self._backend, max_connections=1)
        async with pool, pool.stream("GET", url, headers=headers) as response:
            if response.status != 200:
                raise NotFetched(f"the answer is {response.status} instead of 200; no redirect is followed")
            body = bytearray()
            async for part in response.aiter_stream():
                body += part
                if len(body) > BYTES_MAX:
                    raise NotFetched(f"the answer is longer than {BYTES_MAX // 1024} KiB")
            return bytes(body)


def _tls() -> ssl.SSLContext:
    # Takes a tenth of a second to import, and few fetch.
    import httpx

    return httpx.create_ssl_context()


def check_url(url: str) -> SplitResult:
    """Raises NotFetched unless it is a plain https address: a host name, perhaps a port, a path, nothing else."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise NotFetched("it is no address of the web") from None
    plain = f"https://{host}{f':{port}' if port else ''}{parts.path}"
    if url != plain or len(url) > URL_CHARACTERS_MAX or not _HOST.fullmatch(host) or not _PATH.fullmatch(parts.path):
        raise NotFetched("only plain https addresses with a host name are fetched, without a user or a query")
    return parts


class _CheckedAddresses(httpcore.AsyncNetworkBackend):
    """Connects to a name by one of its addresses, once all of them were found to be public or allowed."""

    def __init__(self, hosts: frozenset[str], networks: list[Network], resolve: Resolve) -> None:
        self._hosts = hosts
        self._networks = networks
        self._resolve = resolve
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - not given, since get() bounds the whole
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._resolve(host, port)
        if not all(self._may_ask(host, address) for address in addresses):
            raise NotFetched(f"{host} is not public, and not allowed by COUNTERFOIL_FETCH_ALLOWED")
        for address in addresses[:_ADDRESSES_MAX]:
            with suppress(httpcore.NetworkError, httpcore.TimeoutException):
                return await self._network.connect_tcp(address, port, SECONDS_MAX / _ADDRESSES_MAX)
        raise httpcore.ConnectError

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        raise NotFetched("no address of the web")

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)

    def _may_ask(self, host: str, address: str) -> bool:
        found = read_address(address)
        if found is None:
            return False
        return host in self._hosts or is_public(found) or any(found in network for network in self._networks)
