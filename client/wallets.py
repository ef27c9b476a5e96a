"""`counterfoil wallet`: a key of one's own, and what was said with it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from client.failures import Unusable
from client.operations import wallet_of
from client.options import globals_of, json_option, signing_options, wallet_option
from client.passphrases import asked, given, new_passphrase
from client.printing import rows, say, show

_BACKUP_BYTES_MAX = 256 * 1024 * 1024


@click.group()
def wallet() -> None:
    """Keep a key of your own, and with it ask, claim and acknowledge without a server.

    A wallet is one file: your key, sealed with a passphrase, and the messages that you sent and received. It is named
    with --wallet or COUNTERFOIL_WALLET. Whoever has the words, or the file and its passphrase, speaks as you.
    """


@wallet.command()
@click.option("--phrase", "from_phrase", is_flag=True, help="Make the key of words you have; asks for them.")
@signing_options
@json_option
@click.pass_context
def init(context: click.Context, from_phrase: bool) -> None:
    """Make a wallet, and show once the words that bring its key back.

    The words bring back the key and the DID, not the messages; `counterfoil wallet backup` keeps both.
    """
    path = _named(context)
    _check_installed()
    from client.wallet import phrase
    from client.wallet.keys import did_of, seal_key
    from client.wallet.store import WalletFile

    words = asked("Phrase") if from_phrase else phrase.generate()
    try:
        secret = phrase.secret_of(words)
    except phrase.NotAPhrase as flaw:
        raise Unusable(f"the phrase is none: {flaw}") from None
    did = did_of(secret)
    WalletFile.create(path, did, seal_key(secret, new_passphrase(given(globals_of(context).passphrase_file)))).close()
    if globals_of(context).json:
        click.echo(json.dumps({"did": did, **({} if from_phrase else {"phrase": words})}))
        return
    if not from_phrase:
        say("Write these words down, in this order, and keep them where nobody looks. They are not shown again.")
        say(f"  {words}")
    click.echo(did)


@wallet.command("show")
@wallet_option
@json_option
@click.pass_context
def show_wallet(context: click.Context) -> None:
    """Show whose wallet it is: the DID that payers and payees know you by."""
    local = wallet_of(context)
    facts = {"did": local.wallet.did, "file": str(local.file.path), "messages": len(local.file.messages())}
    if globals_of(context).json:
        click.echo(json.dumps(facts))
    else:
        show(rows((name, str(value)) for name, value in facts.items()))


@wallet.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="FILE")
@signing_options
@click.pass_context
def backup(context: click.Context, target: Path) -> None:
    """Write the key and all messages to a new file, sealed with the wallet's passphrase."""
    from client.wallet.keys import BACKUP, open_secret
    from client.wallet.sealing import seal
    from client.wallet.store import new_file

    local = wallet_of(context)
    passphrase = globals_of(context).passphrase()
    # With a slip in it the backup would be worth nothing.
    open_secret(local.file, passphrase)
    with new_file(target):
        target.write_bytes(seal(local.file.content(), passphrase, BACKUP))
    say(f"Backup: {target}")


@wallet.command()
@click.argument("source", type=click.Path(path_type=Path), metavar="FILE")
@signing_options
@click.pass_context
def restore(context: click.Context, source: Path) -> None:
    """Make a wallet again of what `backup` wrote; its passphrase is that of then."""
    _check_installed()
    from client.wallet.keys import BACKUP, opened
    from client.wallet.store import WalletFile

    content = opened(_content(source), globals_of(context).passphrase(), BACKUP)
    restored = WalletFile.restore(_named(context), content)
    click.echo(restored.did)
    restored.close()


@wallet.command("passphrase")
@click.option(
    "--new-passphrase-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The file with the new one.  [default: asks]",
)
@signing_options
@click.pass_context
def change_passphrase(context: click.Context, new_passphrase_file: Path | None) -> None:
    """Seal the wallet with another passphrase. Backups made before keep the old one."""
    from client.options import read_secret
    from client.wallet.keys import open_secret, seal_key

    local = wallet_of(context)
    secret = open_secret(local.file, globals_of(context).passphrase())
    local.file.reseal(seal_key(secret, new_passphrase(read_secret(new_passphrase_file) if new_passphrase_file else "")))
    say("The wallet has its new passphrase.")


def _check_installed() -> None:
    try:
        from client.wallet import servicer  # noqa: F401
    except ImportError as error:
        raise Unusable.not_installed(error) from None


def _named(context: click.Context) -> Path:
    path = globals_of(context).wallet
    if path is None:
        raise Unusable("say which file is to be the wallet: give --wallet, or set COUNTERFOIL_WALLET")
    return path


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_BACKUP_BYTES_MAX + 1)
    except OSError as error:
        raise Unusable.file(str(path), error) from None
    if len(content) > _BACKUP_BYTES_MAX:
        raise Unusable(f"{path}: larger than any backup")
    return content
