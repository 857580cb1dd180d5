"""The desk in a real browser: a policy from nothing to withdrawn, and every page fit for everybody."""

from __future__ import annotations

import json
import time
import urllib.request
from contextlib import closing
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from kb.domain.taxonomy import NATION
from kb.store import drafts, imports, users
from kb.store.database import open_database
from kb.store.entries import to_json
from tests.browser.conftest import LAPTOP, PHONE, Office, Open, press, write
from tests.conftest import an_entry

pytestmark = pytest.mark.browser
FOUND_WITHIN = 2.0
"""Seconds in which what was published must be found (issue of the desk)."""


def take(page: Page, step: str, reason: str = "") -> None:
    """Press a step of a draft's page, with a reason."""
    if reason:
        page.locator("#reason").fill(reason)
    press(page, page.locator("#steps").get_by_role("button", name=step))


def found(office: Office, words: str) -> list[str]:
    """The ids that a search finds, whatever their status."""
    with urllib.request.urlopen(f"{office.address}/search.json?q={quote(words)}&status=all") as answer:
        return [hit["id"] for hit in json.load(answer)["hits"]]


def test_a_policy_is_written_sent_back_published_extended_restored_and_withdrawn(
    office: Office, logged_in: Open
) -> None:
    editor, reviewer = logged_in("liu"), logged_in("wang")
    press(editor, editor.get_by_role("button", name="从空白新建"))
    write(
        editor,
        title="关于灯塔试点费用补助的通知",
        promise="中小企业的灯塔试点费用补一半。",
        doc_number="湘试发〔2026〕3号",
        issuers="湖南省试验厅",
        issued_on="2026年3月1日",
        in_force__end_kind="dated",
        in_force__end="2026年12月31日",
        reliefs__0__type="subsidy",
        reliefs__0__title="补试点费用的一半",
        reliefs__0__what="试点费用补一半。",
        sources__0__document="湘试发〔2026〕3号",
    )
    editor.locator("[name='regions-include']").fill("湖南省")
    press(editor, editor.get_by_role("button", name="填好了，下一步"))
    expect(editor.locator(".errors")).to_have_count(0)
    draft = editor.url.partition("#")[0]
    take(editor, "送审")

    reviewer.goto(draft)
    take(reviewer, "退回", "一句话里写上限")
    editor.goto(draft)
    expect(editor.locator("#story")).to_contain_text("一句话里写上限")
    editor.locator("#steps").get_by_role("link", name="修改").click()
    write(editor, promise="中小企业的灯塔试点费用补一半，最高10万元。")
    press(editor, editor.get_by_role("button", name="填好了，下一步"))
    take(editor, "送审")

    reviewer.goto(draft)
    take(reviewer, "发布", "新政策")
    published = time.monotonic()
    while not (ids := [one for one in found(office, "灯塔试点费用") if one.startswith("d2026-")]):
        assert time.monotonic() - published < FOUND_WITHIN
    entry = ids[0]

    editor.goto(f"/desk/amend/?to={entry}")
    editor.get_by_label("延长：写新的最后一天").check()
    for name, value in {
        "day": "2027-06-30",
        "title": "关于延长灯塔试点补助的通知",
        "number": "湘试发〔2026〕9号",
        "issuers": "湖南省试验厅",
        "issued_on": "2026-11-20",
    }.items():
        editor.locator(f"#{name}").fill(value)
    press(editor, editor.get_by_role("button", name="存成草稿，看它改动哪些"))
    expect(editor.locator("section[aria-labelledby=affected]")).to_contain_text("2027年6月30日")
    take(editor, "送审")
    reviewer.goto(editor.url)
    take(reviewer, "发布", "延期")
    editor.goto(f"/entries/{entry}")
    expect(editor.locator(".standing")).to_contain_text("2027年6月30日")

    change_and_restore(editor, reviewer, entry)

    reviewer.goto(f"/desk/entries/{entry}")
    reviewer.locator("summary", has_text="撤下").click()
    reviewer.locator("#why").fill("试验做完了")
    press(reviewer, reviewer.get_by_role("button", name="撤下"))
    assert entry not in found(office, "灯塔试点费用")
    gone = editor.goto(f"/entries/{entry}")
    assert gone is not None
    assert gone.status == 410
    told_in_public_and_in_the_audit(editor, logged_in("boss"), entry)


