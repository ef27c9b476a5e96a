"""The reference messages stay as short as they are said to be."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from bench import budgets

ROOT = Path(__file__).parents[2]


def test_the_reference_messages_keep_their_budgets() -> None:
    assert list(budgets.broken(budgets.sizes())) == []


def test_a_message_that_takes_more_is_named() -> None:
    sizes = budgets.sizes()
    sizes["claim"] = replace(sizes["claim"], bytes=235)
    sizes["dossier"] = replace(sizes["dossier"], version_l=16)

    assert list(budgets.broken(sizes)) == ["claim", "dossier"]


def test_the_specification_states_what_is_measured() -> None:
    stated = (ROOT / "docs/compact-format.md").read_text().partition("## Sizes")[2]
    rows = re.findall(r"^\| (?:a )?(\w+).* \| (\d+) \| (\d+) \| (\d+), (\d+) \|$", stated, re.MULTILINE)

    assert {name: tuple(map(int, figures)) for name, *figures in rows} == {
        name: (size.bytes, size.letters, size.version_l, size.version_m) for name, size in budgets.sizes().items()
    }
