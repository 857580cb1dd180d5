"""The directory as one HTML file that needs nothing else: no script, no font, no picture from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from kb.domain.dates import in_words
from kb.outreach.directory import Directory, Item, facts_of
from kb.outreach.qr import MOST, qr_svg

_STYLE = """
:root{color-scheme:light dark}
body{font:17px/1.7 system-ui,-apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;
max-width:46rem;margin:0 auto;padding:1rem;overflow-wrap:anywhere}
h1,h2,h3,h4{line-height:1.4}
h2{border-bottom:3px solid #17508c;padding-top:1rem}
h3{color:#17508c}
h4{margin:1.4rem 0 .3rem;font-size:1.1rem}
nav ul{list-style:none;padding-left:1.2rem}
nav a{display:inline-block;min-height:44px;line-height:44px}
dl{margin:0;display:grid;grid-template-columns:6.5em 1fr;gap:.15rem .8rem}
dt{font-weight:650}
dd{margin:0}
.status{border:1px solid currentColor;border-radius:4px;padding:0 .4em;font-size:.9rem;font-weight:400}
.doubt{font-weight:650}
svg{width:9rem;height:auto;display:block}
@media (max-width:30rem){dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}}
@media (prefers-color-scheme:dark){h3{color:#8fbdf0}}
@media print{@page{size:A4;margin:18mm}body{font-size:11pt;max-width:none;padding:0}section{break-before:page}
h2,h3,h4{break-after:avoid}article{break-inside:avoid}nav a{min-height:0;line-height:1.6}}
"""


def directory_page(found: Directory, organiser: str) -> str:
    """The page, complete in itself: contents first, every address as text."""
    return "\n".join(_page(found, organiser)) + "\n"


def _page(found: Directory, organiser: str) -> Iterator[str]:
    title = escape(found.title)
    yield '<!doctype html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}（{in_words(found.day)}）</title>\n<style>{_STYLE}</style>\n</head>\n<body>"
    yield f"<h1>{title}</h1>"
    yield f"<p>{in_words(found.day)}，共 {len(found.items)} 项。{escape(organiser)}</p>"
    yield from (f"<p>{escape(note)}</p>" for note in found.notes)
    if 0 < len(found.site) <= MOST:
        yield f"{qr_svg(found.site, '网上看最新的')}<p>网上看最新的：{escape(found.site)}</p>"
    yield from _contents(found)
    for number, part in enumerate(found.parts, 1):
        yield f'<section>\n<h2 id="p{number}">{escape(part.title)}（{part.total} 项）</h2>'
        for at, group in enumerate(part.groups, 1):
            yield f'<h3 id="p{number}-{at}">{escape(group.title)}</h3>'
            for item in group.items:
                yield from _item(item)
        yield "</section>"
    yield f"<p>{escape(found.notes[-1])}</p>\n</body>\n</html>"


def _contents(found: Directory) -> Iterator[str]:
    yield '<nav aria-label="目录"><h2>目录</h2>\n<ul>'
    for number, part in enumerate(found.parts, 1):
        yield f'<li><a href="#p{number}">{escape(part.title)}（{part.total} 项）</a><ul>'
        for at, group in enumerate(part.groups, 1):
            count = len(group.items)
            yield f'<li><a href="#p{number}-{at}">{escape(group.title)}（{count} 项）</a></li>'
        yield "</ul></li>"
    yield "</ul></nav>"


def _item(item: Item) -> Iterator[str]:
    status = f' <span class="status">{escape(item.status)}</span>' if item.status else ""
    yield f"<article>\n<h4>{escape(item.title)}{status}</h4>\n<dl>"
    for label, text in facts_of(item):
        doubt = ' class="doubt"' if label == "内容待核实" else ""
        yield f"<dt{doubt}>{label}</dt><dd{doubt}>{escape(text)}</dd>"
    yield "</dl>\n</article>"
