"""Payment methods as wallets and banking apps take them: a link to open, and the content of a QR code.

A method that is not known for certain, or whose address does not bear its own checksum out, has neither: the payer then
sees its details as text. No link is better than one that sends money astray. docs/pages.md says what is recognised.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.pages.links import bitcoin, ether, sepa, stellar, upi
from gateway.pages.links.asked import Asked, Link

_SCHEMES: tuple[Callable[[str, Mapping[str, str], Asked], Link | None], ...] = (
    bitcoin.of_method,
    stellar.of_method,
    sepa.of_method,
    upi.of_method,
    ether.of_method,
)


def link_of(method: str, details: Mapping[str, str], asked: Asked) -> Link | None:
    """What opens the payer's wallet or banking app, where there is such a thing for this method."""
    given = {key: value.strip() for key, value in details.items()}
    found = (scheme(method.strip().upper(), given, asked) for scheme in _SCHEMES)
    return next((link for link in found if link), None)
