"""Commands that look after the knowledge base: dump, audit, backup, restore, user, links."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import click

from kb.domain.workflow import ROLES, Actor, Role
from kb.errors import KbError
from kb.ingest import dump as dumping
from kb.ingest import links
from kb.ingest.fetching import agent
from kb.search.query import find_value, unknown_value
from kb.store import addresses, users
from kb.store import audit as audits
from kb.store import backup as backups
from kb.store.restore import restore as put_back
from kb.terminal import FINDINGS, Context, progress_of, say, show

BY = "kb user"


@click.command()
@click.argument("entry_ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--all", "everything", is_flag=True, help="Every entry that its file does not hold; the default."
)
@click.option("--json", "as_json", is_flag=True, help="What became of each as JSON.")
@click.pass_obj
def dump(context: Context, entry_ids: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Write published entries back to their files, comments kept; without ID all that differ.

    Example: kb dump nat-2020-mohrss-11
    """
    if entry_ids and everything:
        raise click.UsageError("--all 和编号只能给一样")
    root = context.settings.policies
    db = context.db
    outcomes = dumping.dump(db, root, entry_ids) if entry_ids else dumping.dump_all(db, root)
    advice = [told for outcome in outcomes if (told := dumping.advice(outcome))]
    if as_json:
        show([{"id": one.entry_id, "path": one.path, "what": one.what} for one in outcomes])
    else:
        for outcome in outcomes:
            if outcome.what == "written":
                click.echo(outcome.path)
    for line in advice:
        say(line)
    say(f"写回 {sum(one.what == 'written' for one in outcomes)} 个文件，{len(advice)} 处要您处理")
    sys.exit(FINDINGS if any(one.what in dumping.REFUSED for one in outcomes) else 0)


@click.group("audit", invoke_without_command=True)
@click.option("--subject", help="Only what was done to this entry id or account.")
@click.option("--actor", help="Only what this account did.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The rows as JSON.")
@click.pass_context
def audit(ctx: click.Context, subject: str | None, actor: str | None, limit: int, as_json: bool) -> None:
    """Show who did what to what and when, the latest first; times in UTC.

    Example: kb audit --subject nat-2020-mohrss-11
    """
    if ctx.invoked_subcommand:
        return
    rows = audits.recent(ctx.obj.db, subject, actor, limit)
    if as_json:
        show([asdict(row) for row in rows])
        return
    for row in rows:
        click.echo("\t".join(str(value) for value in asdict(row).values()))
    say(f"{len(rows)} 行")


class _Head(click.ParamType[audits.Head]):
    """A number and hash noted earlier."""

    name = "number:hash"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> audits.Head:
        number, colon, digest = str(value).partition(":")
        if not (colon and number.isdecimal() and len(digest) == 64):
            self.fail("要写成 编号:校验值，照备份清单里的 audit_head 抄", param, ctx)
        return audits.Head(int(number), digest)


@audit.command("verify")
@click.option(
    "--known", type=_Head(), help="A head noted earlier (audit_head of a backup) to be found again."
)
@click.option("--json", "as_json", is_flag=True, help="The findings as JSON.")
@click.pass_obj
def audit_verify(context: Context, known: audits.Head | None, as_json: bool) -> None:
    """Check that no row of the audit was changed, removed or put in; exit 1 if one was.

    Example: kb audit verify
    """
    faults, head = audits.verify(context.db, known), audits.head(context.db)
    if as_json:
        show({"head": str(head), "faults": [asdict(fault) for fault in faults]})
    else:
        for fault in faults:
            click.echo(_fault_line(fault))
    say(f"审计记录 {head.number} 行，{len(faults)} 处不对；末行校验值 {head}")
    sys.exit(FINDINGS if faults else 0)


def _fault_line(fault: audits.Fault) -> str:
    return f"第 {fault.number} 行：{fault.what}" if fault.number else fault.what


@click.command()
@click.argument("target", metavar="DIR", type=click.Path(path_type=Path))
@click.pass_obj
def backup(context: Context, target: Path) -> None:
    """Copy the whole knowledge base into a dated folder of DIR, while the site runs.

    Example: kb backup /mnt/backup
    """
    made = backups.make(context.settings, target)
    click.echo(str(made.path))
    size = made.manifest.size / 1e6
    say(f"备份了 {len(made.manifest.files)} 个文件，{size:.1f} MB，到变更 {made.manifest.last_change} 号")
    for path in backups.unfinished(target):
        say(f"没做完的备份还在，没有别人在备份的话可以删去：{path}")
    for fault in made.faults:
        say(f"审计记录不对，{_fault_line(fault)}")
    sys.exit(FINDINGS if made.faults else 0)


