"""The document's endpoints in the straightforward way: a handler each, an ORM session each, `qrcode` for the picture.

Fair where it costs nothing to be: SQLite in WAL mode with every commit synced as ours is, the key made once, the same
signatures (Ed25519 over the RFC 8785 form, `eddsa-jcs-2022`), uvicorn in one process as our HTTP side has it.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import zlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import uuid4

import base58
import qrcode
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import event
from sqlmodel import Field, Session, SQLModel, create_engine, select

engine = create_engine(
    os.environ["BASELINE_DATABASE"], connect_args={"check_same_thread": False}, pool_size=40
)  # As many as FastAPI has threads.


@event.listens_for(engine, "connect")
def _prepare(connection: Any, _: object) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA busy_timeout=30000")


class PaymentSession(SQLModel, table=True):
    id: str = Field(primary_key=True)
    status: str
    requested: str
    paid: str
    currency: str
    expires_at: datetime
    certificate: str


class Message(SQLModel, table=True):
    id: str = Field(primary_key=True)
    session_id: str = Field(index=True)
    type: str
    amount: str
    acknowledged: bool = False
    certificate: str


SQLModel.metadata.create_all(engine)
KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key()
MULTIBASE = "z" + base58.b58encode(b"\xed\x01" + PUBLIC.public_bytes_raw()).decode()
DID = f"did:key:{MULTIBASE}"
CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://w3id.org/counterfoil/v1"]
app = FastAPI()


def database() -> Any:
    with Session(engine) as session:
        yield session


Database = Annotated[Session, Depends(database)]


class RequestBody(BaseModel):
    amount: Decimal
    currency: str
    recipient_id: str
    description: str = ""
    preferences: list[dict[str, str]] = []
    qr: bool = False


class SentBody(BaseModel):
    session_id: str
    paid_amount: Decimal
    transaction_proof: str = ""
    qr: bool = False


class EncodedBody(BaseModel):
    encoded_message: str


@app.post("/paymentRequest")
def request_payment(body: RequestBody, database: Database) -> dict[str, Any]:
    session_id, message_id, now = str(uuid4()), str(uuid4()), datetime.now(UTC)
    expires_at = now + timedelta(days=7)
    subject = {
        "type": "PaymentRequest",
        "session": session_id,
        "payee": {"name": body.recipient_id},
        "amount": {"value": str(body.amount), "currency": body.currency},
        "description": body.description,
        "paymentMethods": body.preferences,
    }
    certificate = _sign(message_id, subject, now)
    database.add(
        PaymentSession(
            id=session_id,
            status="PENDING",
            requested=str(body.amount),
            paid="0",
            currency=body.currency,
            expires_at=expires_at,
            certificate=json.dumps(certificate),
        )
    )
    database.commit()
    text = _encode(session_id, message_id, "request", body.amount, body.currency, certificate)
    return {"encoded_message": text, "qr_code": _picture(text) if body.qr else None, "session_id": session_id}


@app.post("/paymentSent")
def payment_sent(body: SentBody, database: Database) -> dict[str, Any]:
    session = _session(database, body.session_id)
    if session.expires_at.replace(tzinfo=UTC) < datetime.now(UTC):
        raise HTTPException(404, "session expired")
    request = hashlib.sha256(session.certificate.encode()).hexdigest()
    message_id = str(uuid4())
    amount = {"value": str(body.paid_amount), "currency": session.currency}
    subject = {
        "type": "PaymentClaim",
        "session": session.id,
        "request": request,
        "amount": amount,
        "evidence": body.transaction_proof,
    }
    certificate = _sign(message_id, subject, datetime.now(UTC))
    database.add(
        Message(
            id=message_id,
            session_id=session.id,
            type="sent",
            amount=str(body.paid_amount),
            certificate=json.dumps(certificate),
        )
    )
    currency = session.currency
    database.commit()
    text = _encode(body.session_id, message_id, "sent", body.paid_amount, currency, certificate)
    return {
        "confirmation_message": text,
        "qr_code": _picture(text) if body.qr else None,
        "certificate": certificate,
    }


@app.post("/paymentReceived")
def payment_received(body: EncodedBody, database: Database) -> dict[str, Any]:
    fields = json.loads(zlib.decompress(base64.b64decode(body.encoded_message)))
    if not _holds(fields["vc"]):
        return {"validation_result": False}
    session = _session(database, fields["session_id"])
    claim = database.exec(select(Message).where(Message.id == fields["message_id"])).one_or_none()
    if claim is None or claim.acknowledged:
        raise HTTPException(409, "unknown or acknowledged before")
    claim.acknowledged = True
    paid = Decimal(session.paid) + Decimal(claim.amount)
    session.paid = str(paid)
    session.status = "RECEIVED" if paid >= Decimal(session.requested) else "PARTIALLY_RECEIVED"
    status = session.status
    subject = {
        "type": "PaymentAcknowledgement",
        "session": session.id,
        "claim": claim.id,
        "amount": {"value": claim.amount, "currency": session.currency},
    }
    message_id = str(uuid4())
    certificate = _sign(message_id, subject, datetime.now(UTC))
    database.add(
        Message(
            id=message_id,
            session_id=session.id,
            type="received",
            amount=claim.amount,
            certificate=json.dumps(certificate),
        )
    )
    database.add(session)
    database.add(claim)
    database.commit()
    return {"validation_result": True, "certificate": certificate, "updated_status": status}


def _session(database: Session, session_id: str) -> PaymentSession:
    session = database.get(PaymentSession, session_id)
    if session is None:
        raise HTTPException(404, "no such session")
    return session


def _sign(message_id: str, subject: dict[str, Any], at: datetime) -> dict[str, Any]:
    document = {
        "@context": CONTEXT,
        "id": f"urn:uuid:{message_id}",
        "type": ["VerifiableCredential", f"{subject['type']}Credential"],
        "issuer": DID,
        "validFrom": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "credentialSubject": subject,
    }
    config = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": document["validFrom"],
        "verificationMethod": f"{DID}#{MULTIBASE}",
        "proofPurpose": "assertionMethod",
        "@context": CONTEXT,
    }
    signature = KEY.sign(_hash(config) + _hash(document))
    return {**document, "proof": {**config, "proofValue": "z" + base58.b58encode(signature).decode()}}


def _holds(certificate: dict[str, Any]) -> bool:
    document = {name: value for name, value in certificate.items() if name != "proof"}
    config = {name: value for name, value in certificate["proof"].items() if name != "proofValue"}
    signature = base58.b58decode(certificate["proof"]["proofValue"][1:])
    try:
        PUBLIC.verify(signature, _hash(config) + _hash(document))
    except InvalidSignature:
        return False
    return True


def _hash(document: dict[str, Any]) -> bytes:
    return hashlib.sha256(rfc8785.dumps(document)).digest()


def _encode(
    session_id: str, message_id: str, type: str, amount: Decimal, currency: str, certificate: dict[str, Any]
) -> str:
    fields = {
        "session_id": session_id,
        "message_id": message_id,
        "type": type,
        "amount": str(amount),
        "currency": currency,
        "vc": certificate,
    }
    return base64.b64encode(zlib.compress(json.dumps(fields, separators=(",", ":")).encode(), 9)).decode()


def _picture(text: str) -> str:
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_L)
    code.add_data(text)
    out = io.BytesIO()
    code.make_image().save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()
