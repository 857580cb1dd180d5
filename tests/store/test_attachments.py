"""Attachments: kept once by their bytes, known by their content, given back whole, gone only when unused."""

import io
import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.papers import DOC, DOCX, JPG, OFD, PDF, PNG, TXT, XLS, XLSX, FileKind, clean_name, kind_of
from kb.errors import KbError
from kb.store import attachments, audit, drafts, entries
from tests.conftest import Base, an_entry

A_PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"


def archive(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return out.getvalue()


def old_office(*names: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"".join(name.encode("utf-16-le") for name in names)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (A_PDF, PDF),
        (b"\x89PNG\r\n\x1a\n....", PNG),
        (b"\xff\xd8\xff\xe0....", JPG),
        (archive("[Content_Types].xml", "word/document.xml"), DOCX),
        (archive("[Content_Types].xml", "xl/workbook.xml"), XLSX),
        (archive("OFD.xml", "Doc_0/Document.xml"), OFD),
        (old_office("WordDocument"), DOC),
        (old_office("Workbook"), XLS),
        ("申请表\n1．企业名称".encode(), TXT),
        ("申请表".encode("gb18030"), TXT),
    ],
)
def test_a_file_is_what_its_bytes_are(data: bytes, kind: FileKind) -> None:
    assert kind_of(data) == kind


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"<!DOCTYPE html><p>x", "网页和 SVG"),
        ("\ufeff  <svg xmlns='http://www.w3.org/2000/svg'>".encode(), "网页和 SVG"),
        (b"hello <ScRiPt>alert(1)</script>", "网页和 SVG"),
        (archive("a.txt"), "压缩包"),
        (b"PK\x03\x04broken", "坏了"),
        (archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "宏"),
        (old_office("WordDocument", "_VBA_PROJECT"), "宏"),
        (old_office("EncryptedPackage"), "认不出"),
        (b"MZ\x90\x00\x03", "认不出"),
        (b"\x7fELF\x02", "认不出"),
    ],
)
def test_what_could_run_or_is_not_known_is_refused_with_what_to_do(data: bytes, told: str) -> None:
    with pytest.raises(KbError, match=told):
        kind_of(data)


@pytest.mark.parametrize(
    ("name", "kind", "kept"),
    [
        ("申请表.pdf", PDF, "申请表.pdf"),
        ("C:\\表格\\..\\申请表.PDF", PDF, "申请表.pdf"),
        ("../../etc/passwd", TXT, "passwd.txt"),
        ("附件\u202efdp.exe", PDF, "附件fdp.exe.pdf"),
        ("一\r\n二\x00.docx", DOCX, "一二.docx"),
        ("", PNG, "附件.png"),
        ("....", PDF, "附件.pdf"),
        ("旧表.wps", DOC, "旧表.wps"),
        ("坏.html", PDF, "坏.html.pdf"),
        ('a"b<c>;d.txt', TXT, "a_b_c__d.txt"),
    ],
)
def test_a_name_is_made_safe_and_ends_as_the_bytes_are(name: str, kind: FileKind, kept: str) -> None:
    assert clean_name(name, kind) == kept


@given(st.text())
def test_no_name_leads_out_hides_anything_or_ends_otherwise(name: str) -> None:
    cleaned = clean_name(name, PDF)
    assert cleaned.endswith(".pdf")
    assert len(cleaned) <= 90
    assert not set(cleaned) & set('/\\"<>\r\n\x00\u202e\u200b')
    assert not cleaned.startswith(".")
    assert clean_name(cleaned, PDF) == cleaned


