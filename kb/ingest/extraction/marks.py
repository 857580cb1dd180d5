"""What a page says of its document outside the text: data in scripts, tables of facts, meta elements.

Each is kept as it stands, with the layer it is from; what it means is for :mod:`.facts`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bs4 import BeautifulSoup, Tag

from kb.domain.extracted import Layer
from kb.domain.recipe import FACTS, FactName, Recipe
from kb.ingest.extraction.bodies import flat
from kb.ingest.extraction.decoding import squeeze

LABELS: Mapping[str, FactName | Literal[""]] = {
    **dict.fromkeys(("标题", "名称", "信息名称", "文件名称", "文件标题"), "title"),
    **dict.fromkeys(("文号", "发文字号", "发文文号", "文件编号", "文件字号", "公文文号"), "doc_number"),
    **dict.fromkeys(
        ("发文机关", "发文单位", "制发机关", "制定机关", "发布机关", "发布机构", "发布单位", "信息来源"),
        "issuers",
    ),
    **dict.fromkeys(("成文日期", "发文日期", "印发日期", "生成日期", "成文时间", "发文时间"), "issued_on"),
    **dict.fromkeys(("发布日期", "发布时间", "公开日期", "公开时间", "公布日期"), "published_on"),
    **dict.fromkeys(("实施日期", "施行日期", "生效日期", "执行日期", "实施时间", "生效时间"), "effective_on"),
    **dict.fromkeys(("失效日期", "终止日期", "失效时间", "有效期至", "截止日期"), "expires_on"),
    **dict.fromkeys(("有效性", "时效", "时效性", "文件状态", "效力状态", "文件效力"), "status"),
    **dict.fromkeys(("索引号", "统一编号", "主题分类", "主题词", "分类", "公开方式", "来源", "浏览次数"), ""),
}
"""What the labels that government sites share mean; an empty one is known and says nothing that is kept."""
_METAS: Mapping[str, FactName] = {
    "articletitle": "title",
    "pubdate": "published_on",
    "firstpublishedtime": "published_on",
}
_DATA: Mapping[str, FactName] = {
    "gkml_data.title": "title",
    "gkml_data.document_number": "doc_number",
    "gkml_data.publisher": "issuers",
    "gkml_data.date": "issued_on",
    "gkml_data.first_publish_time": "published_on",
    "gkml_data.publish_time": "published_on",
    "gkml_data.expired_time": "expires_on",
    "gkml_data.abolished_time": "expires_on",
}
"""The directory of information that a whole province's sites are built on."""
_LABELLED = re.compile(
    r"^[【\[]?(?P<label>[\u4e00-\u9fff][\u4e00-\u9fff\s]{1,14}?)[】\]]?\s*[:：]\s*(?P<said>.*)$"
)
_OBJECT = re.compile(r"=\s*(?=\{)")
_HOLDERS = ["td", "th", "dt", "dd", "li", "p", "span", "div", "b", "strong", "em", "label"]
_SITE = re.compile(r"\s*[_|]\s*|\s+[-—–]\s+|-(?=[^-]*(?:网|政府|厅|局|部)$)")
_LONGEST = 300
_MOST = 4000
_QUOTES = "\"'“”‘’ "


@dataclass(frozen=True)
class Mark:
    """A fact as the page words it: ``said`` under ``label``, found in ``layer``."""

    field: FactName
    label: str
    said: str
    layer: Layer


def marks(soup: BeautifulSoup, scripts: tuple[str, ...], body: Tag | None, recipe: Recipe) -> list[Mark]:
    """Everything the page says of the facts outside its text, the surest layers first, each saying once."""
    found = [*_selected(soup, recipe), *_data(scripts, recipe), *_labelled(soup, body, recipe)]
    found += [*_variables(scripts, recipe), *_metas(soup), *_headings(soup, body)]
    seen: set[tuple[str, str, str]] = set()
    kept = []
    for one in found:
        key = (one.field, one.layer, one.said)
        if one.said and key not in seen:
            seen.add(key)
            kept.append(one)
    return kept


def _selected(soup: BeautifulSoup, recipe: Recipe) -> Iterator[Mark]:
    """What the source's own selectors find; a label before it goes."""
    chosen = {"title": recipe.title, **recipe.facts}
    for field in FACTS:
        for selector in chosen.get(field, ()):
            said = next((told for tag in soup.select(selector) if (told := flat(tag.get_text()))), "")
            match = _LABELLED.match(said)
            if match and _field(match["label"], recipe) is not None:
                said = match["said"]
            if said and len(said) <= _LONGEST:
                yield Mark(field, _NAMES[field], said, "selector")
                break


_ANY_LABEL = re.compile("(?:" + "|".join(sorted(LABELS, key=len, reverse=True)) + ")[：:]")
_NAMES: Mapping[FactName, str] = {
    "title": "标题",
    "doc_number": "文号",
    "issuers": "发文机关",
    "issued_on": "成文日期",
    "published_on": "发布日期",
    "effective_on": "实施日期",
    "expires_on": "失效日期",
    "status": "文件状态",
}


# -- data and variables of scripts -----------------------------------------------------------------


