"""What the HTTP side stands in front of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway.authority import Operator
from gateway.credential_flows import Credentials
from gateway.flows import Payments
from services.runtime.channels import Channels
from services.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Parts:
    settings: Settings
    channels: Channels
    payments: Payments
    credentials: Credentials
    operator: Operator
    # Registers the gRPC methods with anything a generated `add_..._to_server` accepts.
    register: Callable[[Any], None]
