"""What is kept no longer than was promised: one rule for each kind of thing, each named and counted.

Every subject that keeps personal data adds its rule to :data:`RULES`: a function that deletes what is due
on a day of China's and says how much.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from kb.store import audit, difficulties, memberlists, outbox, rounds, searches, subscriptions
from kb.store.database import Database, wipe, writing

BY = "kb tidy"


@dataclass(frozen=True)
class Rule:
    """``told`` says to staff what goes and when; ``sweep`` deletes what is due on a day and counts it."""

    key: str
    told: str
    sweep: Callable[[Database, date], int]


@dataclass(frozen=True)
class Tidied:
    """What one rule deleted, or would delete."""

    key: str
    told: str
    number: int


def _old_presence(db: Database, today: date) -> int:
    """Who was editing which draft, a day after the last sign of it."""
    before = (today - timedelta(days=1)).isoformat()
    return int(db.execute("DELETE FROM editing WHERE seen_at < ?", [before]).rowcount)


RULES: tuple[Rule, ...] = (
    Rule("difficulty-contacts", "办结满 12 个月的困难：联系方式", difficulties.forget_contacts),
    Rule("round-texts", "结束一年以上的调查：答卷里写的话", rounds.forget_texts),
    Rule("alerts-unconfirmed", "14 天没有确认的订阅", subscriptions.forget_unconfirmed),
    Rule("mail", "90 天前发出或失败的邮件记录", outbox.forget_old),
    Rule("searches", "超过 400 天的搜索词计数", searches.forget_old),
    Rule("member-lists", "一年没有用过的会员名单", memberlists.forget_unused),
    Rule("editing", "一天以前“谁正在改草稿”的记录", _old_presence),
)
"""In this order, each in the transaction of all."""


def tidy(db: Database, today: date, *, dry_run: bool = False, rules: tuple[Rule, ...] = ()) -> list[Tidied]:
    """Delete what is due on ``today`` by every rule, all or nothing; with ``dry_run`` only count it."""
    done: list[Tidied] = []
    try:
        with writing(db):
            done = [Tidied(rule.key, rule.told, rule.sweep(db, today)) for rule in rules or RULES]
            if dry_run:
                raise _OnlyCountedError
            told = "，".join(f"{one.key} {one.number}" for one in done if one.number)
            if told:
                audit.append(db, BY, "tidy", "kb", told)
    except _OnlyCountedError:
        return done
    wipe(db)
    return done


class _OnlyCountedError(Exception):
    """Takes a dry run back."""
