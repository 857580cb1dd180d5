"""``kb apikey``: keys for programs that read much through ``/api/v1/``."""

from __future__ import annotations

from dataclasses import asdict

import click

from kb.store import apikeys
from kb.terminal import Context, say, show

BY = "kb apikey"


@click.group("apikey")
def apikey() -> None:
    """Keys for programs: made, listed, revoked. Nothing is closed to those without one.

    Example: kb apikey add 某省协会网站
    """


@apikey.command("add")
@click.argument("name")
@click.pass_obj
def apikey_add(context: Context, name: str) -> None:
    """Make a key; it is shown this once.

    Example: kb apikey add 某省协会网站
    """
    held, text = apikeys.add(context.db, name, BY)
    click.echo(text)
    say(f"{held.id} 号密钥，给「{held.name}」。只显示这一次，本库只存它的摘要；请当面或用加密的办法交给对方")


@apikey.command("list")
@click.option("--json", "as_json", is_flag=True, help="The keys as JSON.")
@click.pass_obj
def apikey_list(context: Context, as_json: bool) -> None:
    """List the keys ever made, without their text.

    Example: kb apikey list
    """
    found = apikeys.listed(context.db)
    if as_json:
        show([asdict(one) for one in found])
        return
    for one in found:
        state = f"{one.revoked_at[:10]} 撤销" if one.revoked_at else "有效"
        click.echo(f"{one.id}\t{one.name}\t{one.hint}…\t{one.created_at[:10]}\t{state}")
    say(f"{len(found)} 个")


@apikey.command("revoke")
@click.argument("number", type=int)
@click.pass_obj
def apikey_revoke(context: Context, number: int) -> None:
    """End a key at once.

    Example: kb apikey revoke 1
    """
    held = apikeys.revoke(context.db, number, BY)
    say(f"{held.id} 号密钥（{held.name}）已撤销")


COMMANDS = (apikey,)
