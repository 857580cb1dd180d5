"""Entry files: every mistake is named with its line and what to do; what is shipped is canonical."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kb import yamlfile
from kb.domain.taxonomy import Taxonomy
from kb.errors import EntryFileError
from kb.ingest import entryfile
from tests.conftest import POLICIES

SOUND = """\
# 一条注释
id: nat-2020-test-1
kind: policy
title: 关于缓缴试验费用的通知
promise: 试验费用可以缓交。
doc_number: 试发〔2020〕1号
issued_on: 2020-02-01  # 成文日
in_force:
  start: 2020-02-01
  end: 2020-06-30
  end_kind: dated
regions:
  include: ["100000"]
reliefs:
  # 只有一项
  - id: defer
    type: tax
    title: 缓交
    what: 缓交三个月。
    conditions:
      - text: 不超过三十人
        field: headcount
        op: le
        value: 30
sources:
  - document: 试发〔2020〕1号
"""


def problems(tmp_path: Path, text: str | bytes, taxonomy: Taxonomy) -> list[EntryFileError]:
    path = tmp_path / "nat-2020-test-1.yml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    _, errors = entryfile.read_all([path], taxonomy)
    return errors


def test_a_sound_file_is_accepted_and_is_its_own_dump(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = tmp_path / "nat-2020-test-1.yml"
    path.write_text(SOUND, encoding="utf-8")
    file, errors = entryfile.read(path, taxonomy)
    assert not errors
    assert file
    assert entryfile.dump(file.entry, file.text) == SOUND


def test_comments_survive_a_change(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = tmp_path / "nat-2020-test-1.yml"
    path.write_text(SOUND, encoding="utf-8")
    file, _ = entryfile.read(path, taxonomy)
    assert file
    changed = file.entry.model_copy(update={"title": "新标题"})
    assert entryfile.dump(changed, file.text) == SOUND.replace("关于缓缴试验费用的通知", "新标题")


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("promise:", "promiss:", 5, "没有「promiss」这个键"),
        ("kind: policy", "kind: policy\nkind: case", 4, "重复的键"),
        ("kind: policy", "kind: polcy", 3, "kind 不能写 'polcy'"),
        ('["100000"]', "[100000]", 13, "加引号"),
        ('["100000"]', '["999999"]', 13, "没有行政区划代码 999999"),
        ("type: tax", "type: 税费减免", 17, "请写 tax"),
        ("type: tax", "type: taxx", 17, "没有「taxx」这个支持类型。可用：tax"),
        ("end: 2020-06-30", "end: 2019-06-30", 8, "早于"),
        ("issued_on: 2020-02-01", "issued_on: 2020-02-31", 7, "2020-02-20 这样的日期"),
        ("  end_kind: dated", "  end_kind: long_term", 8, "end_kind 为 dated 时必须写 end"),
        ("op: le", "op: has", 21, "不能用 has"),
        ("field: headcount", "field: heads", 21, "没有「heads」这项企业情况"),
        ("        op: le\n", "", 21, "要么都写"),
        ("sources:", "relations:\n  - type: amends\n    to: nat-0000\nsources:", 27, "没有条目 nat-0000"),
        (
            "sources:",
            "relations:\n  - type: extends\n    to_number: 甲〔2020〕1号\nsources:",
            26,
            "必须写 end",
        ),
        ("sources:\n  - document: 试发〔2020〕1号\n", "", 2, "没有写 sources"),
        ("id: nat-2020-test-1", "id: nat-2020-test-2", 2, "文件名应为"),
        ("  start:", "\tstart:", 9, "YAML 写法有误"),
    ],
)
def test_a_mistake_is_named_with_its_line(
    tmp_path: Path, taxonomy: Taxonomy, old: str, new: str, line: int, says: str
) -> None:
    assert old in SOUND
    errors = problems(tmp_path, SOUND.replace(old, new, 1), taxonomy)
    found = [(error.line, says in error.message) for error in errors if "缺少必填" not in error.message]
    assert found == [(line, True)], errors


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "UTF-8"),
        (b"id: a\0b\n", "空字节"),
        (b"", "空的"),
        (b"just words", "键值"),
        ("标题: 一".encode("gb18030"), "UTF-8"),
        (b"a: " + b"x" * yamlfile.MAX_BYTES, "超过上限"),
        (b"[" * 5000, "YAML"),
        (b"a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "锚点"),
        (b"a: !!python/object:os.system x\n", ""),
    ],
)
def test_what_is_no_entry_file_is_said_and_never_raises(
    tmp_path: Path, taxonomy: Taxonomy, content: bytes, says: str
) -> None:
    errors = problems(tmp_path, content, taxonomy)
    assert errors
    assert says in errors[0].message


def test_a_file_that_vanished_or_may_not_be_read_is_said(tmp_path: Path, taxonomy: Taxonomy) -> None:
    _, errors = entryfile.read(tmp_path / "nothing.yml", taxonomy)
    assert "读不了" in errors[0].message


def test_two_files_with_one_id_are_an_error(tmp_path: Path, taxonomy: Taxonomy) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "nat-2020-test-1.yml").write_text(SOUND, encoding="utf-8")
    files, errors = entryfile.read_all(entryfile.paths(tmp_path), taxonomy)
    assert len(files) == 1
    assert "重复" in errors[0].message


@given(st.text(max_size=300))
@example("? ")
@example("- \n- :\n? [")
@example("a: 2020-99-99")
@example("&a *a")
def test_any_text_gives_an_entry_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, taxonomy: Taxonomy, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "nat-2020-test-1.yml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    file, errors = entryfile.read(path, taxonomy)
    assert (file is None) == bool(errors)


def test_the_fast_parser_reads_what_the_slow_one_reads() -> None:
    for path in POLICIES.rglob("*.yml"):
        document = yamlfile.read(path)
        assert document.data == yamlfile._plain(document.tree), path


def test_every_shipped_file_is_sound(taxonomy: Taxonomy) -> None:
    _, errors = entryfile.read_all(entryfile.paths(POLICIES), taxonomy)
    assert [str(error) for error in errors] == []


@pytest.mark.parametrize("path", entryfile.paths(POLICIES), ids=lambda path: path.stem)
def test_every_shipped_file_equals_its_own_dump(path: Path, taxonomy: Taxonomy) -> None:
    file, _ = entryfile.read(path, taxonomy)
    assert file
    assert entryfile.dump(file.entry, file.text) == file.text
