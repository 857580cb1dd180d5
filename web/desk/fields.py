"""The form of an entry as data: every field of the record, what it is called, how it is filled in.

``kind`` names how a field is shown and read (:mod:`web.desk.codec`), ``options`` the list it chooses from.
Texts are marked for the catalogue here and translated where they are shown.
"""

from __future__ import annotations

from kb.domain.findings import Path
from web.desk.nodes import Field, Node, Part, Rows
from web.desk.relieffields import LINK, RELIEF, period_part

_ = str
"""Marks a text for the catalogue; examples are what people would type and stay Chinese."""

_SOURCE = Part(
    "",
    "",
    (
        Field(
            "document",
            _("文件"),
            required=True,
            hint=_("标题和文号"),
            example="关于……的通知（湘政办发〔2026〕3号）",
        ),
        Field("section", _("第几条"), example="第二部分第（三）条"),
        Field("url", _("官方网址"), "url", _("没有找到官方网址就空着"), "https://www.hunan.gov.cn/…"),
        Part("snapshot", "", (Field("sha256", "", "hidden"), Field("fetched_at", "", "hidden"))),
    ),
)
_RELATION = Part(
    "",
    "",
    (
        Field("type", _("这份文件对它做了什么"), "key", options="relations", required=True),
        Field(
            "to",
            _("本库里的条目"),
            "entry",
            _("写文号、标题或编号；只对其中一项，写 编号#事项"),
            "湘政办发〔2020〕6号",
        ),
        Field("to_number", _("本库没有的文件，写文号"), example="国办发〔2019〕1号"),
        Field("end", _("延到哪一天"), "date", _("只有“延长”要写"), "2027-12-31"),
        Field("from", _("从哪天起停止执行"), "date", _("只有“废止”要写"), "2026-04-01"),
        Field("note", _("说明")),
    ),
)
_POINT = Part(
    "",
    "",
    (
        Field("text", _("要点"), required=True),
        Field("types", _("哪些支持类型算对上"), "keys", options="types"),
        Field("needs", _("哪些困难算对上"), "keys", options="needs"),
        Field("note", _("说明"), hint=_("没有政策对应时写为什么")),
    ),
)
# When an entry was last confirmed is written by checking it (web.desk.checking), never typed.
_VERIFIED = Part(
    "verified",
    _("核对到什么程度"),
    (
        Field("level", _("程度"), "key", options="levels"),
        Field(
            "doubts",
            _("存疑的地方"),
            "notes",
            _("哪一处拿不准，写为什么；页面会显示“内容待核实”"),
            options="doubts",
        ),
    ),
    fold=True,
)
_PROFILE = Part(
    "profile",
    _("案例的企业情况"),
    (
        Field("business", _("做什么的"), "short", required=True),
        Field("sizes", _("企业规模"), "keys", options="sizes"),
        Field("industries", _("细分行业"), "keys", options="industries"),
        Field("problems", _("遇到的困难"), "lines", _("一行一条"), required=True),
        Rows("demands", _("提出的诉求"), _POINT, _("诉求"), _("加一条诉求")),
    ),
    kinds=("case",),
    fold=True,
)

ENTRY = Part(
    "",
    "",
    (
        Field("id", "", "hidden"),
        Part(
            "",
            _("这份文件"),
            (
                Field(
                    "title",
                    _("标题"),
                    "short",
                    example="关于支持中小企业稳岗扩岗若干措施的通知",
                    required=True,
                ),
                Field(
                    "promise",
                    _("一句话好处"),
                    "short",
                    _("会员最先看到的一句，不超过60字"),
                    "不裁员的中小企业可返还上年失业保险费的60%。",
                    required=True,
                ),
                Field("doc_number", _("文号"), example="湘政办发〔2026〕3号"),
                Field(
                    "issuers", _("发文机关"), "lines", _("一行一个"), "湖南省人民政府办公厅", required=True
                ),
                Field("issued_on", _("成文日期"), "date", example="2026年3月1日", required=True),
                Part(
                    "regions",
                    "",
                    (
                        Field(
                            "include",
                            _("适用地区"),
                            "places",
                            _("省、市的名称；全国写“全国”"),
                            "湖南省",
                            required=True,
                        ),
                    ),
                ),
            ),
        ),
        period_part("in_force", _("期限")),
        Rows(
            "reliefs",
            _("能得到什么（支持事项）"),
            RELIEF,
            _("支持事项"),
            _("再加一项支持"),
            _("一项好处一个事项：金额、对象或期限不一样，就分开写"),
        ),
        Rows("sources", _("来源"), _SOURCE, _("来源"), _("再加一个来源"), _("每个条目都要写明出处")),
        Part(
            "",
            _("更多：别名、摘要、正文"),
            (
                Field(
                    "aliases",
                    _("别名"),
                    "lines",
                    _("会员自己会打的字，一行一个，最好三个以上"),
                    "稳岗返还\n失业保险返还",
                ),
                Field("summary", _("摘要"), "text"),
                Field("body", _("正文"), "text", _("可以用 ## 小标题、- 列表；用我们的话写，不抄长句")),
                Field("needs", _("解决哪些困难"), "keys", options="needs"),
            ),
            fold=True,
        ),
        Part(
            "",
            _("更多：类别、公开日期、待核文号"),
            (
                Field("kind", _("类别"), "key", options="kinds"),
                Field(
                    "known_on",
                    _("公开日期"),
                    "date",
                    _("肯定已经公开的那天；和成文日期相同就不写"),
                    "2026年3月5日",
                ),
                Field(
                    "doc_number_candidate",
                    _("还没核实的文号"),
                    hint=_("搜得到，不显示；核实后写到上面的文号里"),
                ),
                Part("regions", "", (Field("exclude", _("不含这些地区"), "places"),)),
            ),
            fold=True,
        ),
        Rows(
            "relations",
            _("和其他文件的关系"),
            _RELATION,
            _("关系"),
            _("加一个关系"),
            _("延长、废止、落实更早的文件，写在这里，不去改更早的条目"),
            fold=True,
        ),
        Rows("attachments", _("附件"), LINK, _("附件"), _("加一个附件"), fold=True),
        _VERIFIED,
        _PROFILE,
        Rows(
            "points",
            _("要点"),
            _POINT,
            _("要点"),
            _("加一个要点"),
            fold=True,
            kinds=("measure", "recommendation"),
        ),
    ),
)
"""The whole form, what everybody needs first."""


def node_at(path: Path) -> Node | None:
    """What of the form stands at a place of the record; ``None`` where it has nothing of its own."""
    nodes: tuple[Node, ...] = ENTRY.nodes
    found: Node | None = None
    for step in path:
        if isinstance(step, int):
            continue
        found = _named(nodes, step)
        if found is None:
            return None
        nodes = (
            found.each.nodes if isinstance(found, Rows) else found.nodes if isinstance(found, Part) else ()
        )
    return found


def _named(nodes: tuple[Node, ...], name: str) -> Node | None:
    """The node of a name, also within groups that have none; the parts of one name as one."""
    flat = [
        one for node in nodes for one in (node.nodes if isinstance(node, Part) and not node.name else (node,))
    ]
    named = [node for node in flat if node.name == name]
    if len(named) > 1:
        inner = tuple(one for part in named if isinstance(part, Part) for one in part.nodes)
        return Part(name, named[0].label, inner)
    return named[0] if named else None
