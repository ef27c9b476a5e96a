"""A certificate, its key and perhaps an authority, in files that may be replaced while the process runs."""

from __future__ import annotations

import math
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from services.runtime.log import log

# https://www.openssl.org/docs/man3.0/man3/X509_STORE_CTX_get_error.html: its time has not come, or is over.
_NOT_YET_VALID, _EXPIRED = 9, 10


@dataclass(frozen=True, eq=False)
class Shown:
    """What stood in the files at one moment. It fits together and its time is not over."""

    certificate: bytes
    key: bytes
    authority: bytes | None
    # For servers that do not ask their callers for a certificate.
    context: ssl.SSLContext
    # Seconds since 1970.
    expires_at: float


class Files:
    """Any thread may ask what to show. What does not fit together is not taken over: what was shown before goes on."""

    def __init__(self, certificate: Path, key: Path, authority: Path | None = None) -> None:
        """Raises OSError, of which SSLError is one."""
        self._certificate = certificate
        self._key = key
        self._authority = authority
        self._lock = Lock()
        self._looked_like = self._look()
        self._shown = self._read()
        self._trouble = ""

    def current(self) -> Shown:
        """The same object as before, unless the files have changed."""
        with self._lock:
            try:
                looks_like = self._look()
                if looks_like != self._looked_like:
                    self._looked_like = looks_like
                    self._take_over()
            except OSError as error:
                self._tell(sentence_of(error))
            return self._shown

    def _take_over(self) -> None:
        shown = self._read()
        if self._look() != self._looked_like:
            self._looked_like = ()  # Somebody is writing; whoever asks next has another look.
            return
        self._shown, self._trouble = shown, ""
        log.info("certificate taken over", certificate=str(self._certificate))

    def _tell(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            log.warning("certificate not taken over", certificate=str(self._certificate), reason=trouble)

    def _look(self) -> tuple[int, ...]:
        """Other numbers for a file that was written or replaced."""
        found = [path.stat() for path in (self._certificate, self._key, self._authority) if path]
        return tuple(number for each in found for number in (each.st_ino, each.st_size, each.st_mtime_ns))

    def _read(self) -> Shown:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # With no passphrase at all, an encrypted key would ask the terminal.
        context.load_cert_chain(self._certificate, self._key, password="")
        expires_at = _check_time(context, self._certificate)
        if self._authority:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(self._authority)
        authority = self._authority.read_bytes() if self._authority else None
        return Shown(self._certificate.read_bytes(), self._key.read_bytes(), authority, context, expires_at)


def sentence_of(error: OSError) -> str:
    """What is wrong with the files; ssl's errors name a place in its source as well."""
    return re.sub(r" \(_ssl\.c:[0-9]+\)", "", error.strerror or type(error).__name__)


def _check_time(server: ssl.SSLContext, certificate: Path) -> float:
    """Shows the certificate to a client that trusts it as such, so that hardly more than its time is left to check.

    That tells when it expires. Raises SSLError when that was before, or its time is yet to come.
    """
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    client.load_verify_locations(certificate)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    caller = client.wrap_bio(to_client, to_server)
    answering = server.wrap_bio(to_server, to_client, server_side=True)
    try:
        for each in (caller, answering, caller):
            with suppress(ssl.SSLWantReadError):
                each.do_handshake()
    except ssl.SSLCertVerificationError as error:
        if error.verify_code in (_NOT_YET_VALID, _EXPIRED):
            raise
        return math.inf  # It is for clients only, say, which is not for us to judge.
    shown: Any = caller.getpeercert()
    return ssl.cert_time_to_seconds(shown["notAfter"])
