"""Who may call what is for the operator alone."""

from __future__ import annotations

import hmac

from gateway.refusals import OperatorTokenRequired, OperatorTokenWrong


class Operator:
    """Whoever runs the gateway, known by a secret."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def check(self, token: str) -> None:
        """Raises OperatorTokenRequired or OperatorTokenWrong; takes as long for any wrong token."""
        if not token:
            raise OperatorTokenRequired
        if not hmac.compare_digest(token.encode(), self._token):
            raise OperatorTokenWrong
