"""Which addresses nobody but this machine reaches."""

from __future__ import annotations

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """A host as addresses spell it, with brackets around IPv6. Of names, `localhost` alone: others change hands."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
