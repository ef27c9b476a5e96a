"""Templates become answers. Jinja escapes whatever it writes; no text of a stranger becomes a link or HTML."""

from __future__ import annotations

from datetime import UTC
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from google.protobuf.timestamp_pb2 import Timestamp
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from counterfoil.credentials.v1 import credential_pb2
from counterfoil.messages.v1 import message_pb2
from counterfoil.sessions.v1 import session_pb2
from gateway.pages import static
from gateway.pages.words import texts
from services.runtime.settings import Settings

HEADERS = {
    "Content-Security-Policy": "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob:",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    ),
    "X-Frame-Options": "DENY",
    # With no-referrer a form of our own would come from the origin "null", and could not be told from another site's.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_FROM_WORST = ["refuted", "open", "failed", "verified", "accepted"]


def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    settings: Settings = request.app.state.settings
    root = urlsplit(settings.public_url).path if settings.public_url else ""
    # What a person sends on. Never made of the Host header, which whoever calls may choose.
    public = settings.public_url or ""
    content = _environment().get_template(template).render(root=root, public=public, **context)
    return HTMLResponse(content, status, HEADERS)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"t": texts(), "static": f"static/{static.version()}"}
    environment.filters |= {
        "fill": fill,
        "headline": headline,
        "holds": holds,
        "money": money,
        "who": who,
        "when": when,
        "instant": instant,
        "status": lambda session: _name(session_pb2.SessionStatus.Name(session.status), "SESSION_STATUS_"),
        "claim_status": lambda claim: _name(session_pb2.ClaimStatus.Name(claim.status), "CLAIM_STATUS_"),
        "outcome": lambda check: _name(credential_pb2.CheckOutcome.Name(check.outcome), "CHECK_OUTCOME_"),
        "kind": lambda message: message.WhichOneof("statement"),
    }
    return environment


def fill(text: str, **words: str) -> Markup:
    """The words of strangers in a sentence of ours: escaped, and with a direction of writing of their own."""
    return escape(text).format(**{name: Markup("<bdi>{}</bdi>").format(word) for name, word in words.items()})


def headline(*verdicts: credential_pb2.Verdict) -> str:
    """What verdicts come to together, in one word: the worst that one of them comes to."""
    return min((_word(verdict) for verdict in verdicts), key=_FROM_WORST.index)


def _word(verdict: credential_pb2.Verdict) -> str:
    """Unknown is never a pass."""
    failed = any(check.outcome == credential_pb2.CHECK_OUTCOME_FAIL for check in verdict.checks)
    if verdict.accepted:
        return "accepted"
    if verdict.verified:
        return "failed" if failed else "verified"
    return "refuted" if failed else "open"


def holds(verdict: credential_pb2.Verdict) -> bool:
    """Whether a recorded message may be shown as proof: signed, not revoked, and nothing against it but its age."""
    failed = {check.name for check in verdict.checks if check.outcome == credential_pb2.CHECK_OUTCOME_FAIL}
    return verdict.verified and failed <= {"validity_time"}


def money(amount: message_pb2.Money) -> str:
    return f"{amount.amount}\u00a0{amount.currency}"


def who(party: message_pb2.Party) -> str:
    return party.handle or party.did or str(texts()["somebody"])


def instant(moment: Timestamp) -> str:
    return moment.ToDatetime(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def when(moment: Timestamp) -> str:
    return moment.ToDatetime(UTC).strftime("%-d %b %Y, %H:%M UTC")


def _name(value: str, prefix: str) -> str:
    return value.removeprefix(prefix).lower()
