"""Without TLS nothing leaves this machine, unless somebody said so."""

from __future__ import annotations

import pytest

from services.runtime.channels import Channels
from services.runtime.plaintext import refuse_plaintext
from services.runtime.settings import BadSetting, Settings


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:1", "127.8.8.8:1", "localhost:1", "[::1]:1", "127.0.0.1:1,127.0.0.2:1"],
)
def test_loopback_needs_no_tls(settings: Settings, address: str) -> None:
    refuse_plaintext(settings, "public", address)


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0:1", "[::]:1", "10.0.0.7:1", "[2001:db8::1]:1", "[::ffff:10.0.0.7]:1", "codec:1", "127.1:1"),
        *("localhost.example.org:1", "127.0.0.1.example.org:1", "127.0.0.1:1,10.0.0.7:1"),
    ],
)
def test_anywhere_else_is_refused_with_what_to_do(settings: Settings, address: str) -> None:
    with pytest.raises(BadSetting) as refused:
        refuse_plaintext(settings, "public", address)

    assert str(refused.value).startswith(f"{address} is on the network")
    assert "give COUNTERFOIL_PUBLIC_TLS_CERTIFICATE" in str(refused.value)
    assert "COUNTERFOIL_PLAINTEXT=public" in str(refused.value)


def test_what_was_allowed_is_allowed_and_nothing_else(settings: Settings) -> None:
    settings = settings.model_copy(update={"plaintext": ("services",)})

    refuse_plaintext(settings, "services", "codec:50051")
    for use in ("public", "metrics"):
        with pytest.raises(BadSetting):
            refuse_plaintext(settings, use, "0.0.0.0:50050")


def test_a_service_on_another_machine_is_not_called_without_tls(settings: Settings) -> None:
    settings = settings.model_copy(update={"codec_address": "10.0.0.7:50051"})
    with pytest.raises(BadSetting, match="COUNTERFOIL_TLS_CERTIFICATE"):
        Channels(settings)
