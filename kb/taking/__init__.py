"""Commands for what comes in: documents by hand, sources and crawls, one module a subject."""

from __future__ import annotations

import click

from kb.taking import crawl, evaluating, importing

COMMANDS: tuple[click.Command, ...] = (*importing.COMMANDS, *crawl.COMMANDS, *evaluating.COMMANDS)
