"""The fields of a relief: audience, conditions, worth, way to apply, period (see :mod:`web.desk.fields`)."""

from __future__ import annotations

from web.desk.nodes import Field, Part, Rows

_ = str
"""Marks a text for the catalogue; examples are what people would type and stay Chinese."""


def period_part(name: str, label: str, *, fold: bool = False, hint: str = "") -> Part:
    """The fields of a period."""
    return Part(
        name,
        label,
        (
            Field("end_kind", _("到什么时候"), "key", options="end_kinds"),
            Field("start", _("从哪天起"), "date", _("不写就从成文那天算"), "2026年3月1日"),
            Field("end", _("最后一天"), "date", _("当天仍然有效；只有“有截止日”才写"), "2026年12月31日"),
            Part(
                "",
                _("原文怎么写、怎么推算的"),
                (
                    Field(
                        "note",
                        _("原文怎么写"),
                        "line",
                        _("照抄原文关于期限的话"),
                        "有效期至2026年12月31日",
                    ),
                    Field(
                        "inferred",
                        _("截止日是怎么推算的"),
                        "line",
                        _("原文没直接写截止日时填；页面会显示“约……”"),
                        "自印发之日起施行两年",
                    ),
                ),
                fold=True,
            ),
        ),
        hint,
        fold,
    )


LINK = Part(
    "",
    "",
    (
        Field("title", _("名称"), required=True, example="申请表"),
        Field("url", _("网址"), "url", example="https://www.gov.cn/…"),
    ),
)
_COMPARISON = (
    Field(
        "field", _("看企业的哪一项"), "key", _("选不出来就空着，页面会请会员自己对照原文"), options="facts"
    ),
    Field("op", _("怎么比"), "key", options="operators"),
    Field("value", _("比什么"), "value", _("金额可写 300万；比例写 20%；几个选项之间用顿号"), "300万"),
    Field("unit", "", "hidden"),
)
_CONDITION = Part(
    "",
    "",
    (
        Field("text", _("这一条要求（用我们的话）"), required=True, example="从业人数不超过300人"),
        Field(
            "source",
            _("原文这一句"),
            "short",
            _("从原文照抄，会员看得到依据"),
            "职工人数在300人以下的企业",
        ),
        *_COMPARISON,
        Rows(
            "any",
            _("满足下面任一种也行"),
            Part("", "", _COMPARISON),
            _("一种情况"),
            _("加一种情况"),
            _("几种情况满足一种就行时用；用了这里，上面三格空着"),
            fold=True,
        ),
    ),
)
_AUDIENCE = Part(
    "audience",
    _("谁能享受"),
    (
        Field(
            "sizes",
            _("企业规模"),
            "keys",
            _("都不选就是不限。小型微利企业、小规模纳税人不是规模，写成条件"),
            options="sizes",
        ),
        Field("industries", _("细分行业"), "keys", _("都不选就是不限"), options="industries"),
        Part(
            "regions",
            _("只限其中一些地区"),
            (
                Field("include", _("限这些地区"), "places", _("和整份文件一样就不写"), "长沙市"),
                Field("exclude", _("不含这些地区"), "places"),
            ),
            fold=True,
        ),
    ),
    fold=True,
)
_WORTH = Part(
    "worth",
    _("值多少"),
    (
        Field("text", _("原文怎么写好处"), "line", _("保留金额、比例和上限的说法"), "按50%减征，最高30万元"),
        Field(
            "base",
            _("按企业的哪个数算"),
            "key",
            _("文件给了单个企业的算法才填，填了会员能看到测算"),
            options="figures",
        ),
        Field("rate", _("免、减、补的比例"), "rate", example="50%"),
        Field("each", _("每一个给多少"), "money", _("按人头、按件给的"), "1500", unit=_("元")),
        Field("months", _("算几个月"), "count", example="3", unit=_("个月")),
        Field("floor", _("最少"), "money", example="5万", unit=_("元")),
        Field("cap", _("最高"), "money", example="300万", unit=_("元")),
        Field("up_to", _("原文写的是“不超过”，实际可能更少"), "flag"),
    ),
    fold=True,
)
_APPLY = Part(
    "apply",
    _("怎么办"),
    (
        Field("channel", _("办理渠道"), "key", options="channels"),
        Field("where", _("在哪里办"), example="电子税务局"),
        Field("steps", _("步骤"), "lines", _("一行一步"), "登录电子税务局\n填写减免税申报表"),
        Field("materials", _("材料"), "lines", _("一行一样"), "营业执照\n参保证明"),
        Rows(
            "windows",
            _("受理时间"),
            Part(
                "",
                "",
                (
                    Field("opens", _("开始受理"), "date", example="2026-03-01"),
                    Field("closes", _("最后一天"), "date", example="2026-06-30"),
                    Field("closed", _("已不再受理，但不知道是哪天停的"), "flag"),
                    Field("note", _("说明"), example="第一批"),
                ),
            ),
            _("受理时间"),
            _("加一段受理时间"),
        ),
        Field("handling_days", _("几个工作日办结"), "count", example="10", unit=_("个工作日")),
        Field("url", _("办理网址"), "url", example="https://etax.chinatax.gov.cn"),
        Field("contact", _("联系方式"), example="各区税务局，12366"),
        Rows("templates", _("表格、范本"), LINK, _("表格"), _("加一份表格"), fold=True),
    ),
    fold=True,
)
RELIEF = Part(
    "",
    "",
    (
        Field("id", "", "hidden"),
        Field("type", _("支持类型"), "key", options="types", required=True),
        Field(
            "title",
            _("名称"),
            required=True,
            hint=_("免、减、缓、补写在前面"),
            example="研发费用加计扣除100%",
        ),
        Field(
            "what",
            _("能得到什么"),
            "short",
            _("用会员听得懂的话说一两句"),
            "研发费用除了照实扣除，再按100%多扣一次。",
            required=True,
        ),
        _AUDIENCE,
        Rows(
            "conditions",
            _("条件"),
            _CONDITION,
            _("条件"),
            _("加一条条件"),
            _("每一条都要满足。没有限制就不写"),
            fold=True,
        ),
        _WORTH,
        _APPLY,
        period_part("period", _("这一项自己的期限"), fold=True, hint=_("和整份文件的期限不一样才写")),
    ),
)
