"""``kb mail``: tell subscribers what changed, and send what waits."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from kb.matching.catalogue import Shelf
from kb.outreach.alerts import Ground
from kb.outreach.post import Round, moment_of, post, rehearse
from kb.search import indexing
from kb.terminal import FINDINGS, Context, say, show


@click.command()
@click.option("--once", is_flag=True, help="One round, then end: what it always does, said for cron.")
@click.option("--dry-run", is_flag=True, help="Say what would be made; keep and send nothing.")
@click.option("--json", "as_json", is_flag=True, help="The counts as JSON.")
@click.pass_obj
def mail(context: Context, once: bool, dry_run: bool, as_json: bool) -> None:
    """Make the mail that is due from changes and reminders, then send what waits.

    Example: kb mail --dry-run
    """
    done = _round(context, dry_run)
    _tell(done, dry_run, as_json)
    report = done.report
    stuck = report.problem and (report.waiting or done.held)
    sys.exit(FINDINGS if report.failed or stuck or done.problem else 0)


def _round(context: Context, dry_run: bool) -> Round:
    indexing.catch_up(context.library.settings, context.db)
    moment = moment_of(context.settings)
    shelf = Shelf(context.terms.taxonomy)
    ground = Ground(context.db, context.library, shelf, context.terms, moment.date())
    act = rehearse if dry_run else post
    return act(ground, context.settings, moment)


def _tell(done: Round, dry_run: bool, as_json: bool) -> None:
    report = done.report
    if as_json:
        counts = {"notices": done.notices, "reminders": done.reminders, "mails": done.mails}
        problem = "；".join(filter(None, (done.problem, report.problem)))
        sent = {**asdict(report), "held": done.held, "problem": problem}
        show({**counts, **({} if dry_run else sent)})
        return
    would = "会" if dry_run else ""
    click.echo(f"{would}新增通知 {done.notices} 条，到期提醒 {done.reminders} 条，成信 {done.mails} 封")
    if not dry_run:
        done_words = f"发出 {report.sent} 封，推迟 {report.put_off} 封，失败 {report.failed} 封"
        click.echo(f"{done_words}，还在排队 {report.waiting} 封")
        if report.problem and (report.waiting or done.held):
            say(report.problem)
        if done.problem:
            say(f"有的通知没有做成：{done.problem}")
