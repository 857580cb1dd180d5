"""A digest as text for groups and as HTML to paste into a 公众号 editor."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping
from html import escape

import segno

from kb.domain.dates import in_words
from kb.domain.digest import SECTION_NAMES, Digest, Item
from kb.outreach.message import caveat, shortened
from kb.outreach.qr import MOST

LIMIT = 1000
"""Most characters of one message."""
LONGEST = 260
"""Most characters of one item: several fit into a message, and none has to be torn."""
SHORTEST = 12
_FIRM = ("到什么时候", "文号", "说明")
"""What is never cut of an item in a group; who, how and the change give way, its own words last."""
_SOFT = {"谁能享受": 24, "怎么办": 24, "变化": 80}
_FEW = 2
"""So many messages a group puts up with: for more, who and how are left to the page."""


def group_texts(digest: Digest, organiser: str, link: str) -> tuple[str, ...]:
    """The issue as one or more messages of at most :data:`LIMIT` characters; no item is torn.

    Each has the headline (with ``1/2`` where there are several), the link, if any, and the caveat.
    """
    last = "\n".join(part for part in (f"全文：{link}" if link else "", caveat(organiser)) if part)
    room = LIMIT - len(_headline(digest, "99/99")) - len(last) - 2
    parts = _parts(digest, _SOFT, room)
    if len(parts) > _FEW:
        parts = _parts(digest, {"变化": _SOFT["变化"]}, room)
    many = len(parts) > 1
    return tuple(
        "\n".join((_headline(digest, f"{at}/{len(parts)}" if many else ""), *part, last))
        for at, part in enumerate(parts, 1)
    )


def _parts(digest: Digest, soft: Mapping[str, int], room: int) -> list[list[str]]:
    return _packed([_item_text(number, one, soft) for number, one in enumerate(_in_order(digest), 1)], room)


def _in_order(digest: Digest) -> list[Item]:
    return [one for _section, items in digest.sections for one in items]


def _headline(digest: Digest, part: str) -> str:
    name = shortened(digest.masthead.name, 30)
    return f"【{name}】{digest.numbering} {in_words(digest.day)}{f'（{part}）' if part else ''}"


def _packed(texts: list[str], room: int) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for text in texts:
        if parts[-1] and sum(len(one) + 1 for one in parts[-1]) + len(text) > room:
            parts.append([])
        parts[-1].append(text)
    return parts


def _item_text(number: int, item: Item, lengths: Mapping[str, int]) -> str:
    """At most :data:`LONGEST` characters; dates, number and what is not verified are cut last of all."""
    firm = shortened(_labels(item, lengths), LONGEST - 2 * SHORTEST - 8)
    title, text = item.title, item.text.replace("\n", " ").rstrip("。")
    if (over := len(_joined(number, title, text, firm)) - LONGEST) > 0:
        text = shortened(text, max(SHORTEST, len(text) - over))
    if (over := len(_joined(number, title, text, firm)) - LONGEST) > 0:
        title = shortened(title, max(SHORTEST, len(title) - over))
    return _joined(number, title, text, firm)


def _labels(item: Item, lengths: Mapping[str, int]) -> str:
    """The labelled lines as one; where they are too long who and how go, then the change is cut."""
    told = dict(item.lines)
    soft = {label: shortened(told[label], most) for label, most in lengths.items() if label in told}
    most = LONGEST - 2 * SHORTEST - 8
    for label in ("怎么办", "谁能享受", "变化"):
        over = len(_said(item, soft)) - most
        if over > 0 and label in soft:
            left = len(soft[label]) - over
            soft[label] = shortened(soft[label], left) if label == "变化" and left > SHORTEST else ""
    return _said(item, soft)


def _said(item: Item, soft: Mapping[str, str]) -> str:
    said = [(label, soft.get(label, text)) for label, text in item.lines if label in (*_FIRM, *soft)]
    return "；".join(f"{label}：{text}" for label, text in said if text)


def _joined(number: int, title: str, text: str, firm: str) -> str:
    return "\n".join(part for part in (f"{number}. {title}：{text}", firm) if part)


# -- 公众号正文 -----------------------------------------------------------------------------------

_P = "margin:0 0 10px;font-size:16px;line-height:1.8;color:#222;"
_SMALL = "margin:0 0 8px;font-size:14px;line-height:1.7;color:#666;"
_H2 = (
    "margin:28px 0 14px;padding-left:10px;border-left:4px solid #b3261e;"
    "font-size:19px;line-height:1.5;font-weight:bold;color:#b3261e;"
)
_H3 = "margin:18px 0 8px;font-size:17px;line-height:1.6;font-weight:bold;color:#111;"
_BOX = (
    "max-width:677px;margin:0 auto;padding:8px 4px;text-align:justify;"
    "font-family:-apple-system,'PingFang SC','Microsoft YaHei',sans-serif;"
)


def wechat_html(digest: Digest, organiser: str, link: str) -> str:
    """The issue as HTML with inline styles only: no link, script or class; at the foot the QR code of
    ``link`` as an image in the text itself, none without a link or with one too long for it.
    """
    parts = [
        _tag("section", _H2, digest.masthead.name),
        _tag("p", _SMALL, f"{digest.numbering}　{in_words(digest.day)}　{digest.masthead.editor}"),
        *([_tag("p", _P, digest.masthead.lead)] if digest.masthead.lead else []),
        *_sections(digest),
        *([_tag("p", _SMALL, f"信息来源说明：{digest.masthead.sources}")] if digest.masthead.sources else []),
        _tag("p", _SMALL, caveat(organiser)),
        _foot(link),
    ]
    return f'<section style="{_BOX}">{"".join(parts)}</section>'


def _sections(digest: Digest) -> Iterator[str]:
    for section, items in digest.sections:
        yield _tag("section", _H2, SECTION_NAMES[section])
        for item in items:
            yield _tag("section", _H3, item.title)
            yield from (_tag("p", _P, line) for line in item.text.split("\n"))
            yield from (_labelled(label, text) for label, text in item.lines)


def _tag(name: str, style: str, text: str) -> str:
    return f'<{name} style="{style}">{escape(text)}</{name}>'


def _labelled(label: str, text: str) -> str:
    return f'<p style="{_P}"><strong style="color:#b3261e;">{label}：</strong>{escape(text)}</p>'


def _foot(link: str) -> str:
    if not 0 < len(link) <= MOST:
        return ""
    picture = io.BytesIO()
    code = segno.make_qr(link, error="m", encoding="utf-8", boost_error=False)
    code.save(picture, kind="png", scale=8, border=4)
    data = base64.b64encode(picture.getvalue()).decode()
    return (
        f'<section style="margin:24px 0 0;text-align:center;"><img src="data:image/png;base64,{data}" '
        'alt="二维码" style="width:180px;height:180px;"/></section>'
        f'<p style="{_SMALL}text-align:center;">长按或扫码，看全文和以后的变化</p>'
    )