@click.command()
@click.argument("source", metavar="BACKUP", type=click.Path(path_type=Path))
@click.option("--despite-audit", is_flag=True, help="Take in a copy whose audit had been tampered with.")
@click.pass_obj
def restore(context: Context, source: Path, despite_audit: bool) -> None:
    """Put a backup into KB_HOME, which must be empty, after checking every file of it.

    Example: kb restore /mnt/backup/kb-2026-11-22T02-00-00Z
    """
    manifest = put_back(source, context.settings.home, despite_audit=despite_audit)
    click.echo(str(context.settings.home))
    say(
        f"恢复了 {len(manifest.files)} 个文件，备份于 {manifest.made_at}（UTC）。"
        "接着运行 kb index，再 kb serve"
    )


@click.group()
def user() -> None:
    """Make and keep the accounts of staff; the first is made here, the others at the desk too.

    Example: kb user add liu.min --role admin
    """


_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from stdin, without asking.")


@user.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="editor", show_default=True)
@click.option("--region", default="100000", show_default=True, help="The office: 湖南 or 430000.")
@click.option("--shown", default="", help="The name that colleagues see; default NAME.")
@_stdin
@click.pass_obj
def user_add(context: Context, name: str, role: str, region: str, shown: str, password_stdin: bool) -> None:
    """Make an account; asks for its password.

    Example: kb user add liu.min --role admin --shown 刘敏
    """
    taxonomy = context.terms.taxonomy
    office = find_value("region", region, taxonomy)
    if office is None:
        raise click.UsageError(str(unknown_value("region", region, taxonomy)))
    if users.find(context.db, name):
        raise KbError(f"已经有登录名 {name} 了；改密码用 kb user password {name}")
    made = users.add(context.db, Actor(name, shown, cast(Role, role), office), _password(password_stdin), BY)
    say(f"已建账号 {made.name}（{made.actor.role}，{taxonomy.regions.label(office)}）")


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="The accounts as JSON.")
@click.pass_obj
def user_list(context: Context, as_json: bool) -> None:
    """List the accounts: name, shown name, role, office, whether it may log in, last login.

    Example: kb user list
    """
    rows = [_account(one) for one in users.everyone(context.db)]
    if as_json:
        show(rows)
        return
    for row in rows:
        values = {
            **row,
            "active": "启用" if row["active"] else "停用",
            "last_login_at": row["last_login_at"] or "-",
        }
        click.echo("\t".join(audits.visible(str(value)) for value in values.values()))
    say(f"{len(rows)} 个账号")


def _account(one: users.User) -> dict[str, Any]:
    return {
        "name": one.name,
        "shown": one.actor.shown,
        "role": one.actor.role,
        "region": one.actor.region,
        "active": one.active,
        "last_login_at": one.last_login_at,
    }


@user.command("password")
@click.argument("name")
@_stdin
@click.pass_obj
def user_password(context: Context, name: str, password_stdin: bool) -> None:
    """Set a new password; every session of the account ends.

    Example: kb user password liu.min
    """
    users.set_password(context.db, name, _password(password_stdin), BY)
    say(f"{name} 的密码已换，它在各处的登录都已退出")


@user.command("disable")
@click.argument("name")
@click.option("--undo", is_flag=True, help="Let it in again.")
@click.pass_obj
def user_disable(context: Context, name: str, undo: bool) -> None:
    """Keep an account out; what it did stays under its name.

    Example: kb user disable liu.min
    """
    users.set_active(context.db, name, undo, BY)
    say(f"{name} 已{'启用' if undo else '停用'}")


def _password(from_stdin: bool) -> str:
    """The password as asked for without echo, or the first line of stdin."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise click.UsageError("这里没有终端可以问密码；请加 --password-stdin，从标准输入给")
    return str(click.prompt("密码", hide_input=True, confirmation_prompt="再输一次", err=True))


@click.command("links")
@click.option("--limit", type=click.IntRange(1), help="At most so many, those checked longest ago first.")
@click.option("--json", "as_json", is_flag=True, help="What was checked as JSON.")
@click.pass_obj
def links_command(context: Context, limit: int | None, as_json: bool) -> None:
    """Check the web addresses that entries point to; exit 1 while one is broken.

    Example: kb links --limit 50
    """
    due = addresses.due(context.db, limit)
    checking = links.check_all(context.db, due, agent(context.settings), context.today)
    checked = []
    with progress_of("links") as progress:
        for _number, one in zip(progress(range(len(due))), checking, strict=True):
            checked.append(one)
            if not as_json:
                click.echo("\t".join((one.state, one.url, one.detail)))
    if as_json:
        show([{**asdict(one), "failed_on": one.failed_on and one.failed_on.isoformat()} for one in checked])
    broken = addresses.broken(context.db)
    say(f"查了 {len(checked)} 个网址；三天都打不开的 {len({line.url for line in broken})} 个")
    for line in broken:
        say(f"  {line.use.entry_id}: {line.url} {line.detail}")
    sys.exit(FINDINGS if broken else 0)


COMMANDS = (dump, audit, backup, restore, user, links_command)
