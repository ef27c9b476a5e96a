"""Hostile pictures cost those who send good ones little."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest
from PIL import Image

from services.codec import qr_reading
from services.codec.domain import ImageUnreadable
from services.codec.picture_readers import PictureReaders
from services.codec.reading_process import Look, ReadingProcess
from tests.codec.pictures import TEXT, hostile, jpeg, png, qr
from tests.codec.test_qr_reading import SENT

QR = png(qr())


@pytest.fixture
async def readers() -> AsyncIterator[PictureReaders]:
    readers = PictureReaders()
    readers.warm_up()
    yield readers
    await readers.close()


async def test_a_good_picture_is_read_before_hostile_ones_that_came_first(readers: PictureReaders) -> None:
    readers._thorough = ReadingProcess(Look(cpu_seconds_max=1.0, tries=1))
    assert await readers.texts_in(QR) == [TEXT]
    hostile_ones = [asyncio.create_task(readers.texts_in(hostile())) for _ in range(3)]
    await asyncio.sleep(0.1)

    assert await readers.texts_in(QR) == [TEXT]
    assert not all(each.done() for each in hostile_ones)
    for each in await asyncio.gather(*hostile_ones, return_exceptions=True):
        assert each == [] or isinstance(each, ImageUnreadable)


async def test_what_the_glance_misses_is_found_by_the_thorough_look(readers: PictureReaders) -> None:
    missed = jpeg(qr().convert("L").resize((170, 170), Image.Resampling.LANCZOS), quality=20)
    assert qr_reading.texts_in(missed, readers_max=1) == []

    assert await readers.texts_in(missed) == [TEXT]


async def test_the_largest_photo_is_seen_at_a_glance(readers: PictureReaders) -> None:
    image = SENT["in a photo of 15 megapixels"]

    assert await readers._glance.texts_in(image) == [TEXT]


async def test_a_file_that_is_no_picture_is_not_looked_at_twice(readers: PictureReaders) -> None:
    readers._thorough = ReadingProcess(Look(seconds_max=60))
    thorough = await readers._thorough.texts_in(QR) and readers._thorough._process
    assert thorough
    os.kill(thorough.pid, signal.SIGSTOP)

    with pytest.raises(ImageUnreadable):
        await asyncio.wait_for(readers.texts_in(b"no picture"), 30)
