"""Names of authorities and associations in a text: which lines are such names, and which place they mean."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kb.domain.sense import issuer_region
from kb.domain.taxonomy import NATION, Regions

LONGEST = 40
_LONGEST_LIST = 600
_SENTENCE = re.compile(r"[。；：！？:;!?\d]")
_SETTLED = (
    "部|委|局|厅|署|办|政府|委员会|银行|银行.{2,8}(?:分|支)行|小组|专班|指挥部|联合会|协会|学会|商会|工会|秘书处|公司|中心"
    "|集团|法院|检察院|国务院|科学院|研究院|医院|办公厅|办公室|联盟|促进会|基金会|监会|(?:联防联控|工作|协调|联席会议)机制"
    "|(?:工作|领导|协调|保障|推进|专项|督导)组|(?:机制|指挥部|小组)[\u4e00-\u9fff]{2,6}组|(?:部|委|局|署|厅)[\u4e00-\u9fff]{2,8}司"
)
_NAME = re.compile(rf"[\u4e00-\u9fff（）()·]{{2,30}}(?:{_SETTLED})|证监会|国务院")
_NO_NAME = re.compile(
    r"关于|各[省市县区部]|(?<![\u4e00-\u9fff])将(?!乐)|[\u4e00-\u9fff]将[再加继会于]|加紧|建立|健全|召开|印发|出台"
    r"|部署|启动|做好|强化|开展|积极|落实|全面|[，。；：！？]"
)
_TAIL = re.compile(
    r"(?:工作|领导小组|指挥部|办公室|办公厅|委员会|人民政府|管理委员会|协调|应对|疫情|防控|防治|联防联控|肺炎|病毒|感染|新型|新冠)"
)
_HEAD = re.compile(r"[\u4e00-\u9fff（）()·]{2,30}")
_NO_HEAD = re.compile(
    r"关于|特此|此致|敬礼|附件|联系|各[省市县区部]|(?:通知|公告|通告|意见|办法|措施|方案|名单)$"
)
_PLACE = re.compile(r"[\u4e00-\u9fff]{2,8}?[省市县区州盟旗]")
_UNSEEN = re.compile(r"[\u200b-\u200f\u2060\ufeff]")
_ZONE = re.compile(r"(?:经济|高新)[\u4e00-\u9fff]{0,8}(?:开发区|园区)|(?:高新|经开)区")
_DISTRICT = re.compile(r"[\u4e00-\u9fff]{1,8}?[区县旗]")
_SEAL = re.compile(r"[（(](?:代?章|盖章|公章|印章?)[)）]")
_BETWEEN = re.compile(r"[\s、，,]+")
_PARENT = re.compile(
    r"国家税务总局|中国人民银行|国家统计局|国家外汇管理局|中国(?:银行业?)?(?:银?保|证)监(?:督管理委员)?会|财政部(?=.+监管局)"
    r"|审计署(?=.+特派)|国家(?:邮政|铁路|金融监督管理)总?局"
)
_BRANCH = re.compile(r"(?:税务局|(?:分|支)行|管理部|分局|监管局|办事处|调查总队|管理局|专员办)(?:办公室)?$")
_LOCAL = re.compile(
    r"(?:通信管理局|税务局|(?:银保|银|保|证)?监管?局|分行|邮政管理局|总工会|人民政府|(?:省|市)委)(?:办公[厅室])?$"
)
_MINISTRY = (
    "外交|国防|教育|科学技术|科技|工业和信息化|公安|国家安全|民政|司法|财政|人力资源和?社会保障|自然资源|生态环境"
    "|住房和?城乡建设|交通运输|水利|农业农村|农业|商务|文化和旅游|文化|退役军人事务|应急管理|卫生|国土资源|环境保护"
    "|信息产业|铁道|(?:中央|中共中央)[\u4e00-\u9fff]{2,4}"
)
_NATIONAL = re.compile(
    rf"国务院.*|国家.*|(?:中国)?人民银行|中国(?:证监会|银保监会|民用航空局).*|证监会|银保监会|(?:{_MINISTRY})部"
    r"(?:办公厅|办公室|[\u4e00-\u9fff]{2,8}司|.*(?:小组|中心|机制)(?:办公室)?)?"
    r"|(?:税务|市场监管|海关|金融监管|广电)总[局署](?:办公厅)?|审计署|最高人民(?:法院|检察院)|全国[\u4e00-\u9fff]+会"
    r"|中华[\u4e00-\u9fff]+会|中共中央.*"
)


def names_in(text: str) -> tuple[str, ...]:
    """The authorities that a text consists of, and of nothing else; a name broken by a space or a line in two
    is one. Empty where anything else stands there, also half a name."""
    if len(text) > _LONGEST_LIST or _SENTENCE.search(text):
        return ()
    plain = _SEAL.sub("", squeeze_spaced(_UNSEEN.sub("", text)).removesuffix("文件"))
    return _whole_names([one for one in _BETWEEN.split(plain) if one])


def _whole_names(words: Sequence[str]) -> tuple[str, ...]:
    names: list[str] = []
    left = list(words)
    while left:
        last = left.pop()
        if _TAIL.match(last):
            if not (left and begins_name(left[-1]) and _is_name(left[-1] + last)):
                return ()
            last = left.pop() + last
        elif not _is_name(last):
            return ()
        names[:0] = _parted(last)
    return tuple(names)


def _parted(text: str) -> list[str]:
    """Names set without a space between them, each beginning with the same place."""
    place = _PLACE.match(text)
    again = text.find(place[0], 4) if place else -1
    parts = [text[:again], text[again:]] if again > 0 else [text]
    return parts if all(map(_is_name, parts)) else [text]


def _is_name(text: str) -> bool:
    return len(text) <= LONGEST and bool(_NAME.fullmatch(text)) and not _NO_NAME.search(text)


def begins_name(text: str) -> bool:
    """Whether a text may be the first half of a name of which the rest stands on the next line."""
    return bool(_HEAD.fullmatch(text)) and not _NO_HEAD.search(text) and not _NO_NAME.search(text)


def ends_name(text: str) -> bool:
    """Whether a text is the second half of a name rather than a name."""
    return bool(_TAIL.match(text)) and bool(re.search(rf"(?:{_SETTLED})$", text))


def squeeze_spaced(text: str) -> str:
    """A line set with spaces between its letters (``中 国 通 信``) without them; others as they are."""
    pieces = text.split()
    spaced = len(pieces) >= 3 and sum(len(one) == 1 for one in pieces) >= 0.8 * len(pieces)
    return "".join(pieces) if spaced else text.strip()


# -- places ----------------------------------------------------------------------------------------


def place_of(name: str, regions: Regions) -> str:
    """The region an authority belongs to: what its name begins with, the nation for national ones; empty
    where the name does not tell."""
    name = name.removeprefix("共青团")
    own = _PARENT.sub("", name, count=1) if _PARENT.match(name) else name
    code = issuer_region(own, regions)
    if code != NATION:
        return code
    if _LOCAL.search(own) or _BRANCH.search(own):
        short = next((one.code for one in regions.provinces() if own.startswith(one.short)), "")
        if short or own != name:
            return short
    if zone := next((one.code for one in regions.all if _ZONE.match(own.removeprefix(one.short))), ""):
        return zone if zone != NATION and not _ZONE.match(own) else ""
    return NATION if _NATIONAL.fullmatch(name) else ""


def place_told(name: str, text: str, regions: Regions) -> tuple[str, str]:
    """The one region before whose districts or counties ``text`` names the one an authority is of
    (``湖南省长沙县`` for 长沙县财政局), and these words; both empty where it names none or several."""
    own = _DISTRICT.match(name)
    said = {f"{one.name}{own[0]}": one.code for one in regions.all if own and one.name + own[0] in text}
    nearest = max(said.values(), key=lambda code: len(regions.path(code)), default="")
    if not nearest or any(code not in regions.path(nearest) for code in said.values()):
        return "", ""
    return nearest, next(words for words, code in said.items() if code == nearest)


def place_of_all(names: Sequence[str], regions: Regions) -> tuple[str, bool]:
    """The one region that all the names mean, and whether each of them tells it; empty where they differ."""
    places = {place_of(one, regions) for one in names}
    told = places - {""}
    one = next(iter(told)) if len(told) == 1 else ""
    if "" in places and one == NATION:
        return "", False
    return one, "" not in places
