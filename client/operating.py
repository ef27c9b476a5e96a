"""The operator's secret, for the commands of whoever runs the server."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from client.failures import Unusable
from client.options import globals_of, read_secret


def operator_token_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `operator_token`."""

    @wraps(function)
    def with_token(*args: Any, operator_token_file: Path | None, **more: Any) -> Any:
        offline = globals_of(click.get_current_context()).wallet
        return function(*args, operator_token="" if offline else _operator_token(operator_token_file), **more)

    return click.option(
        "--operator-token-file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="The file with the operator token, else COUNTERFOIL_OPERATOR_TOKEN.  [default: var/operator-token]",
    )(with_token)


def _operator_token(path: Path | None) -> str:
    given = os.environ.get("COUNTERFOIL_OPERATOR_TOKEN")
    if given and not path:
        return given
    usual = Path(os.environ.get("COUNTERFOIL_DATA_DIR", "var")) / "operator-token"
    if not path and not usual.exists():
        raise Unusable(
            f"no operator token: set COUNTERFOIL_OPERATOR_TOKEN or --operator-token-file; {usual} is not here"
        )
    return read_secret(path or usual)
