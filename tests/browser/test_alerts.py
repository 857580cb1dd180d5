"""From subscribing on a page to one mail with the change in words, and out again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from kb.config import Settings
from tests import mailserver
from tests.browser.conftest import PHONE, Office, Open, press, write
from tests.browser.test_desk import take
from tests.mailserver import Received
from web import create_app, mailing
from web.site import Site

pytestmark = pytest.mark.browser
ENTRY = "nat-2020-mohrss-11"
MEMBER = "owner@example.org"


class Post:
    """The post of the office: a round when it is asked for, and what arrived at the mail server."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.folder = folder
        self._site: Site = create_app(settings).extensions["kb"]

    def arrived(self) -> list[Received]:
        """What a round of the post brings to the member, after everything that came before."""
        before = len(mailserver.received(self.folder))
        assert mailing.once(self._site) == ""
        return mailserver.received(self.folder)[before:]


@pytest.fixture
def post(office: Office, tmp_path: Path) -> Iterator[Post]:
    folder = tmp_path / "mail"
    with mailserver.serving(folder) as url:
        settings = replace(
            office.settings, smtp_url=url, mail_from="notice@kb.example.org", base_url=office.address
        )
        yield Post(settings, folder)


@pytest.fixture
def owner(office: Office, chromium: Browser) -> Iterator[Page]:
    """A member's phone."""
    context = chromium.new_context(base_url=office.address, locale="zh-CN", viewport=PHONE)
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


def test_a_member_subscribes_confirms_is_told_of_an_extension_once_and_leaves(
    office: Office, logged_in: Open, owner: Page, post: Post
) -> None:
    owner.goto(f"/entries/{ENTRY}")
    press(owner, owner.get_by_role("link", name="有变化时通知我"))
    write(owner, address=MEMBER)
    press(owner, owner.get_by_role("button", name="发确认信给我"))
    expect(owner.get_by_role("heading", level=1)).to_have_text("请到邮箱里确认")

    (asked,) = post.arrived()
    assert asked.to == MEMBER
    owner.goto(asked.path("/alerts/confirm/"))
    press(owner, owner.get_by_role("button", name="确认订阅"))
    expect(owner.get_by_role("status")).to_contain_text("已确认")
    assert post.arrived() == []

    publish_an_extension(logged_in)
    (told,) = post.arrived()
    assert told.to == MEMBER
    assert " → 2021-06-30，因 试发〔2020〕99号" in told.subject
    assert "到期日 2020-" in told.text
    assert post.arrived() == []

    owner.goto(told.path("/alerts/stop/"))
    press(owner, owner.get_by_role("button", name="退订"))
    expect(owner.get_by_role("heading", level=1)).to_have_text("已经退订")
    owner.goto(told.path("/alerts/manage/"))
    expect(owner.get_by_role("heading", level=1)).to_have_text("这个链接没有用了")
    publish_an_extension(logged_in, "试发〔2020〕100号", "2021-12-31")
    assert post.arrived() == []


def publish_an_extension(logged_in: Open, number: str = "试发〔2020〕99号", day: str = "2021-06-30") -> None:
    """An editor enters the notice, a reviewer publishes it."""
    editor, reviewer = logged_in("liu"), logged_in("wang")
    editor.goto(f"/desk/amend/?to={ENTRY}")
    for box in editor.locator("[name=relief]").all():
        box.check()
    editor.get_by_label("延长").check()
    write(editor, day=day, title=f"关于再延长的试验通知 {number}", number=number, issuers="试验部")
    write(editor, issued_on="2020-12-20")
    press(editor, editor.get_by_role("button", name="存成草稿"))
    take(editor, "送审")
    reviewer.goto(editor.url)
    take(reviewer, "发布", "延期")
