"""The canonical RDF of a JSON-LD document (JSON-LD 1.1; RDFC-1.0), by PyLD, with bundled contexts and within bounds.

A document of a few kilobytes can describe a graph that takes years to put in order, and JSON-LD drops silently what RDF
cannot express. Both are refused: the work is counted, and what would not be signed is a flaw.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from math import factorial
from typing import Any

from pyld import canon, jsonld  # type: ignore[import-untyped]

from services.credentials import contexts
from services.credentials.rdfc import NoCanonicalForm
from services.credentials.suites import HashName
from services.messages.document import Document

# PyLD takes quadratic time over long arrays.
_VALUES_MAX = 600
_DEPTH_MAX = 32
_BLANK_NODES_MAX = 128
# How many orders of nodes that look alike may be tried. Honest credentials have few such nodes.
_PERMUTATIONS_MAX = 2000
# With other keywords something would be left out of the graph, or stand in another one.
_KEYWORDS = frozenset({"@context", "@id", "@type", "@value", "@language"})
_KEYWORDS_EXPANDED = frozenset({"@id", "@type", "@value", "@language", "@list", "@graph"})
# PyLD writes an IRI as it comes, so one with a bracket or a space in it could write further statements.
_IRI = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*|_):[^\x00-\x20<>\"{}|^`\\]*")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
# Canonical N-Quads escape these, and PyLD does not (RDFC-1.0, section 5); tab, line feed and return it does.
_CONTROLS = {code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F) if code not in (0x09, 0x0A, 0x0D)}
_CONTROLS |= {0x08: "\\b", 0x0C: "\\f"}
# PyLD's own refusal, and what it raises where it takes for granted that JSON-LD is well-formed.
_ODDITIES = (jsonld.JsonLdError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def canonical(document: Document, hash_name: HashName = "sha256") -> bytes:
    """The document's graph as sorted N-Quads, its blank nodes named by way of that hash. Raises NoCanonicalForm."""
    _check_bounds(document)
    try:
        processor = jsonld.JsonLdProcessor(on_property_dropped=_refuse_property)
        options = {"documentLoader": _load, "base": None}
        expanded = processor.expand(document, options)
        _check_expanded(expanded)
        dataset = processor.to_rdf(expanded, options)
        _check_blank_nodes(dataset)
        quads: str = _BoundedCanon(hash_name).main(dataset, {"format": "application/n-quads"})
        return "".join(_escaped(re.findall(r".*\n", quads))).encode()
    except NoCanonicalForm:
        raise
    except _ODDITIES as error:
        raise NoCanonicalForm("it cannot be read as JSON-LD with the contexts that are known here") from error


class _BoundedCanon(canon.URDNA2015):  # type: ignore[misc]
    """RDFC-1.0 with a hash of choice, that gives up on graphs made to take long (RDFC-1.0, section 7.1)."""

    def __init__(self, hash_name: HashName) -> None:
        super().__init__()
        self._hash_name = hash_name
        self._permutations = 0

    def create_hash(self) -> Any:
        return hashlib.new(self._hash_name)

    def hash_nquads(self, nquads: list[str]) -> Any:
        return super().hash_nquads(_escaped(nquads))

    def create_hash_to_related(self, id_: str, issuer: Any) -> Any:
        related = super().create_hash_to_related(id_, issuer)
        self._permutations += sum(factorial(min(len(nodes), 12)) for nodes in related.values())
        if self._permutations > _PERMUTATIONS_MAX:
            raise NoCanonicalForm("its graph is made of too many things without a name that look alike")
        return related


def _escaped(nquads: list[str]) -> list[str]:
    """Lines of N-Quads in canonical form and order. Control characters stand nowhere but in literals."""
    return sorted(line.translate(_CONTROLS) for line in nquads)


def _load(url: str, _: Any) -> dict[str, Any]:
    try:
        return {"contextUrl": None, "documentUrl": url, "document": contexts.document(url), "tag": "static"}
    except contexts.UnknownContext as error:
        raise jsonld.JsonLdError("unknown context", "jsonld.LoadDocumentError") from error


def _refuse_property(_: str | None) -> None:
    raise NoCanonicalForm("it has a word that its contexts do not define, and the signature would leave it out")


def _check_bounds(document: Document) -> None:
    waiting: list[tuple[Any, int]] = [(document, 0)]
    for count, (value, depth) in enumerate(_walk(waiting)):
        if count > _VALUES_MAX or depth > _DEPTH_MAX:
            raise NoCanonicalForm("it holds too much to be put in order as a graph")
        if isinstance(value, dict):
            _check_words(value)
            waiting.extend((each, depth + 1) for each in value.values())
        elif isinstance(value, list):
            waiting.extend((each, depth + 1) for each in value)


def _walk(waiting: list[tuple[Any, int]]) -> Iterator[tuple[Any, int]]:
    while waiting:
        yield waiting.pop()


def _check_words(value: Document) -> None:
    named = value.get("@context", [])
    if not isinstance(named, list) or not all(isinstance(each, str) and each in contexts.KNOWN for each in named):
        raise NoCanonicalForm("it has contexts that are not known here")
    if any(":" in name for name in value):
        # The graph would be that of the short name, which is what every other check looks for.
        raise NoCanonicalForm("it spells out a name instead of using its contexts' word for it")
    if any(name.startswith("@") and name not in _KEYWORDS for name in value):
        raise NoCanonicalForm("it uses JSON-LD keywords that the signature would leave out")


def _check_blank_nodes(dataset: dict[str, list[dict[str, Any]]]) -> None:
    terms = (quad[place] for quads in dataset.values() for quad in quads for place in ("subject", "object"))
    if len({term["value"] for term in terms if term["type"] == "blank node"}) > _BLANK_NODES_MAX:
        raise NoCanonicalForm("its graph is made of too many things without a name")


def _check_expanded(value: Any) -> None:
    """Refuses what would be dropped on the way to RDF, or would not be the one term that it seems to be."""
    if isinstance(value, list):
        for each in value:
            _check_expanded(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            _check_entry(name, each)
            if name not in ("@value", "@id", "@type", "@language"):
                _check_expanded(each)


def _check_entry(name: str, value: Any) -> None:
    if name.startswith("@"):
        known = name in _KEYWORDS_EXPANDED
    else:
        known = bool(_IRI.fullmatch(name)) and not name.startswith("_:")
    if name in ("@id", "@type"):
        terms = value if isinstance(value, list) else [value]
        known = all(isinstance(term, str) and (term == "@json" or _IRI.fullmatch(term)) for term in terms)
    if name == "@language":
        known = isinstance(value, str) and bool(_LANGUAGE.fullmatch(value))
    if not known:
        raise NoCanonicalForm("it has a name that is no full address, and the signature would leave it out")
