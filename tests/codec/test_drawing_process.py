"""QR codes drawn in another process are those drawn here, whatever becomes of the process."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.codec import drawing_process
from services.codec.domain import QR_TEXT_BYTES_MAX, QrFormat, TooLongForQr
from services.codec.drawing_process import DrawingProcess
from services.codec.qr_drawing import draw


@pytest.fixture
async def drawing() -> AsyncIterator[DrawingProcess]:
    process = DrawingProcess()
    yield process
    await process.close()


def pid_of(drawing: DrawingProcess) -> int:
    assert drawing._process
    return drawing._process.pid


@pytest.mark.parametrize("format", QrFormat)
async def test_a_picture_is_the_same_as_one_drawn_here(drawing: DrawingProcess, format: QrFormat) -> None:
    assert await drawing.draw("zwölf Euro", format) == draw("zwölf Euro", format)


async def test_many_at_once_are_not_mixed_up(drawing: DrawingProcess) -> None:
    texts = [f"CF1 {number}" * (number % 7 + 1) for number in range(60)]

    drawn = await asyncio.gather(*(drawing.draw(text, QrFormat.PNG) for text in texts))

    assert drawn == [draw(text, QrFormat.PNG) for text in texts]


async def test_a_text_that_is_too_long_is_refused_and_the_next_is_drawn(drawing: DrawingProcess) -> None:
    with pytest.raises(TooLongForQr):
        await drawing.draw("x" * (QR_TEXT_BYTES_MAX + 1), QrFormat.SVG)

    assert await drawing.draw("CF1", QrFormat.SVG) == draw("CF1", QrFormat.SVG)


async def test_who_goes_away_does_not_take_the_picture_of_the_next(drawing: DrawingProcess) -> None:
    await drawing.draw("before", QrFormat.PNG)
    gone = asyncio.create_task(drawing.draw("gone", QrFormat.PNG))
    stays = asyncio.create_task(drawing.draw("stays", QrFormat.PNG))
    await asyncio.sleep(0)
    gone.cancel()

    assert await stays == draw("stays", QrFormat.PNG)


async def test_pictures_that_the_process_dies_before_are_drawn_and_the_next_has_another(
    drawing: DrawingProcess,
) -> None:
    await drawing.draw("before", QrFormat.PNG)
    first = pid_of(drawing)
    os.kill(first, signal.SIGSTOP)
    waiting = [asyncio.create_task(drawing.draw(f"{number}", QrFormat.PNG)) for number in range(5)]
    await asyncio.sleep(0)
    os.kill(first, signal.SIGKILL)

    assert await asyncio.gather(*waiting) == [draw(f"{number}", QrFormat.PNG) for number in range(5)]
    assert await drawing.draw("after", QrFormat.PNG) == draw("after", QrFormat.PNG)
    assert pid_of(drawing) != first


async def test_a_process_that_hangs_is_killed_and_the_picture_drawn(
    drawing: DrawingProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    await drawing.draw("before", QrFormat.PNG)
    hanging = pid_of(drawing)
    os.kill(hanging, signal.SIGSTOP)
    monkeypatch.setattr(drawing_process, "DRAWING_SECONDS_MAX", 0.2)

    assert await drawing.draw("CF1", QrFormat.PNG) == draw("CF1", QrFormat.PNG)
    monkeypatch.undo()
    # The first of these may be asked of the one that is dying.
    for text in ("after", "and again"):
        assert await drawing.draw(text, QrFormat.PNG) == draw(text, QrFormat.PNG)
    assert pid_of(drawing) != hanging


async def test_where_no_process_can_be_started_pictures_are_drawn_here(
    drawing: DrawingProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")

    assert await drawing.draw("CF1", QrFormat.PNG) == draw("CF1", QrFormat.PNG)


async def test_it_ends_when_it_is_closed(drawing: DrawingProcess) -> None:
    await drawing.draw("CF1", QrFormat.PNG)
    number = pid_of(drawing)

    await drawing.close()

    assert not Path(f"/proc/{number}").exists()
