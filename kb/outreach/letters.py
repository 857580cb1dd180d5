"""Mail to subscribers, as plain text and as simple HTML: what it is about, why it came, how to end it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape

from kb.outreach.message import caveat, shortened
from kb.store.private import SITE, mark, plain
from kb.store.subscriptions import Subscription

SUBJECT = 76
"""The most characters of a subject."""
SHOWN = 30
"""So many items are told in full; of more the title and the link."""


@dataclass(frozen=True)
class Item:
    """One thing told: a heading, lines, and the path of a page."""

    title: str
    lines: tuple[str, ...]
    path: str = ""


@dataclass(frozen=True)
class Letter:
    """A mail before it is addressed; links stand as marks (see :mod:`kb.store.private`)."""

    subject: str
    text: str
    html: str
    unsubscribe: str = ""


@dataclass(frozen=True)
class Links:
    """Where a letter's own links lead, each a path with its mark."""

    manage: str = ""
    stop: str = ""


def links_of(owner_salt: str) -> Links:
    """The links of a subscriber: to what is held about them, and the one that ends their alerts."""
    return Links(f"/alerts/manage/{mark('manage', owner_salt)}", f"/alerts/stop/{mark('stop', owner_salt)}")


def leave_links(one: Subscription) -> Links:
    """Of a subscription to the digests: the link that ends that one alone."""
    return replace(links_of(one.owner_salt), stop=f"/alerts/leave/{mark('leave', one.salt)}")


def called(one: Subscription) -> str:
    """What a subscription is called to somebody who may not have asked for it: nothing that was typed."""
    return "一个搜索" if one.kind == "search" else one.name


def subject_of(subjects: Sequence[str]) -> str:
    """The one thing that happened, or the first and how many there are."""
    if len(subjects) == 1:
        return shortened(subjects[0], SUBJECT)
    end = f" 等 {len(subjects)} 项"
    return shortened(subjects[0], SUBJECT - len(end)) + end


def letter(
    subject: str, items: Sequence[Item], why: Iterable[str], organiser: str, links: Links, lead: str = ""
) -> Letter:
    """A letter to a subscriber: ``lead`` first, then the items; ``why`` names what was subscribed to."""
    items, lead = [_plain(one) for one in items], plain(lead)
    shown, rest = items[:SHOWN], items[SHOWN:]
    more = f"另有 {len(rest)} 项，详见网页：" if rest else ""
    reason = f"为什么收到这封邮件：您订阅了{plain('、'.join(dict.fromkeys(why)))}。"
    foot = [
        reason,
        f"改频率、看订阅、删除全部数据：{SITE}{links.manage}" if links.manage else "",
        f"退订：{SITE}{links.stop}" if links.stop else "",
        plain(caveat(organiser)),
    ]
    text = "\n\n".join(
        part
        for part in (lead, *map(_text, shown), more, *map(_brief, rest), "\n".join(filter(None, foot)))
        if part
    )
    parts = [f"<p>{escape(lead)}</p>" if lead else "", *map(_html, shown), f"<p>{more}</p>" if more else ""]
    parts.append(f"<ul>{''.join(map(_brief_html, rest))}</ul>" if rest else "")
    parts += ["<hr>", f"<p>{escape(reason)}</p>"]
    if links.manage:
        parts.append(f'<p><a href="{SITE}{links.manage}">改频率、看订阅、删除全部数据</a></p>')
    if links.stop:
        parts.append(f'<p><a href="{SITE}{links.stop}">退订</a></p>')
    parts.append(f"<p><small>{escape(plain(caveat(organiser)))}</small></p>")
    stop = f"{SITE}{links.stop}" if links.stop else ""
    return Letter(subject, text + "\n", _page("\n".join(filter(None, parts))), stop)


def _page(body: str) -> str:
    head = '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"></head>\n<body>\n'
    return f"{head}{body}\n</body></html>\n"


def _text(item: Item) -> str:
    link = [f"{SITE}{item.path}"] if item.path else []
    return "\n".join([f"【{item.title}】", *item.lines, *link])


def _brief(item: Item) -> str:
    return f"{item.title}\n{SITE}{item.path}" if item.path else item.title


def _brief_html(item: Item) -> str:
    title = escape(item.title)
    return f'<li><a href="{SITE}{item.path}">{title}</a></li>' if item.path else f"<li>{title}</li>"


def _plain(item: Item) -> Item:
    return Item(plain(item.title), tuple(map(plain, item.lines)), item.path)


def _html(item: Item) -> str:
    title = escape(item.title)
    head = f'<h2><a href="{SITE}{item.path}">{title}</a></h2>' if item.path else f"<h2>{title}</h2>"
    return head + "".join(f"<p>{escape(line)}</p>" for line in item.lines)


def confirmation(name: str, salt: str, organiser: str) -> Letter:
    """Asks whether the address's owner wants this: the only mail sent before they say so."""
    path = f"{SITE}/alerts/confirm/{mark('confirm', salt)}"
    lines = (
        f"有人用这个地址在本库订阅：{plain(name)}。订的是什么，打开链接看得到。",
        "是您本人，请打开下面的链接，再按“确认订阅”：",
        path,
        "不是您，不用理会：不确认，最多再问一次，地址 14 天后删除。",
        plain(caveat(organiser)),
    )
    body = [
        f'<p><a href="{path}">{path}</a></p>' if line == path else f"<p>{escape(line)}</p>" for line in lines
    ]
    return Letter("请确认订阅：有变化时通知我", "\n\n".join(lines) + "\n", _page("\n".join(body)))


def already(name: str, links: Links, organiser: str) -> Letter:
    """Tells somebody who asks again that they have it."""
    lead = f"您又一次订阅了：{name}。原来的订阅一直有效，不用再做什么。"
    return letter("您已经订阅过了", (), (name,), organiser, links, lead)
