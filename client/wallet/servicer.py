"""The wallet behind the calls of the gateway: translates, and decides nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from google.protobuf.message import Message as ProtobufMessage
from uuid_utils.compat import uuid7

from client.reading import Source
from client.sdk.operations import Operations
from client.sdk.verdicts import refused, to_verdict, worst
from client.wallet.conversation import Conversation
from client.wallet.protobuf import to_credential
from client.wallet.store import Kept, WalletFile
from client.wallet.usecases import Retry, Wallet
from counterfoil.payments.v1 import payments_service_pb2 as pb
from gateway.refusals import ClaimNotVerified, NotAClaim
from services.messages import protobuf as to
from services.messages.message import Claim, Kind, Party
from services.messages.refusals import InvalidField, InvalidPageToken
from services.runtime.refusals import Refusal
from services.sessions.domain import Recorded, Session, order
from services.sessions.protobuf import to_session
from services.sessions.refusals import ClaimNotFound

if TYPE_CHECKING:
    from client.wallet.checking import Checked
    from client.wallet.writing import Wanted
    from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
    from services.codec.domain import Reading

Request = TypeVar("Request")
Answer = TypeVar("Answer")

# More than any request may last, and no overflow on the way to saying so.
_SECONDS_MAX = 2**31
_PAGE_SIZE = 20


def _now() -> datetime:
    return datetime.now(UTC)


class LocalWallet(Operations):
    """Open for one command."""

    def __init__(self, path: Path, passphrase: Callable[[], str]) -> None:
        self.file = WalletFile(path)
        self.wallet = Wallet(self.file, passphrase, now=_now, new_session_id=uuid7)
        self.payments = cast("PaymentsServiceStub", WalletServicer(self.wallet))

    def __enter__(self) -> LocalWallet:
        return self

    def __exit__(self, *_error: object) -> None:
        self.file.close()

    def call(self, method: Callable[[Request], Answer], request: Request) -> Answer:
        """Raises Refused."""
        try:
            return method(request)
        except Refusal as refusal:
            raise refused(refusal) from None

    def conversation(self, session_id: UUID) -> Conversation:
        """Raises Refused where nothing is known under that id."""
        try:
            return self.wallet.conversation(session_id)
        except Refusal as refusal:
            raise refused(refusal) from None

    def take_in(self, message: Source) -> pb.DecodeMessageResponse:
        read = self.decode_message(message)
        self.wallet.keep([self.wallet.check(read.credential)])
        return read


class WalletServicer:
    """`counterfoil.payments.v1.PaymentsService`, as far as a party alone can answer it."""

    def __init__(self, wallet: Wallet) -> None:
        self._wallet = wallet

    def RequestPayment(self, request: pb.RequestPaymentRequest) -> pb.RequestPaymentResponse:
        if request.HasField("payee"):
            raise InvalidField("payee: a wallet asks in its own name, its DID; leave the payee out", field="payee")
        made, session = self._wallet.request(
            to.from_money(request.amount, "amount"),
            to.from_text(request.description),
            to.from_methods(request.methods),
            timedelta(seconds=min(request.ttl.seconds, _SECONDS_MAX)) if request.HasField("ttl") else None,
            _retry(request),
        )
        return pb.RequestPaymentResponse(
            session=_to_session(session), credential=to_credential(made), **_written(made, request)
        )

    def ClaimPayment(self, request: pb.ClaimPaymentRequest) -> pb.ClaimPaymentResponse:
        if request.HasField("payer"):
            raise InvalidField("payer: a wallet speaks in its own name, its DID; leave the payer out", field="payer")
        made, session = self._wallet.claim(
            to.from_uuid(request.session_id, "session_id"),
            lambda digest: Claim(
                digest,
                to.from_money(request.amount, "amount"),
                Party(self._wallet.did),
                to.from_text(request.evidence) if request.HasField("evidence") else None,
                to.from_text(request.method) if request.HasField("method") else None,
                to.from_text(request.custom_method) if request.HasField("custom_method") else None,
            ),
            _retry(request),
        )
        return pb.ClaimPaymentResponse(
            session=_to_session(session), credential=to_credential(made), **_written(made, request)
        )

    def AcknowledgePayment(self, request: pb.AcknowledgePaymentRequest) -> pb.AcknowledgePaymentResponse:
        checked = self._wallet.check(_read(request).credential)
        claim = _verified_claim(checked)
        if request.session_id not in ("", str(claim.message.session_id)):
            raise ClaimNotFound(to.from_uuid(request.session_id, "session_id"), claim.message.id)
        self._wallet.keep([checked])
        received = (
            to.from_money(request.received_amount, "received_amount") if request.HasField("received_amount") else None
        )
        made, session = self._wallet.acknowledge(claim, received, _retry(request))
        return pb.AcknowledgePaymentResponse(
            verdict=to_verdict(checked.verdict),
            session=_to_session(session),
            receipt=to_credential(made),
            **_written(made, request),
        )

    def RejectClaim(self, request: pb.RejectClaimRequest) -> pb.RejectClaimResponse:
        made, session = self._wallet.reject(
            to.from_uuid(request.session_id, "session_id"),
            to.from_uuid(request.claim_id, "claim_id"),
            to.from_text(request.reason),
            _retry(request),
        )
        return pb.RejectClaimResponse(
            session=_to_session(session), credential=to_credential(made), **_written(made, request)
        )

    def CancelRequest(self, request: pb.CancelRequestRequest) -> pb.CancelRequestResponse:
        made, session = self._wallet.cancel(
            to.from_uuid(request.session_id, "session_id"), to.from_text(request.reason), _retry(request)
        )
        return pb.CancelRequestResponse(
            session=_to_session(session), credential=to_credential(made), **_written(made, request)
        )

    def DecodeMessage(self, request: pb.DecodeMessageRequest) -> pb.DecodeMessageResponse:
        from client.wallet.writing import to_format
        from services.credentials.reading import stated

        read = _read(request)
        verdicts = [each.verdict for each in self._wallet.check_conversation(read.dossier or (read.credential,))]
        return pb.DecodeMessageResponse(
            message=to.to_message(read.message) if read.message else None,
            verdict=to_verdict(worst(verdicts)),
            format=to_format(read.format),
            text=read.text,
            credential=read.credential,
            unsigned_fields=read.unsigned_fields,
            dossier=[
                pb.DossierMessage(message=to.to_message(stated(each)), verdict=to_verdict(verdict), credential=each)
                for each, verdict in zip(read.dossier, verdicts, strict=False)
            ],
        )

    def ListSessions(self, request: pb.ListSessionsRequest) -> pb.ListSessionsResponse:
        """Newest first. The page token is how many came before."""
        start = int(request.page_token or 0) if request.page_token.isdecimal() or not request.page_token else -1
        if not 0 <= start <= _SECONDS_MAX:
            raise InvalidPageToken
        found = [session for each in self._wallet.conversations() for session in each.sessions]
        found.sort(key=lambda session: order(session.opening), reverse=True)
        end = start + (request.page_size or _PAGE_SIZE)
        return pb.ListSessionsResponse(
            sessions=[to_session(each, each.status(_now()), with_claims=False) for each in found[start:end]],
            next_page_token=str(end) if end < len(found) else "",
        )

    def GetSession(self, request: pb.GetSessionRequest) -> pb.GetSessionResponse:
        session_id = to.from_uuid(request.session_id, "session_id")
        found = self._wallet.sessions(session_id)[0]
        return pb.GetSessionResponse(
            session=_to_session(found), credentials=map(to_credential, self._wallet.credentials(session_id))
        )


def _to_session(session: Session) -> Any:
    return to_session(session, session.status(_now()))


# Reading and writing texts is imported where it is done, since looking at a session needs neither.
def _read(request: pb.DecodeMessageRequest | pb.AcknowledgePaymentRequest) -> Reading:
    from client.codes import read_one

    return read_one(request.image if request.HasField("image") else request.text)


def _written(made: Kept, wanted: Wanted) -> dict[str, Any]:
    from client.wallet.writing import written

    return written(made, wanted)


def _verified_claim(checked: Checked) -> Recorded:
    if checked.recorded is None:
        raise ClaimNotVerified(checked.failed.name, checked.failed.detail)
    if checked.recorded.message.kind is not Kind.CLAIM:
        raise NotAClaim
    return checked.recorded


def _retry(request: ProtobufMessage) -> Retry:
    """What tells a retry from another command: every field but the id itself and how the message is to be written."""
    fields = type(request)()
    fields.CopyFrom(request)
    for name in ("request_id", "format", "qr_format"):
        fields.ClearField(name)
    content = fields.DESCRIPTOR.full_name.encode() + fields.SerializeToString(deterministic=True)
    return Retry(str(UUID(cast(Any, request).request_id)), hashlib.sha256(content).digest())
