"""Services that a paper names: what associations do for companies, one by one, each with its sentence.

A sentence counts where it says both what is done and that it is done for others; what an association asks of
its own people, celebrates or plans is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kb.domain.document import Document, sections
from kb.domain.sense import issuer_region
from kb.domain.taxonomy import Taxonomy
from kb.ingest.documents import wording
from kb.ingest.papers.found import Item, proposal
from kb.ingest.papers.providers import Mention, full_name, mentions_in, owner_of, provider_of, spelt_out
from kb.ingest.papers.reading import Head, Place, label, places, sentences

_FOR = r"会员|企业|行业员工|行业"


@dataclass(frozen=True)
class Subject:
    """One thing that associations do: its key, the type of relief, how we call it, how a sentence says it.

    ``names`` are the words by which titles of entries say it.
    """

    key: str
    type: str
    title: str
    words: re.Pattern[str]
    names: str = ""

    def said_in(self, sentence: str) -> bool:
        """Whether a sentence says that this is done."""
        return bool(self.words.search(sentence))

    def fits(self, title: str, types: Iterable[str]) -> bool:
        """Whether an entry of that title and those types of relief is about this."""
        return self.type in types and bool(re.search(self.names, title))


SUBJECTS = (
    Subject(
        "credentials",
        "credentials",
        "证书和培训延期的沟通",
        re.compile(
            r"证书.{0,12}(?:延[期迟长]|有效期).*(?:争取|反映|沟通|支持)|(?:评价|证书|资质).{0,10}(?:予以延期|顺延)"
        ),
        "证书|评价|资质|信用",
    ),
    Subject(
        "legal",
        "reopening",
        "法律咨询",
        re.compile(r"(?:律师|法务).{0,20}(?:咨询|服务|援助)|法律(?:咨询|援助|服务)"),
        "法律|律师",
    ),
    Subject(
        "training",
        "training",
        "网上培训",
        re.compile(
            r"(?:组织|推出|开设|开展|举办|提供|转发).{0,24}(?:(?:网上|线上|在线|视频|免费|网络|直播).{0,10}(?:培训|课程|课件|直播)|培训课程)"
        ),
        "培训|课程|直播",
    ),
    Subject(
        "policies",
        "reopening",
        "政策梳理和发送",
        re.compile(
            r"(?:梳理|汇总|收集|整理|解读|编印).{0,30}政策.*(?:发送|转发|发给|推送|印发|提供)"
            r"|(?:网站|简报|公众号|微信|工作群).{0,30}(?:政策).{0,12}(?:宣传|讲解|解读)"
            r"|(?:网站|简报|公众号|微信|工作群).{0,16}(?:宣传|讲解|解读|推送).{0,16}政策"
        ),
        "政策",
    ),
    Subject(
        "needs",
        "reopening",
        "了解困难和需求",
        re.compile(
            rf"(?:征求|征集|收集|收集整理|获取|了解|听取|汇总).{{0,6}}(?:{_FOR}).{{0,20}}(?:困难|需求|诉求|问题)"
        ),
        "困难|诉求|需求",
    ),
    Subject(
        "promotion",
        "reopening",
        "协助推广业务",
        re.compile(rf"(?:协助|帮助|为)(?:{_FOR}).{{0,6}}推广"),
        "推广",
    ),
    Subject(
        "tools",
        "technology",
        "远程办公等软件共享",
        re.compile(
            r"(?:分享|共享|开放|提供).{0,12}(?:远程(?:会议|办公)|视频会议|在线(?:办公|学习)).{0,30}(?:软件|程序|平台|工具|技术)"
        ),
        "软件|工具|平台",
    ),
    Subject(
        "finance",
        "finance",
        "融资对接",
        re.compile(r"(?:搭建|组织|开展|提供).{0,16}(?:融资|银企|贷款).{0,10}(?:对接|桥梁|服务|方案)"),
        "融资|贷款",
    ),
    Subject(
        "payment",
        "payment",
        "工程欠款的协调",
        re.compile(r"(?:协调|帮助).{0,20}(?:欠款|拖欠|清欠).{0,12}(?:清理|解决|催收)?"),
        "欠款|清欠|低价中标",
    ),
)
_COURSES = re.compile(
    r"由(?P<by>[\u4e00-\u9fff]{2,14}?)(?:组织举办|举办|组织|开设|提供)的(?:网上|线上|在线)?\s*(?P<names>[^。；]{4,120}?)等(?:网上|线上|在线)?(?:培训)?课程"
)
_AND = re.compile(r"[、，,]|和(?=[^、，,和]{4,}$)")
_STOPPED = re.compile(r"(?:暂停|取消|推迟|停办|延期举办)了?原")
_OTHERS = re.compile(r"会员|企业|行业员工")


def items(paper: Document, head: Head, taxonomy: Taxonomy) -> list[Item]:
    """The services a paper names, each provider's each kind once in a section, courses by name."""
    found: dict[tuple[str, str, str], Item] = {}
    mentions = mentions_in(paper.text, taxonomy)
    for place, blocks in _texts(paper):
        owner = owner_of(place, mentions, taxonomy)
        for block in blocks:
            if not _OTHERS.search(block.text):
                continue
            for start, end in sentences(block.text):
                span = (block.start + start, block.start + end)
                for item in _said(paper, head, taxonomy, place, span, owner, mentions):
                    _keep(found, item)
    return list(found.values())


