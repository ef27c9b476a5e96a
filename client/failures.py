"""How a command ends when it does not end well: one line on stderr and a code that a script can use."""

from __future__ import annotations

import click

from client.sdk import failures as sdk

EXIT_CODES = """\b
Exit codes:
  0  done
  1  decode, credential verify, inbox add: read, but not (all) verified
  2  wrong usage, a file that cannot be read or written, a part not installed
  3  refused by the service; the reason stands in brackets
  4  the server cannot be reached, or did not answer in time
  5  a fault of the server's or of this program
  130 interrupted
"""


def printable(text: str) -> str:
    """A text of a stranger's for a terminal: on one line, and without any character that could steer it."""
    return "".join(char if _is_harmless(char) else f"\\u{{{ord(char):x}}}" for char in text)


def _is_harmless(char: str) -> bool:
    # The two joiners are part of Persian, Indic scripts and emoji. What else is not printable hides or reorders.
    return char.isprintable() or char in "\u200c\u200d\u00a0\u202f\u3000"


class Failure(click.ClickException):
    def show(self, file: object = None) -> None:
        click.echo(f"counterfoil: {printable(self.message)}", err=True)


class NotVerified(Failure):
    exit_code = 1


class Unusable(Failure):
    """A file, a setting or an installation that does not do."""

    exit_code = 2

    @classmethod
    def file(cls, path: str, error: OSError) -> Unusable:
        return cls(f"{path}: {(error.strerror or 'cannot be used').lower()}")

    @classmethod
    def not_installed(cls, error: ImportError) -> Unusable:
        return cls(f"this needs the Python package {error.name}; install counterfoil[all]")


class Refused(Failure):
    exit_code = 3


class NotReachable(Failure):
    exit_code = 4


class Fault(Failure):
    exit_code = 5


def ending_of(failure: sdk.Failure) -> Failure:
    """How a command ends whose call to the server failed."""
    match failure:
        case sdk.NotReachable(request_id=str(request_id)) if request_id:
            again = f"to try again safely, add --request-id {request_id}"
            return NotReachable(f"{failure.sentence}; {again} [{failure.reason}]")
        case sdk.NotReachable():
            return NotReachable(str(failure))
        case sdk.Fault():
            return Fault(f"{failure}{f' x-request-id {failure.trace}' if failure.trace else ''}")
    return Refused(str(failure))
