"""What the handlers are given."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request

from gateway.authority import Operator
from gateway.credential_flows import Credentials
from gateway.flows import Payments
from gateway.http.streams import Streams
from services.runtime.settings import Settings


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _payments(request: Request) -> Payments:
    payments: Payments = request.app.state.payments
    return payments


def _operator(request: Request) -> Operator:
    operator: Operator = request.app.state.operator
    return operator


def _credentials(request: Request) -> Credentials:
    credentials: Credentials = request.app.state.credentials
    return credentials


def _streams(request: Request) -> Streams:
    streams: Streams = request.app.state.streams
    return streams


Configuration = Annotated[Settings, Depends(_settings)]
PaymentFlows = Annotated[Payments, Depends(_payments)]
LastingStreams = Annotated[Streams, Depends(_streams)]
CredentialFlows = Annotated[Credentials, Depends(_credentials)]


# Their names in the description.
PAYEE_TOKEN, OPERATOR_TOKEN = "payee token", "operator token"
_payee = HTTPBearer(scheme_name=PAYEE_TOKEN, description="The secret of /paymentRequest.", auto_error=False)
_operator_token = HTTPBearer(scheme_name=OPERATOR_TOKEN, description="COUNTERFOIL_OPERATOR_TOKEN", auto_error=False)


def _payee_token(given: Annotated[HTTPAuthorizationCredentials | None, Depends(_payee)]) -> str:
    return given.credentials if given else ""


def _check_operator(
    operator: Annotated[Operator, Depends(_operator)],
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_operator_token)],
) -> None:
    operator.check(given.credentials if given else "")


# The payee token of the header; empty where there is none.
PayeeToken = Annotated[str, Depends(_payee_token)]
OperatorOnly = Depends(_check_operator)
IdempotencyKey = Annotated[
    str | None, Header(alias="Idempotency-Key", description="The same as `request_id` in the body: a UUID.")
]
