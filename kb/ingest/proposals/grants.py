"""Which words grant a relief, and of which type: a thing and what is done to it, in one part of a sentence.

A word alone says nothing: 增值税 is in every second paper. Only a thing with its own deed counts, and
nothing of what a sentence denies, reports or threatens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kb.domain.proposal import Confidence
from kb.ingest.proposals.sentences import Piece

_NEAR = 24
"""The most characters between a thing and its deed."""
_DENIED = re.compile(
    r"不予|不再|不得|停止|取消|自动恢复|恢复(?:正常)?(?:征收|执行|缴存|缴纳)|不享受|不适用|不能|追缴|补缴|骗取|套取|虚报|违规|违反|处罚|"
    r"拒不|杜绝|严禁|强制|予以收回|退回资金|废止|研究(?:制定|出台|探索)?|探索|鼓励|引导|倡导|争取|建议|呼吁|希望|诉求|反映|能否|是否|如何|"
    r"未按|未及时|不符合|审计|监督检查|视同(?:业绩)?利润|业绩考核|号召|(?:落实|执行)情况"
)
_TOLD = re.compile(
    r"已(?!经?(?:取得|认定|缴|参保|享受|登记|备案|签|发放|批准|纳入))|累计(?:减|免|退|发放|为|新增|投放)|据统计|截至|截止目前|同比|去年|以来|近年来|表示|介绍|认为|"
    r"举例|记者|告诉|指出|调查|受访|问卷|调研|数据显示|了解到|共(?:减免|为)|据悉|获悉|报道|得知|得益于|受益于|该(?:公司|企业)|"
    r"积极响应|预计(?:减|可)|[“”][^“”]{0,60}(?:我们|隔天|收到)"
)
_SECOND_HAND = re.compile(
    r"日前|近日|联合发布|密集发布|涉及|主要包括|分别(?:是|为)|方面|(?:措施|政策)中|等(?:\d+[条项])?(?:政策|措施|优惠|条款)|通知(?:明确|提出|要求)|"
    r"(?:政策|法律)依据|详细阅读|办理流程|填写|填入|填报|备案手续|名单[，,]?由|审批表|申请表|参照《|工作要求|"
    r"不折不扣|兑付|告知(?!承诺)|提醒|纷纷|一些地区|各地|发布\d+[项条]|涵盖|^[^，。]{0,4}包括|政策。$|出台支持"
)
"""Words of one who tells of a paper, or of how a form is filled in: the relief stands elsewhere."""
_SOFT = re.compile(
    r"(?:^|[，,、：:）)])(?:进一步|积极|切实|认真|全面|严格|继续|依法|要|将)*(?:支持|推动|优先|健全|完善|加大|协调|落实|协助|主动|用好|推进|宣传|辅导|对接|开辟)|"
    r"优先(?:给予|予以|享受|落实|核准)|帮扶|政策扶持|各级[^，。]{0,20}部门|金融机构，给予|对银行"
)
"""Words that promise care, not a thing; and what is granted to banks."""
SHORT = 14
"""Fewer characters are a heading, even with a full stop: what it says stands below it in full."""
_BUT = re.compile(r"不得(?:盲目)?(?:抽贷|断贷|压贷)")


@dataclass(frozen=True)
class _Rule:
    """A type, what it is about, and what is done to it; which of the two stands first does not matter."""

    type: str
    thing: re.Pattern[str]
    deed: re.Pattern[str]


@dataclass(frozen=True)
class Grant:
    """A relief that a part of a sentence grants: its type, the piece, the words for thing and deed in it."""

    type: str
    piece: Piece
    thing: str
    deed: str
    confidence: Confidence

    @property
    def is_heading(self) -> bool:
        """Whether it only names what is granted, as headings do, even those with a full stop."""
        return _is_heading(self.piece)


def _is_heading(piece: Piece) -> bool:
    names_nobody = not re.match("对|自|凡|符合|纳入", piece.bare)
    return len(piece.words) < SHORT and names_nobody and not _FIGURE.search(piece.bare)


def _rule(type_: str, thing: str, deed: str) -> _Rule:
    return _Rule(type_, re.compile(thing), re.compile(deed))


_LESS = r"免征|免缴|免收|免交|减征|减半|减按|减免|暂免|免于缴纳|免除|减收"
_GIVE = r"给予|补助|补贴|奖励|奖补|资助|发放"
_SUM = r"(?:\d+(?:\.\d+)?\s*(?:万|亿)?元|\d+(?:\.\d+)?[%％])"
_RULES = (
    _rule(
        "social-insurance",
        r"社会保险费|社保费|(?:养老|失业|工伤|医疗|生育)保险(?!金|基金|待遇)|职工医保|三项社会保险",
        rf"{_LESS}|缓缴|延缴|延期缴纳|降低费率|下调费率|费率(?:阶段性)?(?:降|下调)|阶段性降低",
    ),
    _rule(
        "tax",
        r"增值税|所得税|房产税|土地使用税|印花税|资源税|城市维护建设税|教育费附加|车辆购置税|关税|消费税|契税|耕地占用税|"
        r"土地增值税|车船税|残疾人就业保障金|残保金|文化事业建设费|水利建设基金|税款|应纳税所得额|税费|进项税额|留抵税额|研发费用",
        rf"{_LESS}|缓缴|缓税|延期缴纳|延缓缴纳|退还|退税|留抵退税|加计(?:扣除|抵减|抵扣)|税前(?:据实)?扣除|一次性(?:税前|计入|扣除)|免税|先征后退|即征即退",
    ),
    _rule(
        "housing-fund", r"住房公积金", r"缓缴|降低缴存比例|下调缴存比例|缴存比例.{0,6}(?:降|下调)|暂缓缴存"
    ),
    _rule("rent", r"租金(?!利息|罚息)|房租", rf"{_LESS}|缓收|延期(?:支付|缴纳|收取)|缓缴"),
    _rule(
        "energy",
        r"用电价格|用气价格|用水价格|电价|气价|水价|电费|气费|水费|天然气价格|宽带|专线",
        r"降低|下调|缓缴|减免|降价|欠费不停|优惠|打折|\d+%(?:结算|计收|收取)",
    ),
    _rule(
        "jobs",
        r"失业保险费|失业保险基金|失业保险稳岗|稳岗|扩岗|吸纳就业|招用|吸纳|岗位",
        r"返还|稳岗补贴|稳岗返还|扩岗补助|就业补贴|吸纳就业补贴|岗位补贴|招用补贴|一次性吸纳|社会保险补贴|社保补贴",
    ),
    _rule(
        "training",
        r"培训|学徒制|以工代训|技能提升",
        r"(?:给予|发放|按.{0,12}标准).{0,12}补贴|培训补贴|以工代训补贴|职业培训补贴|技能提升补贴",
    ),
    _rule(
        "finance",
        r"贷款|信贷|融资|续贷|还本付息|担保费|再贷款|保函|授信",
        r"贴息|展期|延期还本付息|延期(?:还本|付息|还款)|无还本续贷|不得(?:盲目)?(?:抽贷|断贷|压贷)|不(?:抽贷|断贷|压贷)|"
        r"免收罚息|免收担保费|(?:降低|减免|免收|减半收取)(?:融资)?担保费|担保费率(?:降|不高于|不超过)|下调利率|利率(?:下调|优惠)|降低(?:贷款)?利率|给予.{0,10}补贴",
    ),
    _rule(
        "technology",
        r"数字化(?:转型|改造)|技术改造|智能化改造|上云|设备更新|算力|技术创新|首台",
        rf"(?:{_GIVE}).{{0,14}}(?:补助|补贴|奖励|资助|支持|算力券)",
    ),
    _rule(
        "procurement",
        r"政府采购|采购(?:项目|份额|人|活动)|投标保证金|履约保证金|评审",
        r"价格扣除|预留|减免.{0,4}保证金|免收.{0,4}保证金|免缴|不收取|预付款|首付款",
    ),
    _rule(
        "payment",
        r"账款|工程款|款项|欠款|进度款|质量保证金|质保金",
        r"支付逾期利息|逾期利息|及时支付|(?:\d+|三十|六十)日内支付|支付期限|不得拖欠|不得以.{0,40}为由.{0,6}(?:拒绝|迟延|拖欠)|清偿|按时支付",
    ),
    _rule(
        "credentials",
        r"资质|许可证|证书|信用修复|失信|认定",
        r"有效期.{0,8}(?:自动)?(?:顺延|延长|延续)|自动(?:延续|延期|顺延)|不(?:纳入|列入|作为)失信|信用修复|告知承诺",
    ),
    _rule(
        "subsidy",
        r"企业|单位|项目|平台|个体工商户",
        rf"给予[^，,。；]{{0,16}}{_SUM}[^，,。；]{{0,12}}(?:奖励|补助|补贴|奖补|资助)|"
        rf"给予[^，,。；]{{0,12}}(?:奖励|补助|补贴|奖补|资助)[^。；]{{0,16}}{_SUM}|(?:奖励|补助|资助|奖补)(?:最高)?(?:不超过)?{_SUM}",
    ),
)
_FIGURE = re.compile(r"\d+(?:\.\d+)?\s*(?:%|％|万元|元|个月|亿元)|[一二三四五六七八九十]+个月")
_ABSOLUTE = re.compile(
    r"免征|免收|免缴|减半|减按|加计|返还|一次性|不得(?:盲目)?(?:抽贷|断贷|压贷)|缓缴|延期还本付息|价格扣除"
)


def grants(piece: Piece) -> Iterator[Grant]:
    """What a part of a sentence grants, one of a type; nothing of what it denies, reports or only wishes."""
    bare = piece.bare
    if _DENIED.search(_BUT.sub("＿", bare)) or _TOLD.search(bare):
        return
    if not piece.closed and not _FIGURE.search(bare):
        return
    found = [one for rule in _RULES if (one := _granted(rule, piece, bare))]
    special = [one for one in found if one.type != "subsidy"]
    yield from special or found


def _granted(rule: _Rule, piece: Piece, bare: str) -> Grant | None:
    best: tuple[int, re.Match[str], re.Match[str]] | None = None
    for thing in rule.thing.finditer(bare):
        for deed in rule.deed.finditer(bare):
            gap = max(deed.start() - thing.end(), thing.start() - deed.end(), 0)
            if gap <= _NEAR and (best is None or gap < best[0]):
                best = gap, thing, deed
    if best is None:
        return None
    between = bare[min(best[1].start(), best[2].start()) : max(best[1].end(), best[2].end())]
    return Grant(rule.type, piece, best[1][0], best[2][0], _confidence(piece, between, best[2][0]))


def _confidence(piece: Piece, between: str, deed: str) -> Confidence:
    """How sure it is that the piece grants something; ``between`` is all from the thing to the deed."""
    bare = piece.bare
    if _is_heading(piece) or (_SOFT.search(bare) and not _FIGURE.search(bare)):
        return "hint"
    if _SECOND_HAND.search(bare):
        return "hint"
    sure = not re.search(r"[，,：:]", between) and _ABSOLUTE.search(deed) and piece.closed
    return "certain" if sure else "likely"
