"""Taking in what others sent: each message is kept or refused for itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from client.codes import read_every
from client.reading import Source
from client.wallet.checking import Checked
from client.wallet.usecases import Wallet
from services.codec.dump import Found
from services.credentials.methods import Methods
from services.runtime.refusals import Refusal
from services.sessions.domain import Recorded


@dataclass(frozen=True, slots=True)
class Refused:
    """The reason of a refusal, or the check that failed, and the sentence that says why."""

    reason: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Taken:
    # Whether it was new.
    messages: tuple[tuple[Recorded, bool], ...]
    refused: tuple[Refused, ...]


def take(wallet: Wallet, sources: Iterable[Source], methods: Methods | None) -> Taken:
    refused: list[Refused] = []
    checked: list[Checked] = []
    for found in (found for source in sources for found in _found(source)):
        if isinstance(found, Refusal):
            refused.append(Refused(found.reason, found.message))
            continue
        for each in (wallet.check(credential, methods) for credential in found.dossier or (found.credential,)):
            if each.recorded:
                checked.append(each)
            else:
                refused.append(Refused(each.failed.name, f"not verified ({each.failed.name}: {each.failed.detail})"))
    kept = zip((each.recorded for each in checked), wallet.keep(checked), strict=True)
    return Taken(tuple((recorded, new) for recorded, new in kept if recorded), tuple(refused))


def _found(source: Source) -> list[Found]:
    try:
        return read_every(source)
    except Refusal as refusal:
        return [refusal]
