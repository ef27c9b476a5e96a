"""What the handlers are given."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from gateway.credential_flows import Credentials


def _credentials(request: Request) -> Credentials:
    credentials: Credentials = request.app.state.credentials
    return credentials


CredentialFlows = Annotated[Credentials, Depends(_credentials)]
