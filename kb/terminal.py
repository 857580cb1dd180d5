"""What every command shares: the opened parts, errors in words, talk on stderr, data on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import click

from kb.config import Settings
from kb.domain import dates
from kb.errors import KbError
from kb.search import Library, open_library
from kb.store.database import Database, open_database
from kb.store.terms import Terms, load_terms

FINDINGS, USAGE = 1, 2


@dataclass(frozen=True)
class Context:
    """What commands share, opened when first needed."""

    settings: Settings

    @cached_property
    def terms(self) -> Terms:
        return load_terms(self.settings.policies)

    @cached_property
    def db(self) -> Database:
        return open_database(self.settings.database)

    @cached_property
    def library(self) -> Library:
        return open_library(self.settings, self.terms)

    def close(self) -> None:
        """Close the database, if a command opened it."""
        if "db" in self.__dict__:
            self.db.close()

    @property
    def today(self) -> date:
        return self.settings.today or dates.today()


class ExplainingGroup(click.Group):
    """Says what went wrong in one line; a stack trace is only ever a defect of ours."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KbError as error:
            say(f"错误：{error}")
            sys.exit(FINDINGS)
        except BrokenPipeError:
            sys.exit(0)


def say(text: str) -> None:
    """Talk, on stderr."""
    click.echo(text, err=True)


def show(data: object) -> None:
    """Data as JSON, on stdout."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


class Day(click.ParamType[date]):
    """A day on the command line: 2020-03-10 or 2020年3月10日."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        worded = dates.parse_date(str(value))
        if worded is None or worded.exact is None:
            self.fail(f"{value!r} 不是日期，请写成 2020-03-10", param, ctx)
        return worded.exact


@contextmanager
def progress_of(label: str) -> Iterator[Any]:
    """A function that shows a progress bar on stderr while what it wraps is gone through."""

    def wrap(items: Iterable[Any]) -> Iterator[Any]:
        listed = list(items)
        if not sys.stderr.isatty():
            yield from listed
            return
        with click.progressbar(listed, label=label, file=sys.stderr) as bar:
            yield from bar

    yield wrap
