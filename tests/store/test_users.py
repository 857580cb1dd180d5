"""Accounts: passwords are never kept, sessions can be ended, and somebody can always still come in."""

from __future__ import annotations

import pytest

from kb.domain.workflow import Actor, Role
from kb.errors import KbError
from kb.store import audit, users
from tests.conftest import Base

PASSWORD = "five quiet words here"


def added(base: Base, name: str = "an", role: Role = "editor", region: str = "100000") -> users.User:
    return users.add(base.db, Actor(name, name.title(), role, region), PASSWORD, "test")


def test_the_right_password_lets_in_and_a_wrong_one_does_not(base: Base) -> None:
    added(base)
    assert users.log_in(base.db, " AN ", PASSWORD) is not None
    assert users.log_in(base.db, "an", PASSWORD + "x") is None
    assert users.log_in(base.db, "nobody", PASSWORD) is None


def test_the_password_is_kept_as_an_argon2_hash_and_nowhere_else(base: Base) -> None:
    added(base)
    users.set_password(base.db, "an", "another five quiet words", "an")
    dump = "\n".join(base.db.conn.iterdump())
    assert "$argon2id$" in dump
    assert PASSWORD not in dump
    assert "another five quiet words" not in dump


@pytest.mark.parametrize("password", ["short", "a" * 20, "liu.min is me", "x" * 201])
def test_a_password_that_is_easily_guessed_is_refused(base: Base, password: str) -> None:
    with pytest.raises(KbError, match="密码"):
        users.add(base.db, Actor("liu.min", "刘敏", "editor"), password, "test")
    assert users.find(base.db, "liu.min") is None


@pytest.mark.parametrize("name", ["", "刘敏", "a b", "-x", "x" * 40, "a\nb", "a\u202eb"])
def test_a_login_name_is_plain(base: Base, name: str) -> None:
    with pytest.raises(KbError, match="登录名"):
        users.add(base.db, Actor(name, "刘敏", "editor"), PASSWORD, "test")


def test_a_name_is_taken_once_whatever_its_letters(base: Base) -> None:
    added(base)
    with pytest.raises(KbError, match="已经有"):
        added(base, "AN")


def test_a_new_password_and_closing_end_every_session(base: Base) -> None:
    added(base)
    users.begin_session(base.db, "an")
    users.set_password(base.db, "an", "another five quiet words", "boss")
    assert keys(base) == ()
    users.begin_session(base.db, "an")
    users.set_active(base.db, "an", False, "boss")
    assert keys(base) == ()
    assert users.log_in(base.db, "an", "another five quiet words") is None


def keys(base: Base) -> tuple[str, ...]:
    found = users.find(base.db, "an")
    assert found is not None
    return found.session_keys


def test_each_session_has_its_own_key_and_ends_alone(base: Base) -> None:
    added(base)
    here, there = users.begin_session(base.db, "an"), users.begin_session(base.db, "an")
    users.end_session(base.db, "an", here)
    assert keys(base) == (there,)


def test_one_session_too_many_ends_the_oldest(base: Base) -> None:
    added(base)
    made = [users.begin_session(base.db, "an") for _number in range(users.MOST_SESSIONS + 2)]
    assert keys(base) == tuple(made[2:])


def test_coming_going_and_being_refused_are_told_without_what_was_typed(base: Base) -> None:
    added(base)
    users.log_in(base.db, "an", PASSWORD)
    users.end_session(base.db, "an", users.begin_session(base.db, "an"))
    users.log_in(base.db, "AN", "a wrong password")
    users.log_in(base.db, "my password instead", "a wrong password")
    rows = [(row.actor, row.action, row.subject, row.detail) for row in audit.recent(base.db)]
    assert rows[:4] == [
        (users.NOBODY, "log-in-refused", "", ""),
        (users.NOBODY, "log-in-refused", "an", ""),
        ("an", "log-out", "an", ""),
        ("an", "log-in", "an", ""),
    ]


def test_looking_at_a_password_is_no_log_in(base: Base) -> None:
    added(base)
    assert users.check_password(base.db, "an", PASSWORD) is not None
    assert users.check_password(base.db, "an", "a wrong password") is None
    assert [row.action for row in audit.recent(base.db)] == ["user-add"]


def test_the_last_national_administrator_stays(base: Base) -> None:
    added(base, "boss", "admin")
    with pytest.raises(KbError, match="最后一个"):
        users.set_active(base.db, "boss", False, "boss")
    with pytest.raises(KbError, match="最后一个"):
        users.set_role(base.db, "boss", "editor", "100000", "boss")
    added(base, "other", "admin")
    users.set_active(base.db, "boss", False, "other")
    assert not users.log_in(base.db, "boss", PASSWORD)


def test_an_office_is_alone_while_one_account_is_active(base: Base) -> None:
    added(base, "an")
    assert users.is_alone(base.db, "100000")
    added(base, "branch", region="430000")
    assert users.is_alone(base.db, "100000")
    added(base, "bo")
    assert not users.is_alone(base.db, "100000")
    users.set_active(base.db, "bo", False, "an")
    assert users.is_alone(base.db, "100000")
