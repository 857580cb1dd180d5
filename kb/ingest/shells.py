"""Pages that are no content: challenges of a firewall, empty shells, 页面不存在 said with a friendly 200.

A site that answers so was reached, and nothing was learnt: neither that a page is there nor that it went.
"""

from __future__ import annotations

import codecs
import re
from html import unescape

from kb.ingest.fetching import Fetched

SHELL_CHARACTERS = 60
"""A page of fewer visible characters that has a script says nothing by itself."""
_CHALLENGE_CHARACTERS = 600
_CANNOT_TELL = {
    401: "要求登录",
    403: "拒绝访问",
    405: "不让查",
    407: "要求登录",
    412: "要求验证",
    429: "嫌查得太快",
}
_MARKS = re.compile(
    r"EO_Bot|acw_sc__v2|acw_tc|__jsl_clearance|jsl_clearance|cf-chl|cdn-cgi/challenge|Just a moment"
    r"|_waf_|waf[-_ ]?(?:block|token|captcha)|captcha|安全验证|访问验证|人机验证|滑动验证|点击验证|验证码"
    r"|网站防火墙|云防护|创宇盾|安全狗|访问被拦截|请求被拦截|已被拦截|您的访问(?:过于频繁|存在)|正在检查您的浏览器",
    re.IGNORECASE,
)
_GONE = re.compile(
    r"(?:页面|网页|文章|内容|信息|您(?:要)?访问的\S{0,6})(?:已经?)?(?:不存在|被删除|删除|找不到|未找到|丢失)"
    r"|找不到(?:该|您|页面|网页)|404\s*(?:not found|错误|页面)|page not found",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"<!--.*?-->|<(script|style|noscript)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{0,300})", re.IGNORECASE)
_REFRESH = re.compile(
    r"<meta[^<>]{0,200}http-equiv=[\"']?refresh[^<>]{0,80}?url=\s*[\"']?([^\"'<>\s]{1,500})", re.IGNORECASE
)


def text_of(fetched: Fetched) -> str:
    """The page as text to look for marks in, UTF-8 or GB 18030; a last character cut in two is left out."""
    for name in ("utf-8", "gb18030"):
        try:
            return codecs.getincrementaldecoder(name)().decode(fetched.body, final=not fetched.cut)
        except UnicodeDecodeError:
            continue
    return fetched.body.decode("utf-8", errors="ignore")


def visible(html: str) -> str:
    """The words that a reader would see, roughly; white space left out."""
    return "".join(unescape(_TAG.sub(" ", _HIDDEN.sub(" ", html))).split())


def blocked(fetched: Fetched) -> str:
    """Why nothing was learnt (a challenge, a shell, a refusal of us as a visitor); empty if not so."""
    if fetched.status in _CANNOT_TELL:
        return f"对方{_CANNOT_TELL[fetched.status]}（{fetched.status}）"
    if not _may_be_page(fetched):
        return ""
    html = text_of(fetched)
    words = visible(html)
    if len(words) < _CHALLENGE_CHARACTERS and _MARKS.search(html):
        return "被防火墙或验证页挡住"
    if fetched.status == 521 or (fetched.status == 503 and "retry-after" in fetched.headers):
        return f"对方暂时不接待（{fetched.status}）"
    if fetched.status == 200 and _is_shell(html, words):
        return "只给了一个空壳页面"
    return ""


def missing(fetched: Fetched) -> str:
    """What a page says that is answered with 200 and means 404; empty if it says no such thing."""
    if fetched.status != 200 or not _may_be_page(fetched):
        return ""
    html = text_of(fetched)
    title = _TITLE.search(html)
    words = visible(html)
    found = _GONE.search(unescape(title[1])) if title else None
    if not found and len(words) < _CHALLENGE_CHARACTERS:
        found = _GONE.search(words)
    return found[0].strip() if found else ""


def refresh(fetched: Fetched) -> str:
    """Where a page that is little else sends the reader on by ``<meta refresh>``; empty if nowhere."""
    if not _may_be_page(fetched):
        return ""
    html = text_of(fetched)
    found = _REFRESH.search(html)
    return unescape(found[1]) if found and len(visible(html)) < _CHALLENGE_CHARACTERS else ""


def _may_be_page(fetched: Fetched) -> bool:
    """Whether these bytes are a web page; a PDF or a spreadsheet is taken for what it says it is."""
    return fetched.media in ("", "text/html", "application/xhtml+xml", "text/plain")


def _is_shell(html: str, words: str) -> bool:
    if not html.strip():
        return True
    return len(words) < SHELL_CHARACTERS and "<script" in html.lower() and "<img" not in html.lower()
