"""The words of the desk: states, steps, roles, offices."""

from __future__ import annotations

from kb.domain.taxonomy import NATION
from kb.domain.workflow import Role, State
from kb.store.intake import Paper
from web.i18n import _
from web.site import site


def state_words(state: State) -> str:
    """What a draft's state is called."""
    return {
        "draft": _("草稿"),
        "review": _("待复核"),
        "submitted": _("已报送，待采用"),
        "returned": _("已退回，要修改"),
        "published": _("已发布"),
        "dropped": _("已放弃"),
    }[state]


def action_words(action: str) -> str:
    """What somebody did with a draft."""
    words = {
        "create": _("新建"),
        "submit": _("送审"),
        "send": _("报送全国"),
        "recall": _("撤回"),
        "publish": _("发布"),
        "return": _("退回"),
        "drop": _("放弃"),
        "reopen": _("重新打开"),
        "comment": _("留言"),
        "assign": _("交给"),
        "share": _("做了预览链接"),
        "unshare": _("停用预览链接"),
    }
    return words.get(action, action)


def role_words(role: Role) -> str:
    """What a role is called."""
    return {"editor": _("编辑"), "reviewer": _("复核"), "admin": _("管理员")}[role]


def office_words(region: str) -> str:
    """What an office is called."""
    return _("全国") if region == NATION else site().taxonomy.regions.label(region)


def origin_words(origin: str) -> str:
    """Where a draft came from."""
    kind, _sep, rest = origin.partition(":")
    words = {
        "desk": _("在工作台新建"),
        "paste": _("粘贴的文字"),
        "sheet": _("表格导入"),
        "file": _("文件"),
        "source": _("来源网站"),
        "intake": _("收件"),
        "draft": _("和别人同时修改时另存"),
        "amend": _("登记延期或废止"),
        "restore": _("恢复旧版"),
        "edit": _("修改已发布的条目"),
    }
    label = words.get(kind, origin)
    return f"{label} {rest}" if rest and kind in ("draft", "restore") else label


def source_words(paper: Paper) -> str:
    """Where a paper that waits came from."""
    if paper.source == "upload":
        return _("上传的文件 %(name)s", name=paper.name)
    if paper.source == "paste":
        return _("粘贴的文字")
    if paper.source == "import":
        return _("导入的文件 %(name)s", name=paper.name or paper.address)
    return _("采集自 %(source)s", source=paper.source)
