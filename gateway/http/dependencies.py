"""What the handlers are given."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from gateway.credential_flows import Credentials
from gateway.flows import Payments
from services.runtime.settings import Settings


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _payments(request: Request) -> Payments:
    payments: Payments = request.app.state.payments
    return payments


def _credentials(request: Request) -> Credentials:
    credentials: Credentials = request.app.state.credentials
    return credentials


Configuration = Annotated[Settings, Depends(_settings)]
PaymentFlows = Annotated[Payments, Depends(_payments)]
CredentialFlows = Annotated[Credentials, Depends(_credentials)]
