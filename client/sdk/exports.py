"""What `from counterfoil.sdk import ...` finds."""

from client.sdk.failures import Failure, Fault, NotReachable, Refused, UnusablePins
from client.sdk.gateway import Gateway
from client.sdk.verifying import verify, verify_presentation
from counterfoil.credentials.v1.credential_pb2 import CheckOutcome, Verdict
from counterfoil.messages.v1.message_pb2 import Money, PaymentMethod, QrFormat, TextFormat
from counterfoil.sessions.v1.session_pb2 import ClaimStatus, SessionStatus

__all__ = [
    "CheckOutcome",
    "ClaimStatus",
    "Failure",
    "Fault",
    "Gateway",
    "Money",
    "NotReachable",
    "PaymentMethod",
    "QrFormat",
    "Refused",
    "SessionStatus",
    "TextFormat",
    "UnusablePins",
    "Verdict",
    "verify",
    "verify_presentation",
]
