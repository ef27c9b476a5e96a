"""`counterfoil decode` and `qr`: everything a message can come in."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from client.pictures import fitting
from services.codec.domain import QrFormat
from services.codec.qr_drawing import draw
from tests.client.conftest import Command, rewritten

QUARTERS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"


@pytest.fixture
def text(command: Command) -> str:
    return command.text("request", "120", "EUR", "--payee", "Ana", "--description", "two chairs", "--qr", "request.png")


@pytest.fixture
def long_text(command: Command) -> str:
    return command.text("request", "120", "EUR", "--payee", "Ana", "--format", "classic")


def as_jpeg(png: bytes) -> bytes:
    file = BytesIO()
    Image.open(BytesIO(png)).convert("RGB").save(file, "JPEG", quality=60)
    return file.getvalue()


def test_a_text_is_decoded_with_its_verdict(command: Command, text: str):
    shown = command.run("decode", text).stdout

    assert 'Ana asks for 120.00 EUR for "two chairs"' in shown
    assert "Verified and accepted." in shown
    assert "issuer_authority   pass" in shown


def test_a_text_that_was_broken_over_lines_is_decoded(command: Command, text: str):
    command.run("decode", "\n  ".join(text[at : at + 70] for at in range(0, len(text), 70)))


def test_pictures_are_decoded(command: Command, text: str):
    Path("photo.jpg").write_bytes(as_jpeg(Path("request.png").read_bytes()))

    for file in ("request.png", "photo.jpg"):
        assert command.json("decode", file)["text"] == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_is_decoded_from_files_and_stdin(command: Command, text: str, encoding: str):
    Path("message.txt").write_bytes(f"{text}\r\n".encode(encoding))

    command.run("decode", "message.txt")
    command.run("decode", "-", input=Path("message.txt").read_bytes())


def test_a_picture_is_decoded_from_stdin(command: Command, text: str):
    png = Path("request.png").read_bytes()

    command.run("decode", "-", input=png)
    command.run("decode", "-", input=as_jpeg(png))


def test_a_message_that_nobody_signed_is_shown_and_not_verified(command: Command, long_text: str):
    unsigned = rewritten(long_text, lambda fields: fields.pop("vc"))

    result = command.run("decode", unsigned, exit_code=1)

    assert "amount       120.00" in result.stdout
    assert "NOT verified" in result.stdout


def test_a_message_that_was_altered_is_shown_and_not_verified(command: Command, long_text: str):
    def alter(fields: dict[str, Any]) -> None:
        fields["amount"] = fields["vc"]["credentialSubject"]["amount"]["value"] = "1.00"

    altered = rewritten(long_text, alter)

    result = command.run("decode", altered, exit_code=1)

    assert "signature          FAIL" in result.stdout
    assert "NOT verified (signature" in result.stdout
    assert command.run("claim", altered, "1", exit_code=1).stdout == ""


def test_a_message_can_be_asked_to_pass_every_check(command: Command, text: str):
    command.run("decode", "--accepted", text)


@pytest.mark.parametrize("hostile", ["[red]two[/red] chairs", ":smile: [link=https://example.org]here[/link]", "[/]"])
def test_markup_in_a_text_is_printed_as_it_stands(command: Command, hostile: str):
    made = command.json("request", "120", "EUR", "--payee", hostile, "--description", hostile)

    for arguments in (["decode", made["text"]], ["session", made["session"]["id"]]):
        shown = "".join(command.run(*arguments).stdout.split())
        assert shown.count("".join(hostile.split())) == 2


def test_a_missing_file_is_not_taken_for_a_text(command: Command):
    assert command.run("decode", "photo.jpg", exit_code=2).stderr == "counterfoil: photo.jpg: no such file\n"
    assert "is a directory" in command.run("decode", ".", exit_code=2).stderr


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n", bytes(100_000), b"\xff" * (9 * 1024**2)])
def test_what_is_no_message_is_refused_with_a_reason(command: Command, content: bytes):
    result = command.run("decode", "-", input=content, exit_code=3)

    assert result.stderr.endswith("]\n")
    assert result.stderr.count("\n") == 1


def test_a_message_is_drawn_to_files_without_a_server(command: Command, text: str):
    drawn = Command("localhost:1").run("qr", "-", "--png", "drawn.png", "--svg", "drawn.svg", input=f"{text}\n")

    assert drawn.output == ""
    assert Path("drawn.svg").read_text().startswith("<svg ")
    assert command.json("decode", "drawn.png")["text"] == text


def test_a_message_is_drawn_in_the_terminal(command: Command, text: str):
    command.environment["COLUMNS"] = "200"

    assert "▀" in command.run("qr", text).stdout
    assert "▀" in command.run("request", "1", "EUR", "--payee", "Ana", "--qr", "-").stderr


def test_in_a_narrow_terminal_the_code_is_drawn_in_half_the_width_and_still_read(command: Command, long_text: str):
    narrow = command.run("qr", long_text).stdout.splitlines()

    Path("terminal.png").write_bytes(as_pixels(narrow))

    assert max(map(len, narrow)) <= 80
    assert command.json("decode", "terminal.png")["text"] == long_text


def test_a_code_that_fits_is_drawn_with_square_modules():
    drawing = draw("short", QrFormat.TERMINAL).decode()

    assert fitting(drawing, 80) == drawing


def test_a_terminal_too_narrow_for_the_code_gets_none(command: Command, long_text: str):
    command.environment["COLUMNS"] = "40"

    result = command.run("qr", long_text, exit_code=2)

    assert result.stdout == ""
    assert "needs 5" in result.stderr


def test_only_whole_messages_are_drawn(command: Command, text: str):
    assert "[TEXT_DAMAGED]" in command.run("qr", text[:-20], exit_code=3).stderr
    command.run("qr", "request.png", exit_code=2)


def as_pixels(lines: list[str]) -> bytes:
    """What a terminal shows: characters twice as tall as wide, light where there is ink."""
    rows = [
        bytes(255 if QUARTERS.index(char) >> corner & 1 else 0 for char in line for corner in corners)
        for line in lines
        for corners in ((0, 1), (2, 3))
    ]
    image = Image.frombytes("L", (len(rows[0]), len(rows)), b"".join(rows))
    file = BytesIO()
    image.resize((image.width * 4, image.height * 8), Image.Resampling.NEAREST).save(file, "PNG")
    return file.getvalue()
