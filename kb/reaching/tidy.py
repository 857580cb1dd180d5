"""``kb tidy``: deletes what was promised to be deleted; run it daily where no ``kb serve`` does."""

from __future__ import annotations

from dataclasses import asdict

import click

from kb.store.tidying import tidy
from kb.terminal import Context, say, show


@click.command("tidy")
@click.option("--dry-run", is_flag=True, help="Only count what would be deleted.")
@click.option("--json", "as_json", is_flag=True, help="The rules with their counts as JSON.")
@click.pass_obj
def tidy_command(context: Context, dry_run: bool, as_json: bool) -> None:
    """Delete what is kept no longer than was promised: each rule with how much it deleted.

    Example: kb tidy --dry-run
    """
    done = tidy(context.db, context.today, dry_run=dry_run)
    if as_json:
        show({"day": context.today.isoformat(), "dry_run": dry_run, "rules": [asdict(one) for one in done]})
        return
    for one in done:
        click.echo(f"{one.key}\t{one.number}\t{one.told}")
    total = sum(one.number for one in done)
    say(f"{'会删去' if dry_run else '删去了'} {total} 条")


COMMANDS = (tidy_command,)