def _keep(found: dict[tuple[str, str, str], Item], item: Item) -> None:
    """A service said in two sentences of one section is one, with both sentences."""
    key = (str(item.data["issuers"]), item.subject, item.section)
    held = found.get(key)
    if held is None:
        found[key] = item
        return
    quotes = [one for one in item.proposals if one.field == "summary"]
    found[key] = replace(held, proposals=(*held.proposals, *quotes))


def _texts(paper: Document) -> Iterator[tuple[Place | None, list[Any]]]:
    """The running text with the narrowest section it stands in."""
    for section in sections(paper):
        if section.opening is None:
            yield None, [block for block in section.blocks if block.kind == "paragraph"]
    for place in places(paper):
        own = [block for block in place.section.blocks if block.kind == "paragraph"]
        opening = place.section.opening
        yield place, [*([opening] if opening and opening.kind == "item" else []), *own]


# -- what ------------------------------------------------------------------------------------------


def is_about(subject: str, data: Mapping[str, Any]) -> bool:
    """Whether a service that exists is what a found one of ``subject`` is."""
    title = str(data.get("title", ""))
    if subject.startswith("course:"):
        said = [
            title,
            *data.get("aliases", ()),
            *(str(one.get("what", "")) for one in data.get("reliefs", ())),
        ]
        return subject.removeprefix("course:") in wording.squeeze(" ".join(said))
    types = {str(one.get("type", "")) for one in data.get("reliefs", ())}
    return any(one.key == subject and one.fits(title, types) for one in SUBJECTS)


def _said(
    paper: Document,
    head: Head,
    taxonomy: Taxonomy,
    place: Place | None,
    span: tuple[int, int],
    owner: str,
    mentions: Sequence[Mention],
) -> Iterator[Item]:
    """The services that one sentence names."""
    start, end = span
    text = paper.text[start:end]
    said = _without_stopped(text)
    provider = provider_of(head, owner, start, mentions)
    subjects = [one for one in SUBJECTS if one.said_in(said)]
    if any(one.key == "credentials" for one in subjects):
        subjects = [one for one in subjects if one.key == "credentials"]
    for subject in subjects:
        yield _item(
            paper, head, taxonomy, place, span, provider, subject, f"{provider}{_free(text)}{subject.title}"
        )
    for match in _COURSES.finditer(text):
        by = spelt_out(match["by"], head, mentions)
        for name in _AND.split(match["names"]):
            key = f"course:{wording.squeeze(name).removesuffix('培训')}"
            course = Subject(key, "training", "", re.compile(""))
            where = (start + match.start(), start + match.end())
            yield _item(
                paper,
                head,
                taxonomy,
                place,
                where,
                by,
                course,
                f"{name.strip().removesuffix('培训')}网上培训",
            )


def _without_stopped(text: str) -> str:
    """The sentence without the part that says what was called off."""
    return "，".join(part for part in re.split("[，,]", text) if not _STOPPED.search(part))


def _free(text: str) -> str:
    return "免费" if "免费" in text else ""


def _item(
    paper: Document,
    head: Head,
    taxonomy: Taxonomy,
    place: Place | None,
    span: tuple[int, int],
    provider: str,
    subject: Subject,
    title: str,
) -> Item:
    start, end = span
    quote = paper.text[start:end].strip()
    start += paper.text[start:end].index(quote)
    end = start + len(quote)
    name = full_name(provider, taxonomy)
    region = issuer_region(name, taxonomy.regions)
    section = label(place) if place else "正文"
    source = {"document": head.document, "section": section}
    relief = {"id": _slug(subject), "type": subject.type, "title": title, "what": quote}
    proposals = (
        proposal(paper.text, "summary", quote, start, end),
        proposal(paper.text, "issuers", [name], start, end, "likely"),
        proposal(paper.text, "regions-include", [region], start, end, "likely"),
        proposal(paper.text, "reliefs-0", relief, start, end, "likely"),
        proposal(paper.text, "sources-0", source, start, end),
    )
    data: dict[str, Any] = {
        "kind": "service",
        "title": title.replace(provider, name),
        "summary": quote,
        "issuers": [name],
        **({"issued_on": head.issued_on.isoformat()} if head.issued_on else {}),
        "regions": {"include": [region]},
        "reliefs": [{**relief, "title": title.replace(provider, "")}],
        "sources": [source],
    }
    anchor = place.section.anchor if place else ""
    return Item(
        "service", "", str(data["title"]), section, anchor, quote, start, proposals, data, subject.key
    )


def _slug(subject: Subject) -> str:
    return "course" if subject.key.startswith("course:") else subject.key
