"""The API of the codec: what it answers, and each of its refusals."""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import grpc
import pytest

from counterfoil.codec.v1 import codec_service_pb2 as pb
from counterfoil.codec.v1.codec_service_pb2_grpc import CodecServiceStub
from counterfoil.messages.v1 import message_pb2
from services.codec import qr_drawing, wiring
from services.codec.domain import IMAGE_BYTES_MAX, QrFormat
from services.codec.reading_process import ReadingProcess
from services.codec.servicer import CodecServicer
from services.codec.usecases import Codec
from services.messages.protobuf import to_message
from services.runtime.refusals import Refusal
from services.runtime.settings import Settings
from tests.codec.pictures import TEXT, jpeg, png, qr, screenshot
from tests.messages_strategies import a_credential, a_message, a_proof, a_request, as_json
from tests.vectors.compact.conversations import REFERENCE
from tests.vectors.compact.torn import issued

MESSAGE = a_message(a_request())
CREDENTIAL = as_json(a_credential(MESSAGE))
TOLD = issued(REFERENCE)
CONVERSATION = [as_json(each) for each in TOLD]


class FakePictureReader:
    """Sees in every picture the texts it was made with."""

    def __init__(self, *texts: str) -> None:
        self._texts = list(texts)

    async def texts_in(self, image: bytes) -> list[str]:
        return self._texts


async def drawn(text: str, format: QrFormat) -> bytes:
    return qr_drawing.draw(text, format)


def seeing(*texts: str) -> CodecServicer:
    return CodecServicer(Codec(FakePictureReader(*texts), drawn))


