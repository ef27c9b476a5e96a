"""Names that look like something that they are not."""

from __future__ import annotations

from unicodedata import category, normalize

# Of https://www.unicode.org/reports/tr39/#Confusable_Detection, what looks like the letters of "did:" and is not made
# the same by NFKD and lower case: Cyrillic, Greek, Cherokee, Canadian, Lisu; and the colons of other scripts.
_LIKE = {
    "d": "\u0501\u13a0\u13e7\u146f\u15de\u15ea\ua4d2\ua4d3\uab70\uabb7",
    "i": "\u0131\u0269\u026a\u03b9\u0456\u04cf\u13a5\u2373\ua647\uab75",
    ":": "\u02d0\u02f8\u0589\u05c3\u0703\u0704\u0903\u0a83\u16ec\u1803\u1809\u205a\u2236\ua4fd\ua789",
}
_TO_ASCII = str.maketrans({each: letter for letter, alike in _LIKE.items() for each in alike})


def looks_like_did(name: str) -> bool:
    """Whether a person would take it for a DID: full-width, mathematical, accented, or in letters of other scripts."""
    if name.isascii():
        return name.lower().startswith("did:")
    letters = normalize("NFKD", name).lower().translate(_TO_ASCII)
    return "".join(each for each in letters if not category(each).startswith("M")).startswith("did:")
