"""What went wrong, told once: a page for readers, JSON where data was asked for, never a stack trace."""

from __future__ import annotations

import logging
from types import TracebackType

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, InternalServerError, NotFound

from kb.errors import KbError
from kb.search.reader import IndexNotReadyError
from kb.store.database import told
from web.api import problems
from web.i18n import _
from web.site import site

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None]
log = logging.getLogger(__name__)
RETRY_SECONDS = "5"


class QuietFlask(Flask):
    """A Flask that names the route of a failure and not its address, which may be somebody's private link."""

    def log_exception(self, exc_info: ExceptionInfo | tuple[None, None, None]) -> None:
        """Log what nobody foresaw, with where it came from."""
        where = f"{request.endpoint} [{request.method}]"
        self.logger.error("unexpected failure in %s", where, exc_info=exc_info)


def wants_data() -> bool:
    """True where the address is one of data, not of a page."""
    path = request.path
    return path.endswith((".json", ".csv", ".atom", ".ics")) or path in ("/suggest", "/healthz")


def answer(code: int, title: str, message: str) -> Response:
    """The error as page, as JSON, or as a problem where programs ask."""
    if request.path.startswith(problems.PREFIX):
        return problems.by_status(code, message)
    if wants_data():
        response = jsonify({"error": title, "message": message})
    else:
        page = render_template("errors/error.html", title=title, message=message)
        response = make_response(page)
    response.status_code = code
    return response


def index_not_ready(error: IndexNotReadyError) -> ResponseReturnValue:
    """503: the index is being built; ask again soon."""
    response = answer(503, _("正在准备，请稍后再试"), str(error))
    response.headers["Retry-After"] = RETRY_SECONDS
    return response


def known_problem(error: KbError) -> ResponseReturnValue:
    """A failure that its message explains."""
    log.error("%s", error)
    return answer(500, _("出了问题"), str(error))


def unexpected(error: InternalServerError) -> ResponseReturnValue:
    """A failure nobody foresaw; one of the database is explained."""
    cause = error.original_exception or error
    try:
        with told(site().settings.database):
            raise cause
    except KbError as problem:
        return known_problem(problem)
    except Exception:
        log.error("unexpected failure", exc_info=cause)
        return answer(500, *_words()[500])


def too_large_a_number(error: OverflowError) -> ResponseReturnValue:
    """A number of an address or a form that no row can have: there is nothing of that number."""
    if "SQLite" not in str(error):
        raise error
    return http_problem(NotFound())


def http_problem(error: HTTPException) -> ResponseReturnValue:
    """An ordinary HTTP error, in words."""
    if request.path.startswith(problems.PREFIX):
        return problems.answer(error)
    code = error.code or 500
    if code < 400:
        return error.get_response()
    title, message = _words().get(code, (_("这个请求办不了"), error.description or ""))
    return answer(code, title, message)


def _words() -> dict[int, tuple[str, str]]:
    return {
        400: (_("这个请求不完整"), _("请回到上一页，刷新以后再做一次；写的内容先复制下来。")),
        403: (
            _("这里您不能进"),
            _(
                "您的账号没有这个权限，或者请求不是从本站的页面发出的。请从工作台重新进入，或请管理员调整角色。"
            ),
        ),
        404: (_("没有这一页"), _("网址可能抄漏了，也可能从来没有过。可以在上面搜一搜，或者从首页找起。")),
        405: (_("这里只能查看"), _("这个网址不接受这种请求。")),
        414: (_("网址太长"), _("请少选几个条件，或把搜索词写短一些。")),
        429: (_("查得太快了"), _("同一个网络在短时间里查了很多次，请过一分钟再试。")),
        500: (_("出了问题"), _("我们这边出了错，已经记下。请稍后再试。")),
    }


def init_app(app: Flask) -> None:
    """Answer for every failure of ``app``."""
    app.register_error_handler(IndexNotReadyError, index_not_ready)
    app.register_error_handler(KbError, known_problem)
    app.register_error_handler(OverflowError, too_large_a_number)
    app.register_error_handler(InternalServerError, unexpected)
    app.register_error_handler(HTTPException, http_problem)