async def refused(call: Awaitable[Any]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await call
    assert ";" in caught.value.message, "a refusal says what to do next"
    return caught.value


def decode(servicer: CodecServicer, **source: Any) -> Awaitable[pb.DecodeMessageResponse]:
    return servicer.DecodeMessage(pb.DecodeMessageRequest(**source), None)


def encode(**fields: Any) -> Awaitable[pb.EncodeMessageResponse]:
    return seeing().EncodeMessage(pb.EncodeMessageRequest(**fields), None)


def draw(**fields: Any) -> Awaitable[pb.DrawQrResponse]:
    return seeing().DrawQr(pb.DrawQrRequest(**fields), None)


def write_dossier(*credentials: str, **fields: Any) -> Awaitable[pb.EncodeDossierResponse]:
    return seeing().EncodeDossier(pb.EncodeDossierRequest(credentials=credentials, **fields), None)


def code(json_text: str) -> str:
    return b64encode(zlib.compress(json_text.encode())).decode()


async def test_a_credential_is_written_as_text_and_no_picture_when_none_is_asked_for():
    written = await encode(credential=CREDENTIAL, format=message_pb2.TEXT_FORMAT_CLASSIC)

    assert written == pb.EncodeMessageResponse(text=TEXT, format=message_pb2.TEXT_FORMAT_CLASSIC)


async def test_a_credential_is_written_short_when_nothing_is_asked_for():
    credential = {**a_credential(MESSAGE), "proof": {**a_proof(MESSAGE.issuer), "created": "2026-01-31T12:00:00Z"}}
    written = await encode(credential=as_json(credential))
    read = await decode(seeing(), text=f"Look: {written.text.lower()} bye")

    assert written.format == read.format == message_pb2.TEXT_FORMAT_COMPACT
    assert written.text.startswith("CF1")
    assert json.loads(read.credential) == credential


async def test_what_does_not_fit_the_short_form_is_written_in_the_long_one_and_says_so():
    credential = {**a_credential(MESSAGE), "proof": {**a_proof(MESSAGE.issuer), "created": "2026-01-31T12:00:09Z"}}
    written = await encode(credential=as_json(credential), format=message_pb2.TEXT_FORMAT_COMPACT)

    assert written.format == message_pb2.TEXT_FORMAT_CLASSIC


@pytest.mark.parametrize(
    ("qr_format", "start"),
    [
        (message_pb2.QR_FORMAT_PNG, b"\x89PNG"),
        (message_pb2.QR_FORMAT_SVG, b"<svg "),
        (message_pb2.QR_FORMAT_TERMINAL, b"\x1b[40;97m\xe2\x96\x88"),
    ],
)
async def test_the_picture_asked_for_is_that_of_the_text(qr_format, start):
    written = await encode(credential=CREDENTIAL, format=message_pb2.TEXT_FORMAT_CLASSIC, qr_format=qr_format)
    drawn = await draw(text=TEXT, format=qr_format)

    assert written.text == TEXT
    assert written.qr_image == drawn.image
    assert drawn.image.startswith(start)


async def test_a_picture_is_a_png_when_nothing_else_is_asked_for():
    assert (await draw(text="any text")).image.startswith(b"\x89PNG")


async def test_a_text_gives_the_message_and_its_credential():
    read = await decode(seeing(), text=f"Hello!\n{TEXT}\n")

    assert read.format == message_pb2.TEXT_FORMAT_CLASSIC
    assert read.text == TEXT
    assert read.message == to_message(MESSAGE)
    assert json.loads(read.credential) == json.loads(CREDENTIAL)
    assert read.unsigned_fields == ""


async def test_a_picture_gives_what_its_text_gives():
    assert await decode(seeing(TEXT), image=b"a picture") == await decode(seeing(), text=TEXT)


async def test_a_text_without_a_credential_gives_its_fields_and_no_message():
    fields = {"session_id": str(MESSAGE.session_id), "message_id": str(MESSAGE.id), "type": "cancelled"}

    read = await decode(seeing(), text=code(as_json(fields)))

    assert json.loads(read.unsigned_fields) == fields
    assert not read.HasField("message")
    assert read.credential == ""


async def test_a_conversation_is_written_in_one_text_and_read_back_message_by_message():
    written = await write_dossier(*CONVERSATION, qr_format=message_pb2.QR_FORMAT_SVG)
    read = await decode(seeing(), text=written.text)

    assert written.format == read.format == message_pb2.TEXT_FORMAT_COMPACT
    assert written.qr_image == (await draw(text=written.text, format=message_pb2.QR_FORMAT_SVG)).image
    assert list(map(json.loads, read.dossier)) == TOLD
    assert json.loads(read.credential) == TOLD[-1]
    assert read.message == to_message(REFERENCE[-1][0])


async def test_a_single_message_is_no_dossier():
    read = await decode(seeing(), text=TEXT)

    assert list(read.dossier) == []


@pytest.mark.parametrize(
    ("reason", "field", "call"),
    [
        ("INVALID_FIELD", "format", lambda: encode(credential=CREDENTIAL, format=99)),
        ("INVALID_FIELD", "qr_format", lambda: encode(credential=CREDENTIAL, qr_format=99)),
        ("MALFORMED_MESSAGE", "", lambda: encode(credential="{}")),
        ("MALFORMED_MESSAGE", "", lambda: encode()),
        ("INVALID_FIELD", "source", lambda: decode(seeing())),
        ("TEXT_TOO_LONG", "text", lambda: decode(seeing(), text="e" * 65537)),
        ("TEXT_DAMAGED", "text", lambda: decode(seeing(), text=TEXT[:500])),
        ("TEXT_DAMAGED", "text", lambda: decode(seeing(), text="")),
        ("MALFORMED_MESSAGE", "", lambda: decode(seeing(), text=code('{"type":"sent","type":"sent"}'))),
        ("FORMAT_NOT_SUPPORTED", "text", lambda: decode(seeing(), text="CF2" + "AB" * 40)),
        ("IMAGE_TOO_LARGE", "image", lambda: decode(seeing(TEXT), image=bytes(IMAGE_BYTES_MAX + 1))),
        ("NO_QR_CODE", "image", lambda: decode(seeing(), image=b"a picture")),
        ("SEVERAL_QR_CODES", "image", lambda: decode(seeing(TEXT, TEXT[:9]), image=b"a picture")),
        ("FOREIGN_QR_CODE", "image", lambda: decode(seeing("https://example.com"), image=b"a picture")),
        ("TEXT_DAMAGED", "text", lambda: decode(seeing(TEXT[:-4]), image=b"a picture")),
        ("FORMAT_NOT_SUPPORTED", "text", lambda: decode(seeing("CF2" + "AB" * 40), image=b"a picture")),
        ("NO_DOSSIER", "", lambda: write_dossier()),
        ("NO_DOSSIER", "", lambda: write_dossier(CONVERSATION[0])),
        ("NO_DOSSIER", "", lambda: write_dossier(*CONVERSATION[1:])),
        ("NO_DOSSIER", "", lambda: write_dossier(*reversed(CONVERSATION))),
        ("NO_DOSSIER", "", lambda: write_dossier(*["{"] * 17)),
        ("INVALID_FIELD", "qr_format", lambda: write_dossier(*CONVERSATION, qr_format=99)),
        ("MALFORMED_MESSAGE", "", lambda: write_dossier(CONVERSATION[0], "{")),
        ("INVALID_FIELD", "text", lambda: draw()),
        ("TEXT_TOO_LONG", "text", lambda: draw(text="a" * 2954)),
        ("INVALID_FIELD", "format", lambda: draw(text="a", format=99)),
    ],
)
async def test_each_refusal_has_its_reason_and_names_the_field(reason, field, call):
    refusal = await refused(call())

    assert (refusal.reason, refusal.field) == (reason, field)


@pytest.fixture
async def codec() -> AsyncIterator[CodecServiceStub]:
    """The service as it is wired, behind a server on a free port."""
    service = await wiring.build(Settings(), None)
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", 10_000_000)])
    service.register(server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield CodecServiceStub(channel)
    await server.stop(None)
    await service.close()


async def test_a_message_comes_back_from_the_pictures_people_send(codec):
    for image in (png(qr()), png(screenshot(qr())), jpeg(screenshot(qr()), quality=75)):
        read = await codec.DecodeMessage(pb.DecodeMessageRequest(image=image))
        assert read.text == TEXT
        assert read.message == to_message(MESSAGE)


async def test_what_was_drawn_over_the_wire_is_read_over_the_wire(codec):
    request = pb.EncodeMessageRequest(credential=CREDENTIAL, qr_format=message_pb2.QR_FORMAT_PNG)
    written = await codec.EncodeMessage(request)

    read = await codec.DecodeMessage(pb.DecodeMessageRequest(image=written.qr_image))

    assert json.loads(read.credential) == json.loads(CREDENTIAL)


@pytest.mark.parametrize(
    ("reason", "image"),
    [
        ("IMAGE_UNREADABLE", b"no picture"),
        ("IMAGE_TOO_LARGE", png(qr().resize((6000, 5000)))),
        ("NO_QR_CODE", png(screenshot())),
        ("SEVERAL_QR_CODES", png(screenshot(qr(), qr("https://example.com")))),
        ("FOREIGN_QR_CODE", png(screenshot(qr("https://example.com")))),
    ],
)
async def test_each_refusal_of_a_real_picture(reason, image):
    pictures = ReadingProcess()
    try:
        refusal = await refused(decode(CodecServicer(Codec(pictures, drawn)), image=image))
    finally:
        await pictures.close()

    assert (refusal.reason, refusal.field) == (reason, "image")
