"""Markdown of entries as HTML that can do nothing: no raw HTML, no pictures, links only to http(s)."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

TOP_LEVEL = 3
"""Headings begin here: the page has its own h1 and h2."""


def _heading(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    token = tokens[at]
    token.tag = f"h{min(6, int(token.tag[1]) + TOP_LEVEL - 2) if token.tag != 'h1' else TOP_LEVEL}"
    return self.renderToken(tokens, at, options, env)


def _link(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    tokens[at].attrSet("rel", "noopener noreferrer")
    return self.renderToken(tokens, at, options, env)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    parser.validateLink = lambda url: url.strip().lower().startswith(("http://", "https://"))  # type: ignore[method-assign]
    parser.add_render_rule("heading_open", _heading)
    parser.add_render_rule("heading_close", _heading)
    parser.add_render_rule("link_open", _link)
    return parser


_PARSER = _parser()


def to_html(text: str) -> Markup:
    """``text`` as safe HTML."""
    return Markup(_PARSER.render(text))  # noqa: S704 - markdown-it escapes all, raw HTML is off