@given(st.binary(max_size=300))
def test_any_bytes_are_known_or_refused_in_words(data: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        try:
            known = kind_of(start + data)
        except KbError:
            continue
        assert known.endings


def added(base: Base, data: bytes = A_PDF, source: str = "某厅网站") -> attachments.Attachment:
    return attachments.add(base.db, base.settings.home, data, "申请表.pdf", source, "li")[0]


def test_a_file_is_given_back_as_it_was_with_its_source(base: Base) -> None:
    kept = added(base)
    assert attachments.read(base.settings.home, kept) == A_PDF
    assert (kept.name, kept.media, kept.source, kept.size) == (
        "申请表.pdf",
        "application/pdf",
        "某厅网站",
        len(A_PDF),
    )
    assert attachments.at(base.db, kept.address) == kept
    assert [one.action for one in audit.recent(base.db)] == ["file-add"]


def test_the_same_bytes_are_kept_once_with_their_first_source(base: Base) -> None:
    first = added(base)
    again, is_new = attachments.add(base.db, base.settings.home, A_PDF, "另名.pdf", "另一处", "wang")
    assert (again, is_new) == (first, False)
    assert attachments.listed(base.db) == [first]


@pytest.mark.parametrize(
    ("data", "source", "told"),
    [(A_PDF, " \n", "来源"), (b"", "某厅", "空的"), (b"%PDF-" + b"x" * attachments.LARGEST, "某厅", "20 MB")],
)
def test_what_is_not_kept_says_why_and_leaves_nothing(
    base: Base, data: bytes, source: str, told: str
) -> None:
    with pytest.raises(KbError, match=told):
        added(base, data, source)
    assert not list(base.settings.home.glob("attachments/*/*"))
    assert attachments.listed(base.db) == []


def stored(base: Base) -> Path:
    (path,) = base.settings.home.glob("attachments/*/*")
    return path


def test_a_file_that_was_changed_or_lost_is_not_given_out(base: Base) -> None:
    kept = added(base)
    stored(base).write_bytes(A_PDF + b"changed")
    with pytest.raises(KbError, match="校验不符"):
        attachments.read(base.settings.home, kept)
    stored(base).unlink()
    with pytest.raises(KbError, match="不见了"):
        attachments.read(base.settings.home, kept)


def test_uploading_a_lost_file_again_mends_it(base: Base) -> None:
    kept = added(base)
    stored(base).unlink()
    added(base)
    assert attachments.read(base.settings.home, kept) == A_PDF


def test_a_file_goes_only_when_no_version_and_no_draft_refers_to_it(base: Base) -> None:
    kept = added(base)
    link = {"title": "申请表", "url": kept.address}
    draft = drafts.create(base.db, {"title": "新", "attachments": [link]}, "li", "100000", "desk")
    assert not attachments.is_orphan(base.db, kept.sha256)
    assert attachments.is_shown(base.db, kept.sha256)
    drafts.move(base.db, draft, "drop", "li", "不要了")
    assert not attachments.is_shown(base.db, kept.sha256)
    assert not attachments.is_orphan(base.db, kept.sha256)
    entries.publish(base.db, an_entry(attachments=[link]), "li", "test")
    entries.publish(base.db, an_entry(), "li", "without it")
    assert attachments.used_by(base.db, kept.sha256) == []
    with pytest.raises(KbError, match="用着"):
        attachments.remove(base.db, base.settings.home, kept.sha256, "li")


def test_an_unused_file_can_be_removed_and_leaves_a_line_in_the_audit(base: Base) -> None:
    kept = added(base)
    attachments.remove(base.db, base.settings.home, kept.sha256, "li")
    assert attachments.get(base.db, kept.sha256) is None
    assert not list(base.settings.home.glob("attachments/*/*"))
    assert [one.action for one in audit.recent(base.db)] == ["file-remove", "file-add"]


def test_what_a_withdrawn_entry_alone_refers_to_is_not_shown(base: Base) -> None:
    kept = added(base)
    entries.publish(base.db, an_entry(attachments=[{"title": "申请表", "url": kept.address}]), "li", "test")
    assert attachments.is_shown(base.db, kept.sha256)
    entries.withdraw(base.db, "nat-2020-test-1", "li", "test")
    assert not attachments.is_shown(base.db, kept.sha256)
    assert not attachments.is_orphan(base.db, kept.sha256)


def test_a_full_disk_is_told_and_leaves_no_part_of_the_file(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk."""
    code = (
        "import sys; from pathlib import Path; from kb.errors import KbError\n"
        "from kb.store.atomic import write_whole\n"
        "try: write_whole(Path(sys.argv[1]) / 'a' / 'b', b'x' * 100_000)\n"
        "except KbError as error: print(error)"
    )

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        preexec_fn=small,
        check=False,
    )
    assert "没有存下" in done.stdout
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
