"""``kb mail``: one round of the post from the command line."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

from click.testing import CliRunner

from kb.cli import main
from kb.config import Settings
from kb.store import outbox
from kb.store.database import open_database
from tests import mailserver


def run(settings: Settings, *arguments: str, **environ: str) -> tuple[int, str]:
    """Exit code and output of ``kb mail``."""
    given = {"KB_HOME": str(settings.home), "KB_TODAY": "2026-11-22", **environ}
    done = CliRunner().invoke(main, ["mail", *arguments], env=given)
    return done.exit_code, done.stdout


def test_one_round_sends_what_waits_and_counts_it(settings: Settings, tmp_path: Path) -> None:
    with closing(open_database(settings.database)) as db:
        outbox.put(db, key="test:1", to="a@example.org", subject="一", text="一")
        db.conn.commit()
    code, out = run(settings, "--once", "--json")
    assert (code, json.loads(out)["waiting"]) == (1, 1)
    with mailserver.serving(tmp_path / "mail") as url:
        ready = {"KB_SMTP_URL": url, "KB_MAIL_FROM": "n@example.org", "KB_BASE_URL": "https://x.cn"}
        code, out = run(settings, "--dry-run", **ready)
        assert (code, mailserver.received(tmp_path / "mail")) == (0, [])
        code, out = run(settings, "--once", "--json", **ready)
    assert (code, json.loads(out)["sent"], json.loads(out)["waiting"]) == (0, 1, 0)
    assert len(mailserver.received(tmp_path / "mail")) == 1


def test_without_a_server_nothing_to_send_is_no_finding(settings: Settings) -> None:
    assert run(settings, "--once")[0] == 0
