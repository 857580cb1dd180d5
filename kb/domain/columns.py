"""The columns of the sheet in which staff take entries out and bring them in: one row a relief.

The fields of the entry are repeated on each of its rows. What is here is data; what a cell says and how
it is read is :mod:`kb.domain.values`. What no column can say (conditions as rules, relations, doubts,
points, more than one source or window) stays as it is in the knowledge base.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from kb.domain.findings import Path

Kind = Literal["text", "lines", "names", "date", "number", "term", "terms", "regions", "choice", "conditions"]
Level = Literal["entry", "relief"]

END_KINDS = {
    "dated": "有截止日",
    "long_term": "长期有效",
    "unstated": "未写截止日",
    "ended": "已失效（日期不详）",
}
LEVELS = {"verified": "已核对", "partial": "部分核对", "lead": "线索"}
CHOICES = {"end_kind": END_KINDS, "level": LEVELS}
ID, VERSION, RELIEF_ID = "编号", "版本", "事项编号"
SHEET, GUIDE, LISTS = "条目", "填表说明", "词表"
"""The pages of a workbook."""


@dataclass(frozen=True)
class Column:
    """One column: its header, where its value stands in the entry or relief, and how to fill it in.

    ``of`` names the list that its values are of. ``fixed`` columns are told and never taken back.
    """

    title: str
    path: Path
    kind: Kind
    hint: str
    example: str = ""
    of: str = ""
    level: Level = "entry"
    required: bool = False
    fixed: bool = False

    @property
    def place(self) -> Path:
        """Where the value stands in the record, the number of the relief left out."""
        return ("reliefs", *self.path) if self.level == "relief" else self.path


def _entry(
    title: str,
    path: str,
    kind: Kind,
    hint: str,
    example: str = "",
    of: str = "",
    required: bool = False,
    fixed: bool = False,
) -> Column:
    return Column(title, _steps(path), kind, hint, example, of, "entry", required, fixed)


def _relief(
    title: str, path: str, kind: Kind, hint: str, example: str = "", of: str = "", required: bool = False
) -> Column:
    return Column(title, _steps(path), kind, hint, example, of, "relief", required)


def _steps(path: str) -> Path:
    return tuple(int(step) if step.isdigit() else step for step in path.split("."))


_PERIOD_HINTS = (
    "从哪天起适用",
    "最后一天，当天仍然有效；没有写截止日就空着",
    "不写时：有截止日就按有截止日，没有就按未写截止日",
    "原文怎么说的期限",
    "截止日是推算的，写据什么推算；不是推算的空着",
)

COLUMNS: tuple[Column, ...] = (
    _entry(ID, "id", "text", "条目的编号，导出时就有，不要改；新条目空着，系统会给", "bj-2020-7"),
    Column(VERSION, (), "number", "导出时是第几版，不要改；新条目空着", "3"),
    _entry("类别", "kind", "term", "不写就是政策", "政策", "kinds"),
    _entry("标题", "title", "text", "文件的全名", "关于阶段性减免企业社会保险费的通知", required=True),
    _entry(
        "一句话好处",
        "promise",
        "text",
        "企业能得到什么，先写免、减、缓、补、贷，尽量不超过60字",
        "2020年2月至6月，中小微企业养老、失业、工伤保险单位缴费免交。",
        required=True,
    ),
    _entry("概要", "summary", "text", "两三句话的说明，可以空着"),
    _entry(
        "别名",
        "aliases",
        "names",
        "会员自己会打的字，至少三个；每行一个，或用顿号隔开",
        "社保减免、三项社保免交",
    ),
    _entry("文号", "doc_number", "text", "核实过的文号，照原文写", "人社部发〔2020〕11号"),
    _entry("待核文号", "doc_number_candidate", "text", "还没核实的文号：搜得到，不显示；和文号只写一个"),
    _entry("发文机关", "issuers", "names", "每行一个，或用顿号隔开", "人力资源社会保障部、财政部、税务总局"),
    _entry("成文日期", "issued_on", "date", "写成 2020-02-20 或 2020年2月20日", "2020-02-20"),
    _entry("公开日期", "known_on", "date", "肯定已经公开的日子；和成文日期相同就空着"),
    _entry(
        "适用地区",
        "regions.include",
        "regions",
        "省、市的名称或六位代码，用顿号隔开",
        "全国",
        "regions",
        required=True,
    ),
    _entry("不含地区", "regions.exclude", "regions", "适用地区里除外的，一般空着", "", "regions"),
    _entry("期限起", "in_force.start", "date", _PERIOD_HINTS[0], "2020-02-01"),
    _entry("期限止", "in_force.end", "date", _PERIOD_HINTS[1], "2020-06-30"),
    _entry("期限类型", "in_force.end_kind", "choice", _PERIOD_HINTS[2], "有截止日", "end_kind"),
    _entry("期限说明", "in_force.note", "text", _PERIOD_HINTS[3]),
    _entry("期限推算依据", "in_force.inferred", "text", _PERIOD_HINTS[4]),
    _relief(RELIEF_ID, "id", "text", "事项的编号，导出时就有，不要改；新事项空着，系统会给", "tax-1"),
    _relief("支持类型", "type", "term", "从词表里选一个", "税费减免", "types", required=True),
    _relief("事项标题", "title", "text", "这一项叫什么", "三项社会保险费免征", required=True),
    _relief(
        "能得到什么",
        "what",
        "text",
        "一两句话说清这一项",
        "养老、失业、工伤三项单位缴费不用交。",
        required=True,
    ),
    _relief("规模", "audience.sizes", "terms", "原文没有限制就空着；几种用顿号隔开", "小型、微型", "sizes"),
    _relief(
        "行业",
        "audience.industries",
        "terms",
        "原文没有限制就空着；几种用顿号隔开",
        "通信工程建设",
        "industries",
    ),
    _relief("事项适用地区", "audience.regions.include", "regions", "和整份文件一样就空着", "", "regions"),
    _relief("事项不含地区", "audience.regions.exclude", "regions", "一般空着", "", "regions"),
    _relief(
        "条件（每行一条）",
        "conditions",
        "conditions",
        "用我们的话写，一行一条（格里换行按 Alt+Enter）；带计算规则的条件在工作台改",
        "参加了职工社会保险",
    ),
    _relief("好处原文", "worth.text", "text", "保留原文的金额和比例；测算数字在工作台写", "免征单位缴费部分"),
    _relief("事项期限起", "period.start", "date", "和整份文件一样，这四格都空着"),
    _relief("事项期限止", "period.end", "date", _PERIOD_HINTS[1]),
    _relief("事项期限类型", "period.end_kind", "choice", _PERIOD_HINTS[2], "", "end_kind"),
    _relief("事项期限说明", "period.note", "text", _PERIOD_HINTS[3]),
    _relief("事项期限推算依据", "period.inferred", "text", _PERIOD_HINTS[4]),
    _relief("办理渠道", "apply.channel", "term", "写了在哪里办或步骤，就要选一个", "申报享受", "channels"),
    _relief("在哪里办", "apply.where", "text", "窗口、网站或 App 的名称", "当地税务局或电子税务局"),
    _relief("步骤", "apply.steps", "lines", "一行一步", "登录电子税务局申报"),
    _relief("材料", "apply.materials", "lines", "一行一样", "营业执照复印件"),
    _relief("受理起", "apply.windows.0.opens", "date", "开始受理的日子；有几段时间的，表里只列第一段"),
    _relief("受理止", "apply.windows.0.closes", "date", "受理的最后一天"),
    _relief("办结天数", "apply.handling_days", "number", "几个工作日办结", "5"),
    _relief("网址", "apply.url", "text", "办理的网址"),
    _relief("联系方式", "apply.contact", "text", "问谁、电话"),
    _entry(
        "来源文件",
        "sources.0.document",
        "text",
        "从哪份文件来的；表里只列第一个来源",
        required=True,
    ),
    _entry("来源章节", "sources.0.section", "text", "第几条、第几节"),
    _entry("来源网址", "sources.0.url", "text", "原文的官方网址；没有就空着，不要编"),
    _entry("困难", "needs", "terms", "它能解决会员的哪些困难，用顿号隔开", "税和社保负担", "needs"),
    _entry("核对程度", "verified.level", "choice", "不写就是部分核对", "部分核对", "level"),
    _entry(
        "最近核对",
        "verified.confirmed_on",
        "date",
        "供查看；核对在核对模式里做，这一列不读",
        fixed=True,
    ),
)

ENTRY_COLUMNS = tuple(one for one in COLUMNS if one.level == "entry" and one.title not in (ID, VERSION))
RELIEF_COLUMNS = tuple(one for one in COLUMNS if one.level == "relief" and one.title != RELIEF_ID)
BY_TITLE = {one.title: one for one in COLUMNS}


def _squeezed(header: str) -> str:
    """A header without white space, marks of what must be filled in, and what stands in brackets."""
    plain = re.sub(r"[\s*＊:：'’\ufeff]", "", unicodedata.normalize("NFKC", header))
    return re.sub(r"\(.*\)$", "", plain)


_BY_HEADER = {_squeezed(one.title): one for one in COLUMNS}


def find_column(header: str) -> Column | None:
    """The column that a header means, however it is spaced; ``None`` if there is none of that name."""
    return _BY_HEADER.get(_squeezed(header))


def column_at(path: Path) -> Column | None:
    """The column in which to mend what was found at a place of the record; ``None`` if none can."""
    is_relief = len(path) > 1 and path[0] == "reliefs"
    steps = tuple(path[2:]) if is_relief else tuple(path)
    fitting = [
        one for one in COLUMNS if one.path and (one.level == "relief") == is_relief and _meet(one.path, steps)
    ]
    return max(fitting, key=lambda one: len(_common(one.path, steps)), default=None) if steps else None


def _meet(one: Path, other: Path) -> bool:
    shared = len(_common(one, other))
    return shared == min(len(one), len(other))


def _common(one: Path, other: Path) -> Path:
    number = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    return one[:number] if number is not None else one[: min(len(one), len(other))]