def _data(scripts: tuple[str, ...], recipe: Recipe) -> Iterator[Mark]:
    wanted = {**_DATA, **recipe.data}
    for held in _objects(scripts):
        for path, field in wanted.items():
            said = _at(held, path)
            if isinstance(said, str | int) and not isinstance(said, bool) and said:
                yield Mark(field, path.rpartition(".")[2], squeeze(str(said))[:_LONGEST], "json")
        yield from _ended(held)


def _ended(held: Mapping[str, Any]) -> Iterator[Mark]:
    """The flags by which the directory says that a paper has ended."""
    for name in ("is_abolished", "is_expired"):
        said = _at(held, f"gkml_data.{name}")
        if said in (1, True, "1", "true"):
            yield Mark("status", name, str(said), "json")


def _objects(scripts: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
    """The objects that scripts assign to something, as far as they are JSON."""
    decoder = json.JSONDecoder()
    tries = 0
    for script in scripts:
        places = [match.end() for match in _OBJECT.finditer(script)][:20]
        if script.lstrip().startswith("{"):
            places.insert(0, len(script) - len(script.lstrip()))
        for at in places:
            tries += 1
            try:
                held, _ = decoder.raw_decode(script, at)
            except (ValueError, RecursionError):
                continue
            if isinstance(held, dict):
                yield held
        if tries > 200:
            return


def _at(held: Any, path: str) -> Any:
    for step in path.split("."):
        held = held.get(step) if isinstance(held, dict) else None
    return held


def _variables(scripts: tuple[str, ...], recipe: Recipe) -> Iterator[Mark]:
    """What scripts assign to named variables: the first value that is not empty."""
    wanted: dict[str, FactName] = {"file_status": "status", "losetime": "expires_on", **recipe.variables}
    for name, field in wanted.items():
        pattern = re.compile(rf"(?<![\w.]){re.escape(name)}\s*=(?!=)\s*(['\"])([^'\"\n]{{0,100}})\1")
        said = (squeeze(match[2]) for script in scripts for match in pattern.finditer(script))
        if told := next((one for one in said if one), ""):
            yield Mark(field, name, told, "script")


# -- labels on the page ----------------------------------------------------------------------------


def _field(label: str, recipe: Recipe) -> FactName | Literal[""] | None:
    """What a label means; ``None`` for one that is not known."""
    bare = "".join(label.split()).strip("：:【】[]")
    return {**LABELS, **recipe.labels}.get(bare)


def _labelled(soup: BeautifulSoup, body: Tag | None, recipe: Recipe) -> Iterator[Mark]:
    """Labels in tables and lists outside the body, with what stands behind them; of each field the first."""
    seen: set[FactName] = set()
    for label, said in _pairs(soup, body, recipe):
        field = _field(label, recipe)
        if field and said and field not in seen and _field(said, recipe) is None:
            seen.add(field)
            yield Mark(field, "".join(label.split()).strip("：:【】[]"), said, "table")


def _pairs(soup: BeautifulSoup, body: Tag | None, recipe: Recipe) -> Iterator[tuple[str, str]]:
    holders: list[Tag | BeautifulSoup] = [one for each in recipe.tables for one in soup.select(each)]
    inside = {id(one) for one in body.descendants} if body is not None else set()
    for holder in holders or [soup]:
        for tag in holder.find_all(_HOLDERS, limit=_MOST):
            if id(tag) not in inside:
                yield from _pair(tag)


def _pair(tag: Tag) -> Iterator[tuple[str, str]]:
    """``label：value`` within one element, or a label and the element after it."""
    if sum(1 for _ in zip(tag.descendants, range(40), strict=False)) >= 40:
        return
    text = flat(tag.get_text())
    if not text or len(text) > _LONGEST:
        return
    match = _LABELLED.match(text)
    if len(_ANY_LABEL.findall("".join(text.split()))) > 1:
        return  # a box of several: each has an element of its own
    if match and match["said"]:
        yield match["label"], match["said"]
        return
    after = tag.find_next_sibling()
    if len(text) <= 16 and isinstance(after, Tag) and after.name in (tag.name, "dd", "td", "span", "em"):
        yield text, flat(after.get_text())[:_LONGEST]


# -- the head of the document ----------------------------------------------------------------------


def _metas(soup: BeautifulSoup) -> Iterator[Mark]:
    """Meta elements, whatever quotation marks their names are set in."""
    for meta in soup.find_all("meta"):
        name = str(meta.get("name", "")).strip(_QUOTES)
        field = _METAS.get(name.lower())
        said = squeeze(str(meta.get("content", "")).strip("“”"))
        if field and said:
            yield Mark(field, name, said[:_LONGEST], "meta")


def _headings(soup: BeautifulSoup, body: Tag | None) -> Iterator[Mark]:
    """The first heading of the page, and what the window is called without the names of site and column."""
    for heading in soup.find_all("h1", limit=5):
        said = flat(heading.get_text())
        if 6 <= len(said) <= _LONGEST:
            yield Mark("title", "页面标题", said, "head")
            break
    if soup.title is not None:
        said = _SITE.split(flat(soup.title.get_text()))[0]
        if len(said) >= 4:
            yield Mark("title", "网页标题", said[:_LONGEST], "window")
