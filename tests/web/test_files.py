"""Attachments on the site: uploaded with their source, served only as files, shown where they belong."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from kb.store import attachments, drafts, entries
from kb.store.attachments import LARGEST, Attachment
from tests.conftest import an_entry
from tests.web.conftest import Desk, checked

Desks = Callable[..., Desk]
A_PDF = b"%PDF-1.7\n1 0 obj\n"


def upload(desk: Desk, data: bytes = A_PDF, name: str = "申请表.pdf", **fields: object) -> TestResponse:
    form = {"file": (io.BytesIO(data), name), "source": "湖南省工信厅网站", **fields}
    return desk.post("/desk/files/", form, content_type="multipart/form-data")


def kept(desk: Desk) -> Attachment:
    with desk.database() as db:
        return attachments.listed(db)[0]


def published(desk: Desk, **changes: Any) -> None:
    with desk.database() as db:
        entries.publish(db, an_entry(**changes), "test", "test")


def test_an_upload_is_listed_with_its_source(desk: Desks) -> None:
    editor = desk("editor")
    assert upload(editor).status_code == 303
    assert "湖南省工信厅网站" in editor.get("/desk/files/").text()


@pytest.mark.parametrize(
    ("data", "fields", "told"),
    [(A_PDF, {"source": " "}, "来源"), (b"<svg onload=alert(1)>", {}, "SVG"), (b"", {}, "空的")],
)
def test_what_is_refused_is_told_and_what_was_typed_is_kept(
    desk: Desks, data: bytes, fields: dict[str, object], told: str
) -> None:
    response = upload(desk("editor"), data, **fields)
    assert response.status_code == 422
    page = checked(response.get_data(as_text=True), dict(response.headers))
    assert told in page.text(".errors")
    assert page.one("#source")["value"] == fields.get("source", "湖南省工信厅网站")


def test_a_file_that_is_too_large_is_told(desk: Desks) -> None:
    sent = {"CONTENT_LENGTH": str(LARGEST + 500_000)}
    response = desk("editor").post("/desk/files/", environ_overrides=sent)
    assert response.status_code == 413
    assert "20 MB" in response.get_data(as_text=True)


def test_a_paper_is_put_into_a_draft_and_shown_on_the_page_with_its_source(desk: Desks) -> None:
    editor = desk("editor")
    data = an_entry().model_dump(mode="json", by_alias=True, exclude_defaults=True)
    data["reliefs"][0]["apply"] = {"channel": "apply"}
    with editor.database() as db:
        number = drafts.create(db, data, editor.name, "100000", "desk").id
    assert "缓交试验费用" in editor.get(f"/desk/files/?draft={number}").text("#place")
    upload(editor, draft=number, place="relief:defer", title="缓交申请表")
    upload(editor, b"%PDF-1.4 original", name="原文.pdf", draft=number, place="attachments", title="")
    with editor.database() as db:
        held = drafts.existing(db, number).data
    assert [one["title"] for one in held["reliefs"][0]["apply"]["templates"]] == ["缓交申请表"]
    assert [one["title"] for one in held["attachments"]] == ["原文"]
    published(editor, reliefs=held["reliefs"], attachments=held["attachments"])
    page = editor.get("/entries/nat-2020-test-1?as_of=2020-03-01")
    assert "缓交申请表 1 KB，来源：湖南省工信厅网站" in page.text()
    assert sum(address.startswith("/files/") for address in page.hrefs()) == 2
    assert "在浏览器打开" not in page.text()
    wechat = editor.client.get(
        "/entries/nat-2020-test-1?as_of=2020-03-01", headers={"User-Agent": "MicroMessenger/8.0"}
    )
    assert wechat.get_data(as_text=True).count("请点右上角“…”，在浏览器打开") == 2
    told = editor.client.get("/entries/nat-2020-test-1.json?as_of=2020-03-01").get_json()
    assert told["attachments"][0]["url"].startswith("http://localhost/files/")


def test_a_draft_that_is_not_mine_cannot_be_added_to(desk: Desks) -> None:
    national, branch = desk("editor"), desk("editor", region="430000")
    with national.database() as db:
        number = drafts.create(db, {"title": "全国的"}, national.name, "100000", "desk").id
    assert upload(branch, draft=number, place="attachments").status_code == 404


def test_a_file_is_never_served_as_a_page(desk: Desks) -> None:
    editor = desk("editor")
    upload(editor, "申请表，请看 <b>".encode(), "表\u202e<b>.html")
    one = kept(editor)
    published(editor, attachments=[{"title": "表", "url": one.address}])
    response = editor.client.get(one.address)
    assert response.get_data() == "申请表，请看 <b>".encode()
    assert response.headers["Content-Disposition"].startswith('attachment; filename="file.txt"')
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"].startswith("sandbox")
    assert response.mimetype == "text/plain"
    assert editor.client.get(one.address, headers={"If-None-Match": f'"{one.sha256}"'}).status_code == 304


def test_readers_get_what_an_entry_or_an_open_draft_refers_to_and_nothing_else(desk: Desks) -> None:
    editor = desk("editor")
    upload(editor)
    one = kept(editor)
    reader = editor.client.application.test_client()
    assert reader.get(one.address).status_code == 404
    assert editor.client.get(one.address).status_code == 200
    published(editor, attachments=[{"title": "表", "url": one.address}])
    assert reader.get(one.address).status_code == 200
    with editor.database() as db:
        entries.withdraw(db, "nat-2020-test-1", "test", "test")
    assert reader.get(one.address).status_code == 404
    assert reader.get(f"/files/{'0' * 64}/x.pdf").status_code == 404


def test_a_changed_file_is_not_served(desk: Desks) -> None:
    editor = desk("editor")
    upload(editor)
    (path,) = editor.settings.home.glob("attachments/*/*")
    path.write_bytes(b"%PDF-changed")
    response = editor.client.get(kept(editor).address)
    assert response.status_code == 500
    assert "校验不符" in response.get_data(as_text=True)


def test_an_unused_file_is_removed_and_a_used_one_is_not(desk: Desks) -> None:
    editor = desk("editor")
    upload(editor)
    one = kept(editor)
    published(editor, attachments=[{"title": "表", "url": one.address}])
    assert editor.post(f"/desk/files/{one.sha256}/remove").status_code == 409
    upload(editor, b"%PDF-unused")
    unused = next(name for name in _hashes(editor) if name != one.sha256)
    assert editor.post(f"/desk/files/{unused}/remove").status_code == 303
    assert _hashes(editor) == [one.sha256]


def test_a_file_goes_by_its_own_office_or_a_national_reviewer_only(desk: Desks) -> None:
    uploader = desk("editor", region="430000", name="hunan")
    upload(uploader)
    sha256 = kept(uploader).sha256
    desk("reviewer", name="boss")
    for other in (desk("reviewer", region="330000", name="zhejiang"), desk("editor", name="national")):
        assert not other.get("/desk/files/").all("form[action*=remove]")
        assert other.post(f"/desk/files/{sha256}/remove").status_code == 403
    colleague = desk("editor", region="430000", name="colleague")
    assert colleague.get("/desk/files/").all("form[action*=remove]")
    assert colleague.post(f"/desk/files/{sha256}/remove").status_code == 303
    upload(uploader)
    assert desk("reviewer", name="boss").post(f"/desk/files/{sha256}/remove").status_code == 303


def test_a_draft_that_was_given_up_keeps_its_papers(desk: Desks) -> None:
    editor = desk("editor")
    with editor.database() as db:
        number = drafts.create(db, {"title": "稿"}, editor.name, "100000", "desk").id
    upload(editor, draft=number, place="attachments")
    with editor.database() as db:
        drafts.move(db, drafts.existing(db, number), "drop", editor.name, "不要了")
    assert editor.post(f"/desk/files/{kept(editor).sha256}/remove").status_code == 409


def test_a_file_for_a_draft_that_cannot_be_changed_now_is_refused_and_not_kept(desk: Desks) -> None:
    editor = desk("editor")
    desk("reviewer", name="wang")
    with editor.database() as db:
        draft = drafts.create(db, {"title": "稿"}, editor.name, "100000", "desk")
        drafts.move(db, draft, "submit", editor.name)
    response = upload(editor, draft=draft.id, place="attachments", title="申请表样")
    assert response.status_code == 422
    page = checked(response.get_data(as_text=True), dict(response.headers))
    assert "文件没有存" in page.text(".errors")
    assert (page.one("#source")["value"], page.one("#title")["value"]) == ("湖南省工信厅网站", "申请表样")
    assert _hashes(editor) == []


def _hashes(desk: Desk) -> list[str]:
    with desk.database() as db:
        return [one.sha256 for one in attachments.listed(db)]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example/x"])
def test_an_address_that_could_run_is_no_link(desk: Desks, url: str) -> None:
    editor = desk("editor")
    published(editor, attachments=[{"title": "坏链接", "url": url}])
    page = editor.get("/entries/nat-2020-test-1?as_of=2020-03-01")
    assert "坏链接" in page.text()
    assert url not in page.hrefs()
