"""Options that several commands share, and the forms of their values."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import click
from click.core import ParameterSource

from client.failures import Unusable

F = TypeVar("F", bound=Callable[..., Any])

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


@dataclass
class Globals:
    """What the global options say, before the command's name or after it."""

    server: str = "localhost:50050"
    # Whether a server was named at all, by option or environment.
    server_named: bool = False
    server_typed: bool = False
    ca: Path | None = None
    json: bool = False
    timeout: float = 20
    wallet: Path | None = None
    passphrase_file: Path | None = None

    def passphrase(self) -> str:
        from client.passphrases import passphrase

        return passphrase(self.passphrase_file)


def globals_of(context: click.Context) -> Globals:
    return context.find_root().ensure_object(Globals)


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    assert parameter.name
    from_environment = context.get_parameter_source(parameter.name) is ParameterSource.ENVIRONMENT
    # The environment was asked once, before the command's name, and gives way to what stands there.
    if value is None or value is False or (from_environment and context.parent):
        return
    setattr(globals_of(context), parameter.name, value)
    if parameter.name == "server":
        globals_of(context).server_named = True
        globals_of(context).server_typed = not from_environment
        _check_one_place(context)


def _choose_wallet(context: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    """What is typed outranks the environment."""
    typed = context.get_parameter_source("wallet") is ParameterSource.COMMANDLINE
    if value is not None and (typed or not globals_of(context).server_typed):
        globals_of(context).wallet = value
        _check_one_place(context)


def _check_one_place(context: click.Context) -> None:
    if globals_of(context).server_typed and globals_of(context).wallet:
        raise click.UsageError("give --server or --wallet, not both", context)


class Seconds(click.ParamType[float]):
    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if not re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,3})?", str(value), re.ASCII) or not float(value):
            self.fail("give a number of seconds, such as 5 or 0.5", param, ctx)
        return float(value)


json_option = click.option(
    "--json",
    is_flag=True,
    help="Write one JSON document to stdout, as the API names its fields.",
    callback=_remember,
    expose_value=False,
)
_GLOBAL_OPTIONS = (
    click.option(
        "--server",
        metavar="HOST:PORT",
        envvar="COUNTERFOIL_SERVER",
        show_envvar=True,
        help="The gateway to talk to, over TLS if it is not on this machine, or if https:// stands before it; with "
        "http:// never.  [default: localhost:50050]",
        callback=_remember,
        expose_value=False,
    ),
    click.option(
        "--ca",
        type=click.Path(path_type=Path),
        metavar="FILE",
        envvar="COUNTERFOIL_CA",
        show_envvar=True,
        help="Authorities for its certificate, in PEM.  [default: the usual ones, or those in SSL_CERT_FILE]",
        callback=_remember,
        expose_value=False,
    ),
    json_option,
    click.option(
        "--timeout",
        metavar="SECONDS",
        type=Seconds(),
        help="How long to wait for each answer.  [default: 20]",
        callback=_remember,
        expose_value=False,
    ),
)


def global_options(function: F) -> F:
    for option in reversed(_GLOBAL_OPTIONS):
        function = option(function)
    return function


wallet_option = click.option(
    "--wallet",
    type=click.Path(path_type=Path),
    metavar="FILE",
    envvar="COUNTERFOIL_WALLET",
    show_envvar=True,
    help="Do it in this wallet, with no server.",
    callback=_choose_wallet,
    expose_value=False,
)
_passphrase_option = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The file with the wallet's passphrase, else COUNTERFOIL_PASSPHRASE.  [default: asks]",
    callback=_remember,
    expose_value=False,
)


def signing_options(function: F) -> F:
    """Adds what a command takes that a wallet signs."""
    return wallet_option(_passphrase_option(function))


class Lifetime(click.ParamType[timedelta]):
    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        found = re.fullmatch(r"([0-9]{1,8})([smhdw])", value, re.ASCII)
        if not found:
            self.fail("give a number and s, m, h, d or w, such as 90s, 12h or 7d", param, ctx)
        return timedelta(seconds=int(found[1]) * _SECONDS[found[2]])


class SessionId(click.ParamType[str]):
    name = "session"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not is_id(value):
            self.fail("give an id such as 0197f2b0-8c1e-7a53-9d0c-2f6b1e4a7c55", param, ctx)
        return str(value).lower()


def is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def read_secret(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError as error:
        raise Unusable.file(str(path), error) from None
    except UnicodeDecodeError:
        raise Unusable(f"{path}: holds no token") from None


def payee_token_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `token`."""

    @wraps(function)
    def with_token(*args: Any, token: str | None, token_file: Path | None, **more: Any) -> Any:
        if token_file:
            token = read_secret(token_file)
        if globals_of(click.get_current_context()).wallet:
            token = ""  # There the key is the authority.
        elif not token:
            raise Unusable(
                "no payee token: give --token-file, or set COUNTERFOIL_PAYEE_TOKEN, to what `request` gave out"
            )
        return function(*args, token=token, **more)

    in_file = click.option(
        "--token-file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="The file that holds it, as `request --token-file` made it.",
    )
    given = click.option(
        "--token",
        metavar="TOKEN",
        envvar="COUNTERFOIL_PAYEE_TOKEN",
        show_envvar=True,
        help="The payee token that `request` gave out; safer in a file or the environment than in a command.",
    )
    return given(in_file(with_token))


def request_id_option(function: F) -> F:
    return click.option(
        "--request-id",
        type=SessionId(),
        metavar="UUID",
        default=_new_id,
        help="Repeating a command with the same id does it only once.  [default: a new one]",
    )(function)


def _new_id() -> str:
    from uuid_utils import uuid7  # Only when a command runs, not for its help.

    return str(uuid7())
