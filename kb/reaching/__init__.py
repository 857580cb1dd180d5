"""Commands for what goes out to members, one module a subject."""

from __future__ import annotations

import click

from kb.reaching import apikeys, export, mail, members, tidy

COMMANDS: tuple[click.Command, ...] = (
    export.export,
    mail.mail,
    *tidy.COMMANDS,
    *members.COMMANDS,
    *apikeys.COMMANDS,
)
