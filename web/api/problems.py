"""What a program is told when something is wrong: problem details for HTTP (RFC 9457), in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from flask import Response
from werkzeug.exceptions import HTTPException

from web.i18n import _
from web.links import absolute
from web.params import Problem

PROBLEM_TYPE = "application/problem+json"
PREFIX = "/api/"


@dataclass(frozen=True)
class Sort:
    """A sort of problem: the status it goes with, what it is called, and what to do about it."""

    status: int
    title: Callable[[], str]
    advice: Callable[[], str]


SORTS: dict[str, Sort] = {
    "bad-parameter": Sort(
        400, lambda: _("有参数看不懂"), lambda: _("problems 里逐个写明哪个参数、怎么改、可以用哪些值。")
    ),
    "bad-cursor": Sort(
        400,
        lambda: _("翻页的 cursor 不对"),
        lambda: _("cursor 要原样用上一页给的，其他参数保持不变；否则从第一页重新取。"),
    ),
    "bad-key": Sort(
        401,
        lambda: _("密钥无效"),
        lambda: _("密钥抄错了或已被撤销。不带密钥也能查，只是每分钟的次数少一些。"),
    ),
    "refused": Sort(
        403,
        lambda: _("请求不是从本站发出的"),
        lambda: _("别的网站的网页只能用 GET；POST 请从自己的服务器发出。"),
    ),
    "not-found": Sort(404, lambda: _("没有这一件"), lambda: _("编号可能抄错了，也可能从来没有过。")),
    "not-then": Sort(
        404,
        lambda: _("那时还没有"),
        lambda: _("按所问的日子这份文件还没有公布，或按所问的时刻本库还没有发布它。"),
    ),
    "method": Sort(405, lambda: _("这里只能查看"), lambda: _("用 Allow 里写的方法。")),
    "gone": Sort(
        410,
        lambda: _("这一件已经撤下或并入另一件"),
        lambda: _("merged_into 是并入的那一件的编号；各版本仍可在 versions 里查到。"),
    ),
    "restart": Sort(
        410,
        lambda: _("要从头再来"),
        lambda: _("镜像从 after=0 重新跟；搜索从第一页重新取。"),
    ),
    "too-large": Sort(413, lambda: _("正文太长"), lambda: _("一家企业的情况用不了这么多字。")),
    "not-json": Sort(
        415, lambda: _("正文要是 JSON"), lambda: _("加上 Content-Type: application/json 再发。")
    ),
    "too-many": Sort(
        429,
        lambda: _("查得太快了"),
        lambda: _("Retry-After 是要等的秒数；常用的程序可以向协会要一个密钥。"),
    ),
    "failed": Sort(500, lambda: _("出了问题"), lambda: _("我们这边出了错，已经记下。请稍后再试。")),
    "not-ready": Sort(503, lambda: _("正在准备，请稍后再试"), lambda: _("索引正在建立，几秒后再来。")),
}
_BY_STATUS = {
    400: "bad-parameter",
    403: "refused",
    404: "not-found",
    405: "method",
    413: "too-large",
    414: "bad-parameter",
    415: "not-json",
    429: "too-many",
    503: "not-ready",
}


@dataclass
class RefusedError(HTTPException):
    """A problem on its way out. ``more`` are further members of the answer."""

    sort: str
    detail: str = ""
    problems: tuple[Problem, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        HTTPException.__init__(self, self.detail)
        self.code = SORTS[self.sort].status


def refuse(problems: Iterable[Problem]) -> None:
    """Stop here if there are any: 400 that names each parameter."""
    told = tuple(problems)
    if told:
        raise RefusedError("bad-parameter", "；".join(one.message for one in told), told)


def answer(error: HTTPException) -> Response:
    """The problem as data."""
    known = isinstance(error, RefusedError)
    name = error.sort if isinstance(error, RefusedError) else _BY_STATUS.get(error.code or 500, "failed")
    detail = error.detail if isinstance(error, RefusedError) else ""
    made = document(name, detail, error.code if name != "failed" else 500)
    if isinstance(error, RefusedError):
        made |= {"problems": [asdict(one) for one in error.problems]} if error.problems else {}
        made |= error.more
    response = as_response(made)
    if known:
        response.headers.update(error.headers)  # type: ignore[attr-defined]
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def document(name: str, detail: str = "", status: int | None = None) -> dict[str, Any]:
    """The members of a problem of this sort."""
    sort = SORTS[name]
    return {
        "type": absolute(f"/api/v1/#{name}"),
        "title": sort.title(),
        "status": status or sort.status,
        "detail": detail or sort.advice(),
    }


def as_response(made: dict[str, Any]) -> Response:
    """The members as an answer, never kept by a cache."""
    response = Response(json.dumps(made, ensure_ascii=False), int(made["status"]), content_type=PROBLEM_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


def by_status(code: int, detail: str) -> Response:
    """The answer to a failure that other parts of the site have noticed."""
    return as_response(
        document(_BY_STATUS.get(code, "failed" if code >= 500 else "bad-parameter"), detail, code)
    )
