"""Fetching what a stranger names: never from inside, never elsewhere, never much."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.runtime import guarded_fetch
from services.runtime.guarded_fetch import NotFetched, check_url
from services.runtime.public_addresses import is_public, read_address
from tests.runtime.web import Web, serving

HERE = "127.0.0.0/8"

FORBIDDEN = {
    "loopback": "127.0.0.1",
    "another loopback": "127.8.9.10",
    "private 10": "10.1.2.3",
    "private 172": "172.31.255.255",
    "private 192": "192.168.1.1",
    "link-local, where clouds keep their secrets": "169.254.169.254",
    "shared": "100.64.0.1",
    "this network": "0.0.0.0",
    "protocol assignments": "192.0.0.8",
    "documentation": "203.0.113.7",
    "benchmarks": "198.18.0.1",
    "multicast": "224.0.0.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "loopback 6": "::1",
    "unspecified 6": "::",
    "link-local 6": "fe80::1",
    "link-local 6 with a zone": "fe80::1%eth0",
    "unique-local 6": "fd12:3456::1",
    "site-local 6": "fec0::1",
    "multicast 6": "ff02::1",
    "documentation 6": "2001:db8::1",
    "cloud metadata 6": "fd00:ec2::254",
    "loopback, IPv4-mapped": "::ffff:127.0.0.1",
    "private, IPv4-mapped in hex": "::ffff:a00:1",
    "loopback, IPv4-compatible": "::127.0.0.1",
    "private, by NAT64": "64:ff9b::10.0.0.1",
    "private, by local NAT64": "64:ff9b:1::10.0.0.1",
    "private, by 6to4": "2002:a00:1::1",
    "public, by 6to4": "2002:808:808::1",
    "private, by Teredo": "2001:0:a00:1::1",
    "no address": "localhost",
}
PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Web]:
    async with serving(tmp_path) as web:
        web.pages["/page"] = b'{"a": 1}'
        yield web


async def refusal(web: Web, url: str, *allowed: str) -> str:
    with pytest.raises(NotFetched) as raised:
        await web.fetch(*allowed).get(url)
    return str(raised.value)


async def test_an_allowed_network_is_fetched_from(web):
    assert await web.fetch(HERE).get(web.url("/page")) == b'{"a": 1}'


async def test_an_allowed_host_is_fetched_from(web):
    assert await web.fetch("10.0.0.0/8", "ids.example").get(web.url("/page")) == b'{"a": 1}'


@pytest.mark.parametrize("address", FORBIDDEN.values(), ids=FORBIDDEN)
async def test_pitfall_14_a_name_that_leads_inside_is_not_asked(web, address):
    web.addresses["ids.example"] = [address]

    assert "not public" in await refusal(web, web.url("/page"))
    assert web.asked == []


@pytest.mark.parametrize("address", FORBIDDEN.values(), ids=FORBIDDEN)
async def test_pitfall_14_one_address_that_leads_inside_is_enough_not_to_ask(web, address):
    web.addresses["ids.example"] = ["8.8.8.8", address]

    assert "not public" in await refusal(web, web.url("/page"))


async def test_pitfall_14_a_mapped_address_is_let_in_by_no_network_but_its_own(web):
    web.addresses["ids.example"] = ["::ffff:127.0.0.1"]

    assert "not public" in await refusal(web, web.url("/page"), "::/0")


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_public(address):
    found = read_address(address)

    assert found
    assert is_public(found)


async def test_pitfall_14_a_name_is_resolved_once_and_the_checked_address_is_used(web):
    """A second answer, given after the check, would lead elsewhere (DNS rebinding)."""
    answers = [["127.0.0.1"], ["127.0.0.2"]]

    async def resolve(host: str, port: int) -> list[str]:
        return answers.pop(0)

    fetch = guarded_fetch.GuardedFetch(["127.0.0.1/32"], resolve=resolve, tls=web.trusting)

    assert await fetch.get(web.url("/page")) == b'{"a": 1}'
    assert answers == [["127.0.0.2"]]


@pytest.mark.parametrize(
    "url",
    [
        "http://ids.example/page",
        "ftp://ids.example/page",
        "file:///etc/passwd",
        "//ids.example/page",
        "https://user@ids.example/page",
        "https://public.example@ids.example/page",
        "https://ids.example:x/page",
        "https://ids.example:0443/page",
        "https://ids.example:99999/page",
        "https://127.0.0.1/page",
        "https://127.1/page",
        "https://2130706433/page",
        "https://0x7f000001/page",
        "https://0x7f.1/page",
        "https://[::1]/page",
        "https://[::ffff:127.0.0.1]/page",
        "https://IDS.example/page",
        "https://ids.example./page",
        "https://ids.example/page?query",
        "https://ids.example/page#fragment",
        "https://ids.example\\@other.example/page",
        "https://ids.example/pa ge",
        "https://ids.example/page\r\nHost: other",
        "https://ids.example/seite-ä",
        "https://xn--ids.example\u3002evil/page",
        "https://" + "a." * 100 + "example/page",
        "https://ids.example/" + "a" * 3000,
        "https:///page",
        "",
    ],
)
async def test_pitfall_13_an_address_with_a_trick_in_it_is_not_even_resolved(web, url):
    await refusal(web, url, HERE, "ids.example")

    assert web.resolved == []


def test_a_port_that_is_given_is_taken():
    assert check_url("https://ids.example:8443/page").port == 8443


async def test_pitfall_14_a_redirect_is_not_followed(web):
    async def redirect(writer: asyncio.StreamWriter, path: str) -> None:
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /secret\r\nContent-Length: 0\r\n\r\n")

    web.answer = redirect

    assert "302" in await refusal(web, web.url("/page"), HERE)
    assert web.asked == ["/page"]


async def test_what_is_not_there_is_not_fetched(web):
    assert "404" in await refusal(web, web.url("/other"), HERE)


@pytest.mark.parametrize("announced", [True, False])
async def test_more_than_64_kib_is_not_read(web, announced):
    sent = 0

    async def flood(writer: asyncio.StreamWriter, path: str) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: 9999999999\r\n" if announced else b"") + b"\r\n")
        while sent < 50_000_000:
            writer.write(bytes(65536))
            await writer.drain()
            sent += 65536

    web.answer = flood

    assert "64 KiB" in await refusal(web, web.url("/page"), HERE)
    assert sent < 10_000_000


async def test_exactly_64_kib_is_read(web):
    web.pages["/page"] = bytes(64 * 1024)

    assert len(await web.fetch(HERE).get(web.url("/page"))) == 64 * 1024


async def test_pitfall_10_a_compressed_answer_is_not_unpacked(web):
    web.pages["/page"] = gzip.compress(bytes(10_000_000))

    assert len(await web.fetch(HERE).get(web.url("/page"))) < 64 * 1024


@pytest.mark.parametrize("slow", ["the head", "the body"])
async def test_a_server_that_takes_its_time_is_given_up(web, monkeypatch, slow):
    monkeypatch.setattr(guarded_fetch, "SECONDS_MAX", 0.5)

    async def drip(writer: asyncio.StreamWriter, path: str) -> None:
        if slow == "the body":
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(2000):
            writer.write(b"H")
            await writer.drain()
            await asyncio.sleep(0.05)

    web.answer = drip
    begun = time.monotonic()

    assert "seconds" in await refusal(web, web.url("/page"), HERE)
    assert time.monotonic() - begun < 20


async def test_a_name_server_that_takes_its_time_is_given_up(web, monkeypatch):
    monkeypatch.setattr(guarded_fetch, "SECONDS_MAX", 0.2)

    async def resolve(host: str, port: int) -> list[str]:
        await asyncio.sleep(30)
        return []

    with pytest.raises(NotFetched, match="seconds"):
        await guarded_fetch.GuardedFetch(resolve=resolve).get("https://ids.example/page")


async def test_a_name_that_leads_nowhere_is_not_fetched():
    async def resolve(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(NotFetched, match="cannot be reached"):
        await guarded_fetch.GuardedFetch(resolve=resolve).get("https://ids.example/page")


async def test_a_certificate_of_an_unknown_authority_is_not_believed(web):
    fetch = guarded_fetch.GuardedFetch([HERE], resolve=web.resolve)

    with pytest.raises(NotFetched, match="cannot be reached"):
        await fetch.get(web.url("/page"))
    assert web.asked == []


async def test_a_certificate_of_another_host_is_not_believed(web):
    assert "cannot be reached" in await refusal(web, web.url("/page", "other.example"), HERE)
    assert web.asked == []


async def test_a_port_where_nobody_listens_is_no_fault(web):
    assert "cannot be reached" in await refusal(web, "https://ids.example:1/page", HERE)


async def test_a_proxy_in_the_environment_is_not_used(web, monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert await web.fetch(HERE).get(web.url("/page")) == b'{"a": 1}'


async def test_when_an_address_does_not_answer_the_next_is_tried(web):
    web.addresses["ids.example"] = ["127.255.0.9", "127.0.0.1"]

    assert await web.fetch(HERE).get(web.url("/page")) == b'{"a": 1}'
