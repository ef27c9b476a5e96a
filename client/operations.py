"""Where a command is carried out: at a gateway, or in a wallet that answers the same calls with no connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from client.failures import Unusable
from client.options import globals_of

if TYPE_CHECKING:
    from client.sdk.operations import Operations
    from client.wallet.servicer import LocalWallet


def operations_of(context: click.Context) -> Operations:
    """The wallet that the options name, or else the gateway, until the command ends."""
    if globals_of(context).wallet is not None:
        return wallet_of(context)
    from client.connection import gateway_of

    return gateway_of(context)


def wallet_of(context: click.Context) -> LocalWallet:
    """The wallet that is named. Raises Unusable where none is."""
    path = globals_of(context).wallet
    if path is None:
        raise Unusable("no wallet: give --wallet, or set COUNTERFOIL_WALLET, to what `wallet init` made")
    try:
        from client.wallet.servicer import LocalWallet
    except ImportError as error:
        raise Unusable.not_installed(error) from None
    return context.with_resource(LocalWallet(path, globals_of(context).passphrase))
