"""The process that opens pictures: whatever happens to it, the one who asks gets an answer in time."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from services.codec import reading_process
from services.codec.domain import ImageTooLarge, ImageUnreadable
from services.codec.reading_process import PICTURES_WAITING_MAX, Look, ReadingProcess
from services.codec.reading_worker import MEMORY_BYTES_MAX
from services.runtime.refusals import ServiceUnavailable
from tests.codec.pictures import TEXT, jpeg, png, qr, screenshot, slow
from tests.logs import captured

QR = png(qr())


@pytest.fixture
async def reader() -> AsyncIterator[ReadingProcess]:
    reader = ReadingProcess()
    yield reader
    await reader.close()


@pytest.fixture
async def impatient_reader() -> AsyncIterator[ReadingProcess]:
    reader = ReadingProcess(Look(seconds_max=1.0))
    yield reader
    await reader.close()


async def pid_of(reader: ReadingProcess) -> int:
    """Asks for a picture first, so that there is a process."""
    assert await reader.texts_in(QR) == [TEXT]
    assert reader._process
    return reader._process.pid


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def ends(pid: int) -> bool:
    for _ in range(600):
        if not is_alive(pid):
            return True
        await asyncio.sleep(0.05)
    return False


def a_process(code: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def number_printed_by(process: subprocess.Popen[bytes]) -> int:
    """The first line that is a number; there may be log lines before it."""
    assert process.stdout
    return next(int(line) for line in process.stdout if line.strip().isdigit())


async def test_answers_and_refusals_come_back_from_the_process(reader):
    assert await reader.texts_in(png(screenshot(qr()))) == [TEXT]
    assert await reader.texts_in(png(screenshot())) == []
    with pytest.raises(ImageUnreadable):
        await reader.texts_in(b"no picture")
    with pytest.raises(ImageTooLarge):
        await reader.texts_in(png(qr().resize((6000, 5000))))
    with pytest.raises(ImageUnreadable):
        await reader.texts_in(b"")


async def test_many_pictures_at_once_each_get_their_own_answer(reader):
    texts = [f"picture {number}" for number in range(PICTURES_WAITING_MAX)]

    found = await asyncio.gather(*(reader.texts_in(png(qr(text))) for text in texts))

    assert found == [[text] for text in texts]


async def test_pitfall_22_pictures_do_not_pile_up_without_end(reader):
    waiting = [asyncio.ensure_future(reader.texts_in(QR)) for _ in range(PICTURES_WAITING_MAX)]
    await asyncio.sleep(0)

    with pytest.raises(ServiceUnavailable):
        await reader.texts_in(QR)
    assert await asyncio.gather(*waiting) == [[TEXT]] * PICTURES_WAITING_MAX
    assert await reader.texts_in(QR) == [TEXT]


async def test_starting_does_not_wait_for_the_process(reader, monkeypatch):
    let_it, start = Event(), reading_process._start
    monkeypatch.setattr(reading_process, "_start", lambda look: let_it.wait(60) and start(look))
    reader.warm_up()
    assert reader._process is None
    let_it.set()

    assert await reader.texts_in(QR) == [TEXT]


async def test_a_picture_that_hangs_a_library_is_unreadable_and_the_next_one_is_read(impatient_reader):
    """Pitfall 22. A stopped process stands for one that never returns."""
    pid = await pid_of(impatient_reader)
    os.kill(pid, signal.SIGSTOP)
    began = monotonic()

    with pytest.raises(ImageUnreadable):
        await impatient_reader.texts_in(QR)

    assert 1 <= monotonic() - began < 20
    assert await pid_of(impatient_reader) != pid
    assert await ends(pid)


async def test_a_large_picture_for_a_process_that_does_not_listen_is_given_up_too(impatient_reader):
    os.kill(await pid_of(impatient_reader), signal.SIGSTOP)

    with pytest.raises(ImageUnreadable):
        await impatient_reader.texts_in(bytes(8_000_000))


async def test_a_process_that_is_killed_amid_a_picture_is_replaced_and_the_picture_read(reader):
    pid = await pid_of(reader)
    os.kill(pid, signal.SIGSTOP)
    reading = asyncio.create_task(reader.texts_in(QR))
    await asyncio.sleep(0.2)

    os.kill(pid, signal.SIGKILL)

    assert await reading == [TEXT]


async def test_a_process_that_died_between_two_pictures_is_replaced(reader):
    os.kill(await pid_of(reader), signal.SIGKILL)

    assert await reader.texts_in(QR) == [TEXT]


async def test_a_picture_that_the_process_dies_of_twice_is_unreadable(reader, monkeypatch):
    started = []

    def start(_: Look) -> subprocess.Popen[bytes]:
        started.append(a_process("print('{\"readers\": []}', flush=True); input()"))
        return started[-1]

    monkeypatch.setattr(reading_process, "_start", start)
    with captured() as logs, pytest.raises(ImageUnreadable):
        await reader.texts_in(QR)

    assert len(started) == 2
    assert [line["event"] for line in logs].count("picture reader died") == 2


async def test_a_process_that_cannot_start_is_our_fault_and_not_the_pictures(reader, monkeypatch):
    monkeypatch.setattr(reading_process, "_start", lambda _: a_process("raise SystemExit(3)"))

    with captured() as logs, pytest.raises(RuntimeError):
        await reader.texts_in(QR)

    assert {"event": "picture reader does not start", "level": "error", "status": 3} in logs


async def test_who_gives_up_waiting_does_not_disturb_the_next(reader):
    await pid_of(reader)
    reading = asyncio.create_task(reader.texts_in(slow()))
    await asyncio.sleep(0.1)

    reading.cancel()

    assert await reader.texts_in(QR) == [TEXT]


def test_the_process_ends_itself_when_nobody_is_there_to_end_it():
    image = slow()

    process = subprocess.run(
        [sys.executable, "-m", "services.codec.reading_worker", "0.05", "9", "9"],
        input=b"%d\n" % len(image) + image,
        stdout=subprocess.DEVNULL,
        check=False,
    )

    assert process.returncode == -signal.SIGALRM


def test_a_picture_has_so_much_processor_time_and_no_more():
    image = slow()

    process = subprocess.run(
        [sys.executable, "-m", "services.codec.reading_worker", "60", "0.02", "9"],
        input=b"%d\n" % len(image) + image,
        stdout=subprocess.DEVNULL,
        check=False,
    )

    assert process.returncode == -signal.SIGPROF


async def test_the_process_has_little_memory_and_none_of_our_secrets(reader, monkeypatch):
    monkeypatch.setenv("COUNTERFOIL_KEY_ENCRYPTION_KEY", "a secret")
    pid = await pid_of(reader)

    limits = Path(f"/proc/{pid}/limits").read_text()
    assert f"Max address space         {MEMORY_BYTES_MAX} " in limits
    assert b"secret" not in Path(f"/proc/{pid}/environ").read_bytes()


def test_the_process_imports_neither_grpc_nor_generated_code():
    code = "import sys, services.codec.reading_worker; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert not {"grpc", "google", "counterfoil", "pydantic", "asyncio"} & {name.split(".")[0] for name in modules}


def test_without_zbar_there_is_one_reader_fewer():
    code = "import sys; sys.modules['pyzbar'] = None; from services.codec.qr_reading import READERS; print(*READERS)"
    readers = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert readers.strip() == "zxing zxing at twice the size"


async def test_a_missing_zbar_is_said_once(monkeypatch):
    hello_and_echo = 'print(\'{"readers": ["zxing"]}\', flush=True); input()'
    monkeypatch.setattr(reading_process, "_start", lambda _: a_process(hello_and_echo))
    reader = ReadingProcess()
    with captured() as logs:
        reader.warm_up()
        with pytest.raises(ImageUnreadable):
            await reader.texts_in(QR)
        await reader.close()

    assert [line["level"] for line in logs if "libzbar0" in line["event"]] == ["warning"]


async def test_closing_ends_the_process_also_amid_a_picture():
    reader = ReadingProcess()
    pid = await pid_of(reader)
    reading = asyncio.create_task(reader.texts_in(slow()))
    await asyncio.sleep(0.1)

    await reader.close()

    assert not is_alive(pid)
    with pytest.raises((RuntimeError, ImageUnreadable)):
        await reading


async def test_closing_before_the_process_has_started_leaves_none():
    reader = ReadingProcess()
    with captured() as logs:
        reader.warm_up()
        await reader.close()

    assert reader._process is None
    assert not [line for line in logs if line["level"] == "error"]


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
async def test_the_process_ends_with_the_one_that_started_it(sent):
    code = (
        "import sys; from services.codec.reading_process import ReadingProcess; reader = ReadingProcess()\n"
        "reader._started(); print(reader._process.pid, flush=True); sys.stdin.read()"
    )
    with a_process(code) as parent:
        pid = number_printed_by(parent)
        assert is_alive(pid)
        parent.send_signal(sent)

    assert await ends(pid)


async def test_a_large_photo_takes_no_more_memory_than_allowed(reader):
    """16 megapixels with transparency, the most that is opened."""
    picture = qr().convert("RGBA").resize((4000, 4000), 0)
    picture.putalpha(200)

    assert await reader.texts_in(png(picture, compress_level=1)) == [TEXT]
    assert await reader.texts_in(jpeg(picture.convert("CMYK"))) == [TEXT]
    process = reader._process
    assert process
    peak = next(line for line in Path(f"/proc/{process.pid}/status").read_text().splitlines() if "VmHWM" in line)
    assert int(peak.split()[1]) < 600_000
