"""Without TLS nothing leaves this machine, unless COUNTERFOIL_PLAINTEXT says so."""

from __future__ import annotations

from services.runtime.loopback import is_loopback
from services.runtime.settings import BadSetting, PlaintextUse, Settings

_REMEDIES: dict[PlaintextUse, str] = {
    "public": "COUNTERFOIL_PUBLIC_TLS_CERTIFICATE and COUNTERFOIL_PUBLIC_TLS_KEY",
    "services": "COUNTERFOIL_TLS_CERTIFICATE, COUNTERFOIL_TLS_KEY and COUNTERFOIL_TLS_CA",
    "metrics": "a certificate, COUNTERFOIL_TLS_CERTIFICATE or COUNTERFOIL_PUBLIC_TLS_CERTIFICATE",
}


def refuse_plaintext(settings: Settings, use: PlaintextUse, addresses: str) -> None:
    """For what is about to listen there, or to call there, without TLS. Raises BadSetting."""
    hosts = (each.rpartition(":")[0] for each in addresses.split(","))
    if use not in settings.plaintext and not all(map(is_loopback, hosts)):
        raise BadSetting(
            f"{addresses} is on the network, where others could read and change what is said without TLS: "
            f"give {_REMEDIES[use]}, or allow it with COUNTERFOIL_PLAINTEXT={use}"
        )
