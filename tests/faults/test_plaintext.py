"""Without TLS nothing leaves this machine: a start that would is stopped."""

from __future__ import annotations

import pytest

from tests.processes import Start


@pytest.mark.parametrize(
    ("module", "given", "allowing"),
    [
        ("gateway", {"gateway_listen": "0.0.0.0:0"}, "public"),
        ("gateway", {"http_listen": "[::]:0"}, "public"),
        ("gateway", {"metrics_listen": "0.0.0.0:0"}, "metrics"),
        ("gateway", {"codec_address": "codec:50051"}, "services"),
        ("services.codec", {"codec_listen": "0.0.0.0:0"}, "services"),
    ],
)
def test_a_start_stops_and_says_what_would_allow_it(
    launch: Start, module: str, given: dict[str, str], allowing: str
) -> None:
    refused = launch(module, **given)

    assert refused.wait() == 2
    assert f"COUNTERFOIL_PLAINTEXT={allowing}" in refused.log.splitlines()[-1]
    assert "Traceback" not in refused.log
    assert launch(module, **given, plaintext=allowing).wait_until_listening().address
