"""What the wallet keeps, as protobuf."""

from __future__ import annotations

from client.wallet.store import Kept
from counterfoil.credentials.v1 import credential_pb2
from services.messages.protobuf import to_kind


def to_credential(kept: Kept) -> credential_pb2.Credential:
    message = kept.recorded.message
    return credential_pb2.Credential(
        message_id=str(message.id),
        session_id=str(message.session_id),
        kind=to_kind(message.kind),
        issuer=message.issuer,
        digest=kept.recorded.digest,
        json=kept.credential,
    )
