"""The command line: data on stdout, talk on stderr; exit 0 ok, 1 findings or failure, 2 usage.

A front door: it parses, calls one function of ``kb`` and prints. Errors are translated here, once.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import sys
from contextlib import closing
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from kb import asking, config, curating, reaching, taking
from kb.config import Settings
from kb.errors import EntryFileError, KbError
from kb.ingest import entryfile
from kb.ingest import load as loading
from kb.matching import golden
from kb.matching.catalogue import Shelf
from kb.outreach.matches import OUTCOMES
from kb.search import health, indexing
from kb.store import changes
from kb.store import golden as golden_files
from kb.store.database import open_database
from kb.terminal import FINDINGS, USAGE, Context, ExplainingGroup, progress_of, say, show

_ARENA_MAX = -8
"""``M_ARENA_MAX`` of glibc's ``mallopt``: how many heaps the threads of a process spread over."""


@click.group(cls=ExplainingGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="relief-kb")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Policies and relief for communications companies: curate, index, search, serve."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        ctx.obj = Context(config.from_environment())
        ctx.call_on_close(ctx.obj.close)
    except KbError as error:
        say(f"错误：{error}")
        sys.exit(USAGE)


@main.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--format", "reformat", is_flag=True, help="Rewrite sound files in their canonical form.")
@click.option("--golden", "with_golden", is_flag=True, help="Then match the golden companies.")
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON.")
@click.pass_obj
def check(context: Context, path: Path | None, reformat: bool, with_golden: bool, as_json: bool) -> None:
    """Validate entry files: errors with file, line and what to do.

    Example: kb check policies/entries/policy
    """
    root = path or context.settings.policies
    with progress_of("check") as progress:
        found = entryfile.paths(root)
        taxonomy = context.terms.taxonomy
        files, errors = entryfile.read_all(progress(found), taxonomy, _others(context, root))
    if reformat:
        for file in entryfile.reformat(files):
            say(f"已按统一写法重写 {file}")
    moved: tuple[golden.Moved, ...] = ()
    if with_golden and errors:
        say("条目改好以后再对照样例企业")
    elif with_golden:
        moved, errors = _moved(context, root)
    if as_json:
        rows = [{"path": e.path, "line": e.line, "message": e.message} for e in errors]
        show({"errors": rows, "moved": [_moved_json(one) for one in moved]} if with_golden else rows)
    else:
        for line in (*map(str, errors), *map(_moved_line, moved)):
            click.echo(line)
    compared = f"，{len(moved)} 处对照结果变了" if with_golden else ""
    say(f"检查了 {len(found)} 个文件，{len(errors)} 处要改{compared}")
    sys.exit(FINDINGS if errors or moved else 0)


def _moved(context: Context, root: Path) -> tuple[tuple[golden.Moved, ...], list[EntryFileError]]:
    """The golden companies' verdicts that ``root`` moves, and all that is wrong in files this needs.

    A part of the entries is tried over the shipped ones, a whole folder alone; the store is not touched.
    """
    shipped, terms = context.settings.policies, context.terms
    folder = root / "golden" if (root / "golden").is_dir() else shipped / "golden"
    companies, wrong = golden_files.read_all(folder, terms.taxonomy)
    if not companies and not wrong:
        raise KbError(f"{folder} 里没有样例企业")
    errors = list(wrong)
    with (
        TemporaryDirectory() as home,
        closing(open_database(Path(home) / "kb.sqlite")) as db,
        progress_of("golden") as progress,
    ):
        for part in [root] if (root / "entries").is_dir() else [shipped, root]:
            errors += loading.load(db, part, terms.taxonomy, progress=progress).errors
        catalogue = Shelf(terms.taxonomy).catalogue(db)
    errors += golden.unknown(companies, catalogue)
    return golden.run(companies, catalogue, terms.standards, terms.taxonomy), errors


_LISTED = {**OUTCOMES, "unchecked": "时效待核实", "upcoming": "未开始", "absent": "不列出"}
_REASONS = {"eligible": "符合", "ineligible": "差在", "absent": "差在"}


def _moved_line(one: golden.Moved) -> str:
    """``公司 · 事项：原来 可能符合，现在 目前不符合（差在：…）``."""
    expected, verdict = _LISTED[one.expected.verdict], _LISTED[one.verdict]
    because = "、".join(checked.rule.text for checked in one.deciding)
    reason = f"{_REASONS.get(one.verdict, '待定')}：{because}" if because else _of_time_or_doubt(one)
    what = f"{one.golden.id} · {one.title}（{one.expected.relief}）"
    return f"{what}：原来 {expected}，现在 {verdict}（{reason}）"


def _of_time_or_doubt(one: golden.Moved) -> str:
    """Why a verdict moved that no condition decides."""
    if one.status is None:
        return f"{one.golden.day} 还没有发文"
    return "已失效" if one.status.status == "expired" else "没有写成数据的条件，或内容存疑"


def _moved_json(one: golden.Moved) -> dict[str, Any]:
    return {
        "company": one.golden.id,
        "as_of": one.golden.day.isoformat(),
        "relief": one.expected.relief,
        "title": one.title,
        "expected": one.expected.verdict,
        "why": one.expected.why,
        "verdict": one.verdict,
        "because": [checked.rule.text for checked in one.deciding],
        "path": str(one.golden.path),
        "line": one.expected.line,
    }


