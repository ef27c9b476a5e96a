"""`counterfoil submit`: hands a message to a server that its party signed without one."""

from __future__ import annotations

from typing import Any

import click

from client.connection import gateway_of
from client.delivery import Writing, deliver, making_options
from client.failures import NotVerified, Unusable
from client.printing import conclusion
from client.reading import Source, SourceArgument
from counterfoil.payments.v1 import payments_service_pb2 as pb

_CALLS: dict[str, tuple[str, Any]] = {
    "request": ("RequestPayment", pb.RequestPaymentRequest),
    "claim": ("ClaimPayment", pb.ClaimPaymentRequest),
    "acknowledgement": ("AcknowledgePayment", pb.AcknowledgePaymentRequest),
    "rejection": ("RejectClaim", pb.RejectClaimRequest),
    "cancellation": ("CancelRequest", pb.CancelRequestRequest),
}


@click.command()
@click.argument("message", metavar="TEXT|FILE|-", type=SourceArgument())
@making_options
@click.pass_context
def submit(context: click.Context, message: Source, how: Writing, request_id: str) -> None:
    """Record a message that you signed with your own key, and print it.

    It is given as its text, as a file with the text or a picture of its QR code, or as - to read it from stdin.
    It takes no token: the signature shows that it is yours. Submitting it twice records it once.

    \b
    counterfoil submit request.txt
    """
    gateway = gateway_of(context)
    read = gateway.decode_message(message)
    if not read.verdict.verified:
        raise NotVerified(f"the message does not hold, so nothing was recorded: {conclusion(read.verdict)}")
    kind = read.message.WhichOneof("statement")
    if kind is None:
        raise Unusable("this is none of Counterfoil's messages")
    name, request = _CALLS[kind]
    signed = request(request_id=request_id, signed_message=read.text, format=how.format, qr_format=how.qr_format)
    deliver(context, gateway.call(getattr(gateway.payments, name), signed), how)