def change_and_restore(editor: Page, reviewer: Page, entry: str) -> None:
    """A second version, then the first one published again as the third."""
    editor.goto(f"/desk/entries/{entry}")
    press(editor, editor.get_by_role("button", name="修改"))
    write(editor, promise="写错了的一句话。")
    press(editor, editor.get_by_role("button", name="填好了，下一步"))
    take(editor, "送审")
    reviewer.goto(editor.url)
    take(reviewer, "发布", "改一句话")
    editor.goto(f"/desk/entries/{entry}")
    press(editor, editor.get_by_role("button", name="照第 1 版恢复"))
    take(editor, "送审")
    reviewer.goto(editor.url)
    take(reviewer, "发布", "改回来")
    editor.goto(f"/entries/{entry}")
    expect(editor.get_by_role("heading", level=1)).to_contain_text("最高10万元")


def told_in_public_and_in_the_audit(reader: Page, boss: Page, entry: str) -> None:
    reader.goto(f"/entries/{entry}/history")
    history = reader.locator("main").inner_text()
    for words in ("新政策", "改一句话", "改回来", "试验做完了", "写错了的一句话"):
        assert words in history, words
    assert "刘敏" not in history
    boss.goto(f"/desk/people/audit?subject={entry}")
    audit = boss.locator("main").inner_text()
    for action in ("draft-create", "draft-submit", "draft-return", "draft-publish", "publish", "withdraw"):
        assert action in audit, action


PAGES = (
    "/desk/",
    "/desk/todo/due",
    "/desk/todo/mine",
    "/desk/drafts/",
    "/desk/paste",
    "/desk/amend/?to=nat-2020-mohrss-11",
    "/desk/checking/",
    "/desk/entries/nat-2020-mohrss-11",
    "/desk/runs/",
    "/desk/upkeep/",
    "/desk/upkeep/links",
    "/desk/upkeep/searches",
    "/desk/upkeep/searches/one?q=社保",
    "/desk/duplicates/",
    "/desk/duplicates/pair?one=nat-2020-mohrss-11&other=bj-2020-7",
    "/desk/words/",
    "/desk/sheets/",
    "/desk/files/",
    "/desk/people/",
    "/desk/people/audit",
    "/desk/coverage",
    "/desk/help",
    "/desk/password",
)