def _others(context: Context, root: Path) -> dict[str, frozenset[str]]:
    """Entries of the shipped files that relations of a part of them may point to."""
    everything = context.settings.policies
    if root.resolve() == everything.resolve():
        return {}
    files, _ = entryfile.read_all(entryfile.paths(everything), context.terms.taxonomy)
    return {file.entry.id: frozenset(r.id for r in file.entry.reliefs) for file in files}


@main.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@click.pass_obj
def load(context: Context, path: Path | None, as_json: bool) -> None:
    """Publish entry files into the store, then bring the index level.

    Example: kb load policies
    """
    with progress_of("load") as progress:
        report = loading.load(
            context.db, path or context.settings.policies, context.terms.taxonomy, progress=progress
        )
    if as_json:
        show(_report_json(report))
    else:
        _tell(report)
    if report.count("new") > indexing.CHUNK:
        say("正在建立索引……")
    indexing.catch_up(context.library.settings, context.db)
    sys.exit(0 if report.clean else FINDINGS)


_OUTCOMES = {
    "new": "新增",
    "changed": "更新",
    "unchanged": "未变",
    "store-ahead": "库里较新",
    "conflict": "两边都改过",
    "vanished": "文件不见了",
    "withdrawn": "已撤下",
}
_ADVICE = {
    "store-ahead": "库里的版本比文件新，未动；请用 kb dump {id} 写回文件",
    "conflict": "文件和库里都改过，已发布的版本不变，文件存为草稿；请比对后再定",
    "vanished": "文件 {path} 不见了，条目仍在发布；要撤下请在工作台操作，要恢复请 kb dump {id}",
    "withdrawn": "条目已撤下，文件 {path} 没有再发布；用不着了请用 git rm 删去",
}


def _tell(report: loading.Report) -> None:
    for error in report.errors:
        click.echo(str(error))
    for outcome in report.outcomes:
        if outcome.what in _ADVICE:
            advice = _ADVICE[outcome.what].format(id=outcome.entry_id, path=outcome.path)
            click.echo(f"{outcome.entry_id}: {advice}")
    counts = [f"{label} {report.count(what)}" for what, label in _OUTCOMES.items() if report.count(what)]
    say(f"载入完成：{'，'.join(counts) or '没有条目'}；有错未载入 {len(report.errors)} 处")


def _report_json(report: loading.Report) -> dict[str, Any]:
    return {
        "outcomes": [{"id": o.entry_id, "path": o.path, "what": o.what} for o in report.outcomes],
        "errors": [{"path": e.path, "line": e.line, "message": e.message} for e in report.errors],
    }


@main.command()
@click.option("--rebuild", is_flag=True, help="Build it anew, whatever its state.")
@click.option("--verify", is_flag=True, help="Check every file; exit 1 if something is wrong.")
@click.option("--json", "as_json", is_flag=True, help="The state as JSON.")
@click.pass_obj
def index(context: Context, rebuild: bool, verify: bool, as_json: bool) -> None:
    """Bring the search index level with the store.

    Example: kb index --verify
    """
    settings = context.library.settings
    if verify:
        problem = health(settings)
        _show_index(context, problem, as_json)
        sys.exit(FINDINGS if problem else 0)
    if rebuild:
        indexing.rebuild(settings, context.db)
    else:
        indexing.catch_up(settings, context.db)
    _show_index(context, health(settings), as_json)


def _show_index(context: Context, problem: str | None, as_json: bool) -> None:
    last = changes.last_number(context.db)
    if as_json:
        show({"problem": problem, "version": context.library.settings.version, "last_change": last})
    else:
        click.echo(
            f"索引有问题：{problem}；请运行 kb index" if problem else f"索引完好，库里最后变更 {last} 号"
        )


def _proxy(settings: Settings) -> dict[str, Any]:
    """What waitress must know to believe the web server in front, and nobody else."""
    if not settings.trusted_proxy:
        return {}
    headers = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}
    return {"trusted_proxy": settings.trusted_proxy, "trusted_proxy_headers": headers}


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, envvar="PORT")
@click.pass_obj
def serve(context: Context, host: str, port: int) -> None:
    """Serve the site with waitress.

    Example: kb serve --port 8080
    """
    import waitress

    _share_heaps()
    gc.set_threshold(20_000)  # nearly all that is made at the start stays
    (site,) = entry_points(group="kb.site")
    app = site.load()(context.settings, background=True)
    try:
        server = waitress.create_server(app, host=host, port=port, threads=8, **_proxy(context.settings))
    except OSError as error:
        raise KbError(
            f"{host}:{port} 用不了（{error.strerror}）；请换一个端口，如 make run PORT=8080"
        ) from error
    click.echo(f"通信企业惠企政策库：http://{host}:{port}/")
    server.run()


def _share_heaps() -> None:
    """One heap for all threads: with one each a serving process grew by a fifth. Other C libraries go on."""
    try:
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)
    except (OSError, AttributeError, TypeError):
        logging.getLogger(__name__).debug("mallopt is not there")


_ASKING = (asking.search_command, asking.match_command, asking.coverage, asking.eval_command)
for _command in (*_ASKING, *curating.COMMANDS, *reaching.COMMANDS, *taking.COMMANDS):
    main.add_command(_command)
