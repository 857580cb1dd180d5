"""Commands for what goes out to members, one module a subject."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