@pytest.mark.parametrize("viewport", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_every_page_of_the_desk_can_be_used_by_everybody(
    office: Office, logged_in: Open, viewport: dict[str, int]
) -> None:
    page = logged_in("boss", viewport=viewport)
    page.goto("/desk/entries/nat-2020-mohrss-11")
    press(page, page.get_by_role("button", name="修改"))
    draft = page.url.partition("#")[0].removesuffix("/edit")
    sheet = page.request.get("/desk/sheets.csv?id=bj-2020-7").body()
    report = f"/desk/sheets/check/{imports.keep(office.settings.home, sheet)}"
    with closing(open_database(office.settings.database)) as db:
        shared = f"/desk/drafts/shared/{drafts.share(db, int(draft.rpartition('/')[2]), 'boss')}"
    of_draft = (draft, f"{draft}/edit", f"{draft}/effect", f"{draft}/compare", shared)
    for address in (*PAGES, *of_draft, report):
        fits(page, address)
    page.context.clear_cookies()
    for address in ("/desk/login", shared):
        fits(page, address)


def fits(page: Page, address: str) -> None:
    """No finding of axe, nothing wider than the screen."""
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 200, address
    violations = Axe().run(page).response["violations"]
    assert violations == [], (address, [(one["id"], one["nodes"][0]["html"]) for one in violations])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address


def test_the_log_in_and_the_board_are_worked_by_keyboard(logged_in: Open) -> None:
    page = logged_in("boss")
    page.goto("/desk/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("跳到正文")
    reached: set[str] = set()
    for _step in range(40):
        page.keyboard.press("Tab")
        focused: Locator = page.locator(":focus")
        reached.add(focused.inner_text() or focused.get_attribute("id") or "")
        assert focused.evaluate("element => getComputedStyle(element).outlineStyle") != "none"
    assert {"粘贴文字，新建政策", "从空白新建", "开始核对", "退出"} <= reached


def test_a_draft_is_opened_and_sent_on_by_keyboard(office: Office, logged_in: Open) -> None:
    data = json.loads(to_json(an_entry(title="关于灯塔试点的通知")))
    with closing(open_database(office.settings.database)) as db:
        number = drafts.create(db, data, "liu", NATION, "desk").id
    page = logged_in("liu")
    enter(page, "关于灯塔试点的通知")
    assert page.url.endswith(f"/desk/drafts/{number}")
    enter(page, "送审")
    expect(page.locator(".done")).to_contain_text("送审")
    with closing(open_database(office.settings.database)) as db:
        assert drafts.existing(db, number).state == "review"


def enter(page: Page, words: str, most: int = 60) -> None:
    """Go on with the tab key to what begins with ``words``, and press Enter."""
    for _step in range(most):
        page.keyboard.press("Tab")
        if page.locator(":focus").inner_text().strip().startswith(words):
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    raise AssertionError(f"the keyboard does not come to {words}")


def test_checking_goes_on_by_itself_with_the_number_keys(logged_in: Open) -> None:
    page = logged_in("boss")
    page.goto("/desk/checking/")
    seen = [page.get_by_role("heading", level=1).inner_text()]
    for key in "113":
        with page.expect_navigation():
            page.keyboard.press(key)
        seen.append(page.get_by_role("heading", level=1).inner_text())
    assert len(set(seen)) == 4
    expect(page.locator(".kind").first).to_contain_text("您今天核对了 3 条")


NOTICE = """湖南省试验厅关于灯塔试点费用补助的通知
湘试发〔2026〕3号
各市州试验局：
为支持中小企业，现将灯塔试点费用补助有关事项通知如下。
一、对开展试点的中小企业，按实际费用的50%给予补助，最高10万元。
二、本通知自2026年3月1日起施行，有效期至2027年12月31日。
湖南省试验厅
2026年3月1日
"""
MOST_ACTS = 25


def test_a_clerk_publishes_a_pasted_notice_in_few_acts(
    office: Office, chromium: Browser, logged_in: Open
) -> None:
    """From pasted text to published in at most 25 inputs and clicks, by the only account of an office."""
    with closing(open_database(office.settings.database)) as db:
        for name in ("liu", "wang"):
            users.set_active(db, name, False, "test")
    page = logged_in("boss")
    acts = 0

    def click(target: Locator) -> None:
        nonlocal acts
        acts += 1
        target.click()

    def fill(name: str, value: str) -> None:
        nonlocal acts
        acts += 1
        write(page, **{name: value})

    click(page.get_by_role("link", name="粘贴文字，新建政策"))
    acts += 1
    page.locator("textarea").first.fill(NOTICE)
    click(page.locator("main form button").first)
    for name, value in {
        "promise": "开展灯塔试点的中小企业，费用补一半，最高10万元。",
        "reliefs__0__type": "subsidy",
        "reliefs__0__title": "补试点费用的50%",
        "reliefs__0__what": "按实际费用的50%补助，最高10万元。",
    }.items():
        fill(name, value)
    click(page.get_by_role("button", name="填好了，下一步"))
    expect(page.locator(".errors")).to_have_count(0)
    click(page.locator("#steps").get_by_role("button", name="发布"))
    expect(page.locator(".done")).to_contain_text("已发布")
    assert acts <= MOST_ACTS
    entry = page.url.rsplit("/", 1)[1]
    page.goto(f"/entries/{entry}")
    expect(page.locator("main")).to_contain_text("湘试发〔2026〕3号")
    expect(page.locator("main")).to_contain_text("未经第二人复核")
    expect(page.locator(".standing")).to_contain_text("2027年12月31日")
