"""What one process tells, the others hear; after a lost connection again."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import SecretStr

from services.runtime import announcements
from services.runtime.announcements import Announcements, announcements_of
from services.runtime.settings import Settings
from tests.postgres import Postgres
from tests.runtime.test_database_postgres import drop_connections


async def listening(announcements: Announcements) -> asyncio.Queue[str]:
    """What is heard, once it is heard at all."""
    heard: asyncio.Queue[str] = asyncio.Queue()
    announcements.listen(heard.put_nowait)
    return heard


async def until_heard(teller: Announcements, heard: asyncio.Queue[str]) -> None:
    async with asyncio.timeout(30):
        while heard.empty():
            teller.tell("hello")
            await asyncio.sleep(0.02)
        teller.tell("that is all")
        while await heard.get() != "that is all":
            pass


@pytest.fixture
def on_postgres(settings: Settings, postgres_server: Postgres) -> Settings:
    return settings.model_copy(update={"database_url": SecretStr(postgres_server.fresh())})


async def test_what_one_tells_the_other_hears_in_order(on_postgres: Settings) -> None:
    one, other = (announcements_of(on_postgres, "sessions") for _ in range(2))
    heard, _ = await listening(other), await listening(one)
    await until_heard(one, heard)

    texts = [f"text {number}" for number in range(3000)]
    for text in texts:
        one.tell(text)

    assert [await asyncio.wait_for(heard.get(), 30) for _ in texts] == texts
    await one.close()
    await other.close()


async def test_another_services_announcements_are_not_heard(on_postgres: Settings) -> None:
    one, other = announcements_of(on_postgres, "sessions"), announcements_of(on_postgres, "events")
    heard_by_one, heard_by_other = await listening(one), await listening(other)
    await until_heard(other, heard_by_other)
    other.tell("mine")

    assert await asyncio.wait_for(heard_by_other.get(), 30) == "mine"
    assert heard_by_one.empty()
    await one.close()
    await other.close()


async def test_after_a_lost_connection_they_are_heard_again(
    on_postgres: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcements, "RECONNECTING_SECONDS", 0.05)
    one, other = (announcements_of(on_postgres, "sessions") for _ in range(2))
    heard, _ = await listening(other), await listening(one)
    await until_heard(one, heard)
    assert on_postgres.database_url
    drop_connections(on_postgres.database_url.get_secret_value())

    await until_heard(one, heard)
    await one.close()
    await other.close()


async def test_while_nobody_can_be_told_little_is_kept() -> None:
    one = announcements.PostgresAnnouncements({"host": "127.0.0.1", "port": 1, "options": ""}, "sessions")
    for number in range(announcements.UNTOLD_MAX + 10):
        one.tell(str(number))

    assert len(one._untold) == announcements.UNTOLD_MAX
    await one.close()
