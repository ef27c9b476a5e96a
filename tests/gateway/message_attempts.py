"""Messages and pictures that are refused, and the reason with which each is."""

from __future__ import annotations

import base64
import io
import json
import zlib
from typing import Any

from PIL import Image

from counterfoil.credentials.v1 import credentials_service_pb2 as credentials_pb
from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from tests.gateway.attempts import CLASSIC, Attempt, noting
from tests.gateway.conftest import Gate

MESSAGE_ATTEMPTS: list[tuple[str, str, Attempt]] = []
refused = noting(MESSAGE_ATTEMPTS)


@refused("CLAIM_ALTERED")
async def acknowledgement_of_a_claim_signed_again_with_another_amount(gate: Gate) -> Any:
    """The strongest forger there is: one who can sign with the service's own key, under the recorded id."""
    asked = await gate.request()
    claimed = await gate.claim(asked.session.id, "120", format=CLASSIC)
    gate.forget_credentials()
    forged = message_pb2.Message()
    forged.CopyFrom(claimed.session.claims[0].message)
    forged.claim.amount.amount = "1.00"
    issued = await gate.credentials.IssueCredential(credentials_pb.IssueCredentialRequest(message=forged))
    return await gate.acknowledge(
        asked.payee_token, classic(claimed.text, vc=json.loads(issued.credential.json), amount="1.00")
    )


@refused("CLAIM_NOT_VERIFIED")
async def acknowledgement_of_a_claim_whose_amount_was_raised(gate: Gate) -> Any:
    asked = await gate.request()
    claimed = await gate.claim(asked.session.id, "12", format=CLASSIC)
    vc = json.loads(claimed.credential.json)
    vc["credentialSubject"]["amount"]["value"] = "120.00"
    return await gate.acknowledge(asked.payee_token, classic(claimed.text, vc=vc, amount="120.00"))


@refused("CLAIM_NOT_VERIFIED")
async def acknowledgement_of_a_claim_without_a_signature(gate: Gate) -> Any:
    asked = await gate.request()
    claimed = await gate.claim(asked.session.id, format=CLASSIC)
    return await gate.acknowledge(asked.payee_token, classic(claimed.text, vc=None))


@refused("NOT_A_CLAIM")
async def acknowledgement_of_a_request(gate: Gate) -> Any:
    asked = await gate.request()
    return await gate.acknowledge(asked.payee_token, asked.text)


@refused("MALFORMED_MESSAGE")
async def claim_whose_fields_contradict_its_credential(gate: Gate) -> Any:
    asked = await gate.request()
    return await gate.acknowledge(
        asked.payee_token, classic((await gate.claim(asked.session.id, format=CLASSIC)).text, amount="121.00")
    )


@refused("MALFORMED_MESSAGE")
async def json_with_duplicate_keys(gate: Gate) -> Any:
    return await _decode(gate, _text('{"type": "sent", "type": "received"}'))


@refused("MALFORMED_MESSAGE")
async def zip_bomb(gate: Gate) -> Any:
    return await _decode(gate, _text(" " * 40_000_000))


@refused("MALFORMED_MESSAGE")
async def json_nested_without_end(gate: Gate) -> Any:
    return await _decode(gate, _text("[" * 30000))


@refused("TEXT_DAMAGED")
async def short_text_cut_in_half(gate: Gate) -> Any:
    asked = await gate.request()
    assert asked.text.startswith("CF1")
    return await _decode(gate, asked.text[: len(asked.text) // 2])


@refused("TEXT_DAMAGED")
async def text_cut_in_half(gate: Gate) -> Any:
    asked = await gate.request(format=CLASSIC)
    return await _decode(gate, asked.text[: len(asked.text) // 2])


@refused("TEXT_DAMAGED")
async def acknowledgement_of_a_claim_altered_in_one_letter(gate: Gate) -> Any:
    asked = await gate.request()
    text = (await gate.claim(asked.session.id)).text
    altered = text[:150] + ("A" if text[150] != "A" else "B") + text[151:]
    return await gate.acknowledge(asked.payee_token, altered)


@refused("TEXT_DAMAGED")
async def text_that_is_no_message(gate: Gate) -> Any:
    return await _decode(gate, "I have paid, believe me")


@refused("TEXT_TOO_LONG")
async def text_of_5_mb(gate: Gate) -> Any:
    return await _decode(gate, "A" * 5_000_000)


@refused("FORMAT_NOT_SUPPORTED")
async def text_of_a_later_form(gate: Gate) -> Any:
    return await _decode(gate, "CF2" + "A1B2C3" * 40)


@refused("INVALID_FIELD")
async def nothing_to_decode(gate: Gate) -> Any:
    return await gate.stub.DecodeMessage(pb.DecodeMessageRequest())


@refused("IMAGE_UNREADABLE")
async def image_that_is_no_image(gate: Gate) -> Any:
    return await _see(gate, b"GIF89a, or so it says")


@refused("IMAGE_TOO_LARGE")
async def image_of_30_megapixels(gate: Gate) -> Any:
    return await _see(gate, _png(Image.new("1", (6000, 5000))))


@refused("IMAGE_TOO_LARGE")
async def image_of_9_mib(gate: Gate) -> Any:
    return await _see(gate, bytes(9 * 1024 * 1024))


@refused("NO_QR_CODE")
async def image_without_a_code(gate: Gate) -> Any:
    return await _see(gate, _png(Image.new("L", (400, 400), 200)))


@refused("SEVERAL_QR_CODES")
async def image_with_two_codes(gate: Gate) -> Any:
    one, two = [await gate.request(qr_format=message_pb2.QR_FORMAT_PNG) for _ in range(2)]
    pictures = [Image.open(io.BytesIO(each.qr_image)) for each in (one, two)]
    both = Image.new("L", (pictures[0].width + pictures[1].width, max(each.height for each in pictures)), 255)
    both.paste(pictures[0], (0, 0))
    both.paste(pictures[1], (pictures[0].width, 0))
    return await _see(gate, _png(both))


@refused("FOREIGN_QR_CODE")
async def image_with_a_foreign_code(gate: Gate) -> Any:
    import qrcode

    picture = io.BytesIO()
    qrcode.make("https://example.org/pay").save(picture)
    return await _see(gate, picture.getvalue())


async def _decode(gate: Gate, text: str) -> Any:
    return await gate.stub.DecodeMessage(pb.DecodeMessageRequest(text=text))


async def _see(gate: Gate, image: bytes) -> Any:
    return await gate.stub.DecodeMessage(pb.DecodeMessageRequest(image=image))


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _text(content: str) -> str:
    return base64.b64encode(zlib.compress(content.encode())).decode()


def _fields(text: str) -> dict[str, Any]:
    fields = json.loads(zlib.decompress(base64.b64decode(text)))
    assert isinstance(fields, dict)
    return fields


def classic(text: str, **changes: Any) -> str:
    """The same message with other fields, as somebody would forge it. None takes one away."""
    fields = {**_fields(text), **changes}
    return _text(json.dumps({name: value for name, value in fields.items() if value is not None}))
