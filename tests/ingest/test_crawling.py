"""A crawl brings what is new to the desk, once, and touches nothing that people wrote."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from kb.domain.entry import Entry
from kb.domain.source import Source
from kb.errors import KbError
from kb.ingest import crawling
from kb.ingest.parsed import difference
from kb.ingest.worker import Worker
from kb.store import drafts, entries, intake, pages, patience, runs, snapshots
from kb.store.intake import Item
from tests.conftest import POLICIES, Base, an_entry
from tests.ingest.crawls import BODY, Crawls, TrialSite, document
from tests.ingest.loopback import Handler, serving
from tests.ingest.test_visiting import a_source
from tests.sites.broken import BROKEN, breaking


@pytest.fixture
def site() -> Iterator[TrialSite]:
    with serving() as web:
        yield TrialSite(web)


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(POLICIES) as one:
        yield one


@pytest.fixture
def crawls(base: Base, worker: Worker) -> Crawls:
    return Crawls(base, worker)


def papers(crawls: Crawls) -> list[Item]:
    return sorted(intake.waiting(crawls.base.db), key=lambda one: one.draft.id)


def an_entry_of(site: TrialSite, number: int, **changes: object) -> Entry:
    """A published policy that is the document of a number of the site."""
    data: dict[str, object] = {
        "title": f"关于第{number}项试验工作的通知",
        "doc_number": f"试验发〔2026〕{number}号",
        "issued_on": "2026-11-20",
        "in_force": {"start": "2026-11-20", "end_kind": "unstated"},
        "sources": [{"document": "试验", "url": site.address(number)}],
    }
    return an_entry(**{**data, **changes})


# -- what is new -----------------------------------------------------------------------------------


def test_a_new_document_waits_at_the_desk_with_its_source_snapshot_and_proposals(
    site: TrialSite, crawls: Crawls
) -> None:
    site.publish(1)
    assert crawls.outcomes(site.source()) == {"new": 1}
    (one,) = papers(crawls)
    assert one.paper.source == "try"
    assert one.paper.address == site.address(1)
    assert one.draft.data["title"] == "关于第1项试验工作的通知"
    (source,) = one.draft.data["sources"]
    raw = snapshots.raw(crawls.base.settings.home, source["snapshot"]["sha256"])
    assert raw == document(1).encode()
    assert {each.proposal.field for each in one.proposals} >= {"title", "doc_number"}
    assert all(one.draft.original[p.start : p.end] == p.quote for p in (e.proposal for e in one.proposals))


def test_nothing_is_published_by_itself(site: TrialSite, crawls: Crawls) -> None:
    site.publish(1, 2)
    crawls.crawl(site.source())
    assert list(entries.all_current(crawls.base.db)) == []


def test_crawling_twice_brings_nothing_twice(site: TrialSite, crawls: Crawls) -> None:
    site.publish(1, 2, 3)
    assert crawls.outcomes(site.source()) == {"new": 3}
    assert crawls.outcomes(site.source()) == {"unchanged": 3}
    assert len(papers(crawls)) == 3
    assert crawls.base.db["snapshots"].count == 3


def test_a_page_that_was_just_seen_is_not_asked_again_before_its_time(
    site: TrialSite, crawls: Crawls
) -> None:
    site.publish(1)
    source = site.source(polite={"pause_seconds": 0, "recheck_days": 7})
    crawls.crawl(source)
    site.web.asked.clear()
    crawls.crawl(source)
    assert [path for path, _ in site.web.asked] == ["/robots.txt", "/list/index.html"]


@pytest.mark.parametrize("damage", ["gone", "other"])
def test_a_damaged_snapshot_is_made_whole_when_its_page_is_seen_again(
    site: TrialSite, crawls: Crawls, damage: str
) -> None:
    site.put(1, document(1), ETag='"1"')
    source = site.source()
    crawls.crawl(source)
    home = crawls.base.settings.home
    held = snapshots.latest(crawls.base.db, site.address(1))
    assert held is not None
    path = snapshots.path_of(home, held.sha256)
    path.unlink() if damage == "gone" else path.write_bytes(b"x" * held.size)
    assert crawls.outcomes(source) == {"unchanged": 1}
    assert len(snapshots.raw(home, held.sha256)) == held.size
    assert "If-None-Match" not in site.web.asked[-1][1]


def test_a_page_is_asked_for_only_if_it_changed(site: TrialSite, crawls: Crawls) -> None:
    site.put(1, document(1), ETag='"1"')
    crawls.crawl(site.source())
    site.web.asked.clear()
    crawls.crawl(site.source())
    assert site.web.asked[-1][1]["If-None-Match"] == '"1"'


def test_what_has_none_of_the_words_that_matter_makes_no_draft(site: TrialSite, crawls: Crawls) -> None:
    site.publish(1)
    assert crawls.outcomes(site.source(relevant=["宽带"])) == {"irrelevant": 1}
    assert papers(crawls) == []


def test_a_provinces_source_makes_drafts_of_its_office_and_region(site: TrialSite, crawls: Crawls) -> None:
    site.publish(1)
    crawls.crawl(site.source(region="430100"))
    (one,) = papers(crawls)
    assert (one.draft.office, one.draft.places) == ("430000", ("430100",))


def test_no_more_documents_than_the_source_allows_are_asked_for_and_the_rest_comes_next_time(
    site: TrialSite, crawls: Crawls
) -> None:
    site.publish(1, 2, 3)
    source = site.source(polite={"pause_seconds": 0, "recheck_days": 7, "most_documents": 2})
    assert crawls.outcomes(source) == {"new": 2}
    assert crawls.outcomes(source) == {"new": 1}


def test_documents_on_hosts_that_the_source_does_not_list_are_left_alone(
    site: TrialSite, crawls: Crawls
) -> None:
    site.publish(1)
    site.list(extra=f"<ul><li><a href='http://elsewhere.test:{site.web.port}/a.html'>别处</a></li></ul>")
    assert crawls.outcomes(site.source()) == {"new": 1}


def with_attachment(site: TrialSite, kept: bool = True) -> str:
    """Document 1 with an attachment beside it; the attachment's address."""
    if kept:
        site.web.page("/P020261120.pdf", b"%PDF-1.4 made up", Content_Type="application/pdf")
    site.put(1, document(1, "<p><a href='./P020261120.pdf'>附件：试验清单.pdf</a></p>"))
    return site.web.url("/P020261120.pdf", "site.test")


def test_what_https_does_not_give_is_had_over_http_and_the_draft_says_so(
    site: TrialSite, crawls: Crawls
) -> None:
    site.publish(1)
    secure = site.address(1).replace("http:", "https:")
    site.web.page("/list/index.html", f"<p>{BODY * 3}</p><ul><li><a href='{secure}'>试验</a></li></ul>")
    assert crawls.outcomes(site.source()) == {"new": 1}
    (one,) = papers(crawls)
    assert one.paper.address == site.address(1)
    assert any("经 http 取得" in note for note in one.paper.notes)
    held = snapshots.latest(crawls.base.db, secure)
    assert held is not None
    assert held.is_plain


def test_attachments_are_kept_with_their_hash_and_named_in_the_draft(site: TrialSite, crawls: Crawls) -> None:
    address = with_attachment(site)
    crawls.crawl(site.source())
    (held,) = snapshots.history(crawls.base.db, address)
    assert snapshots.raw(crawls.base.settings.home, held.sha256) == b"%PDF-1.4 made up"
    (one,) = papers(crawls)
    assert [each["url"] for each in one.draft.data["attachments"]] == [address]


def test_an_attachment_that_gets_other_content_under_its_name_waits_for_a_person(
    site: TrialSite, crawls: Crawls
) -> None:
    address = with_attachment(site)
    crawls.crawl(site.source())
    assert crawls.outcomes(site.source()) == {"unchanged": 1}
    site.web.page("/P020261120.pdf", b"%PDF-1.4 another", Content_Type="application/pdf")
    assert crawls.outcomes(site.source()) == {"hand": 1}
    assert len(snapshots.history(crawls.base.db, address)) == 2
    (page,) = pages.to_see(crawls.base.db)
    assert "换了内容" in page.detail
    pages.dismiss(crawls.base.db, page.address, "liu")
    assert crawls.outcomes(site.source()) == {"unchanged": 1}


def test_an_attachment_that_cannot_be_had_is_told_and_the_page_is_kept(
    site: TrialSite, crawls: Crawls
) -> None:
    address = with_attachment(site, kept=False)
    run = crawls.crawl(site.source())
    assert (run.count("new"), run.count("failed")) == (1, 1)
    assert "附件没有取到" in crawls.told(run)[address]


def test_an_attachment_that_we_are_kept_from_is_blocked(site: TrialSite, crawls: Crawls) -> None:
    site.web.page(urlsplit(with_attachment(site)).path, "", 403)
    run = crawls.crawl(site.source())
    assert (run.count("new"), run.count("blocked")) == (1, 1)


def test_attachments_without_measure_are_not_all_fetched(
    site: TrialSite, crawls: Crawls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawling, "MOST_ATTACHED", 1_000)
    links = "".join(f'<p><a href="/{n}.pdf">附件{n}</a></p>' for n in range(3))
    for number in range(3):
        site.web.page(f"/{number}.pdf", b"%PDF-1.4 " + b"x" * 600, Content_Type="application/pdf")
    site.put(1, document(1, links))
    run = crawls.crawl(site.source())
    assert (run.count("new"), run.count("failed")) == (1, 1)
    assert "太大" in crawls.told(run)[site.web.url("/2.pdf", "site.test")]


def test_a_list_may_lead_straight_to_a_file(site: TrialSite, crawls: Crawls) -> None:
    site.web.page("/scan.pdf", b"%PDF-1.4 damaged", Content_Type="application/pdf")
    site.web.page("/words.txt", f"关于试验工作的通知\n{BODY * 3}", Content_Type="text/plain; charset=utf-8")
    site.documents |= {"/scan.pdf": "2026-11-20", "/words.txt": "2026-11-20"}
    site.list()
    run = crawls.crawl(site.source())
    assert run.count("new") == 1
    assert run.count("failed") + run.count("hand") == 1


# -- what is held already --------------------------------------------------------------------------


def test_a_document_that_is_held_brings_a_revision_with_its_other_address_and_no_duplicate(
    site: TrialSite, crawls: Crawls
) -> None:
    site.publish(1)
    elsewhere = [{"document": "试验", "url": "https://other.example.gov.cn/"}]
    held = an_entry_of(site, 1, sources=elsewhere)
    entries.publish(crawls.base.db, held, "liu", "")
    crawls.crawl(site.source())
    (one,) = papers(crawls)
    assert (one.draft.entry_id, one.draft.base_version) == (held.id, 1)
    assert [source["url"] for source in one.draft.data["sources"]] == [elsewhere[0]["url"], site.address(1)]
    assert one.draft.data["reliefs"][0]["what"] == held.reliefs[0].what


def test_a_page_that_adds_nothing_to_its_entry_makes_no_draft(site: TrialSite, crawls: Crawls) -> None:
    site.publish(1)
    entries.publish(crawls.base.db, an_entry_of(site, 1), "liu", "")
    assert crawls.outcomes(site.source()) == {"known": 1}
    assert papers(crawls) == []


# -- what changed ----------------------------------------------------------------------------------


def changed(number: int) -> str:
    return document(number, "<p>本通知有效期至2027年12月31日。</p>")


def test_a_changed_page_gives_its_difference_and_proposes_a_revision_of_what_is_published(
    site: TrialSite, crawls: Crawls
) -> None:
    site.publish(1)
    entries.publish(crawls.base.db, an_entry_of(site, 1), "liu", "")
    crawls.crawl(site.source())
    site.put(1, changed(1))
    assert crawls.outcomes(site.source()) == {"changed": 1}
    (one,) = papers(crawls)
    assert "有效期至2027年12月31日" in one.paper.notes[0]
    assert (one.draft.entry_id, one.draft.base_version) == ("nat-2020-test-1", 1)
    assert "in_force-end" in {each.proposal.field for each in one.proposals}
    assert "title" not in {each.proposal.field for each in one.proposals}
    assert len(snapshots.history(crawls.base.db, site.address(1))) == 2


def test_what_people_wrote_by_hand_is_never_overwritten(site: TrialSite, crawls: Crawls) -> None:
    site.publish(1)
    by_hand = an_entry_of(site, 1, promise="手写的一句话。", title="手写的标题")
    entries.publish(crawls.base.db, by_hand, "liu", "")
    crawls.crawl(site.source())
    site.put(1, changed(1).replace("关于第1项试验工作的通知", "关于第1项试验工作的补充通知"))
    crawls.crawl(site.source())
    (one,) = papers(crawls)
    assert one.draft.data["promise"] == "手写的一句话。"
    assert one.draft.data["title"] == "手写的标题"
    held = entries.get(crawls.base.db, by_hand.id)
    assert held is not None
    assert held.entry == by_hand


def test_a_page_that_changes_while_its_draft_is_open_leaves_that_draft_as_it_is(
    site: TrialSite, crawls: Crawls
) -> None:
    site.publish(1)
    crawls.crawl(site.source())
    (first,) = papers(crawls)
    drafts.save(crawls.base.db, first.draft.id, 1, {**first.draft.data, "promise": "手写。"}, "liu")
    site.put(1, changed(1))
    crawls.crawl(site.source())
    before, after = papers(crawls)
    assert before.draft.data["promise"] == "手写。"
    assert after.draft.entry_id == before.draft.entry_id
    assert after.draft.data["promise"] == "手写。"


def test_a_page_whose_frame_alone_changed_is_unchanged(site: TrialSite, crawls: Crawls) -> None:
    site.publish(1)
    crawls.crawl(site.source())
    site.put(1, document(1) + "<!-- 2026-11-22 10:00 --><script>var count=7</script>")
    assert crawls.outcomes(site.source()) == {"unchanged": 1}


def shrunk(number: int) -> str:
    return document(number, paragraphs=1)


def test_a_page_that_suddenly_shrinks_waits_for_a_person_and_changes_nothing(
    site: TrialSite, crawls: Crawls
) -> None:
    site.publish(1)
    crawls.crawl(site.source())
    site.put(1, shrunk(1))
    assert crawls.outcomes(site.source()) == {"shrunk": 1}
    assert len(papers(crawls)) == 1
    (page,) = pages.to_see(crawls.base.db)
    assert "没有采用" in page.detail
    assert snapshots.existing(crawls.base.db, page.snapshot or 0).size == len(document(1).encode())


def test_a_shrunk_page_that_a_person_takes_becomes_a_change_in_the_next_run(
    site: TrialSite, crawls: Crawls
) -> None:
    site.publish(1)
    crawls.crawl(site.source())
    site.put(1, shrunk(1))
    crawls.crawl(site.source())
    pages.accept(crawls.base.db, site.address(1), "liu")
    assert pages.to_see(crawls.base.db) == []
    assert crawls.outcomes(site.source()) == {"changed": 1}


def test_a_shrunk_page_that_a_person_refuses_is_not_shown_again_until_it_changes(
    site: TrialSite, crawls: Crawls
) -> None:
    site.publish(1)
    crawls.crawl(site.source())
    site.put(1, shrunk(1))
    crawls.crawl(site.source())
    pages.dismiss(crawls.base.db, site.address(1), "liu")
    assert crawls.outcomes(site.source()) == {"unchanged": 1}
    site.put(1, shrunk(1) + "<p>再改</p>")
    crawls.crawl(site.source())
    site.put(1, document(1))
    assert crawls.outcomes(site.source()) == {"unchanged": 1}


def test_a_site_that_said_when_to_come_back_is_not_asked_by_an_earlier_run(
    site: TrialSite, crawls: Crawls
) -> None:
    site.publish(1)
    site.web.page("/list/index.html", "", 429, Retry_After="3600")
    assert crawls.crawl(site.source()).sources[0].state == "blocked"
    many = len(site.web.asked)
    site.list()
    assert "过一会儿再来" in crawls.crawl(site.source()).sources[0].detail
    assert len(site.web.asked) == many
    patience.keep(crawls.base.db, {})
    assert crawls.outcomes(site.source()) == {"new": 1}


def test_a_challenge_in_place_of_a_page_is_blocked_and_the_good_snapshot_stays(
    site: TrialSite, crawls: Crawls
) -> None:
    site.publish(1)
    crawls.crawl(site.source())
    site.put(1, "<html><script>var EO_Bot_Ssid=1</script><body></body></html>")
    assert crawls.outcomes(site.source()) == {"blocked": 1}
    page = pages.get(crawls.base.db, site.address(1))
    assert page is not None
    assert page.outcome == "new"
    assert len(snapshots.history(crawls.base.db, site.address(1))) == 1


def test_a_page_that_is_gone_waits_for_a_person_and_its_snapshot_stays(
    site: TrialSite, crawls: Crawls
) -> None:
    site.publish(1)
    crawls.crawl(site.source())
    site.web.page("/t20261120_1.html", "", 404)
    assert crawls.outcomes(site.source()) == {"gone": 1}
    (page,) = pages.to_see(crawls.base.db)
    assert page.snapshot
    site.publish(1)
    assert crawls.outcomes(site.source()) == {"unchanged": 1}


def test_a_page_that_came_back_and_goes_again_waits_again(site: TrialSite, crawls: Crawls) -> None:
    site.publish(1)
    source = site.source()
    crawls.crawl(source)
    for _time in range(2):
        site.web.pages.pop("/t20261120_1.html")
        assert crawls.outcomes(source) == {"gone": 1}
        pages.dismiss(crawls.base.db, site.address(1), "liu.min")
        assert crawls.outcomes(source) == {"unchanged": 1}
        site.publish(1)
        crawls.crawl(source)


# -- lists -----------------------------------------------------------------------------------------


def rows(*numbers: int) -> str:
    listed = "".join(
        f"<li><a href='/t20261120_{n}.html'>试验</a><span>2026-11-20</span></li>" for n in numbers
    )
    return f"<p>{'试验网站导航。' * 20}</p><ul>{listed}</ul>"


def paged(site: TrialSite, second: int = 2, most: int = 3) -> Source:
    """The source of a list that goes on with ``index_…``."""
    pages_ = {"address": "index_{n}.html", "second": second, "most": most}
    listing = {"url": site.web.url("/list/index.html", "site.test"), "item": "li", "date": "span"}
    return site.source(lists=[{**listing, "pages": pages_}])


@pytest.mark.parametrize(("second", "names"), [(1, ("index_1", "index_2")), (2, ("index_2", "index_3"))])
def test_further_pages_are_named_as_the_source_says(
    site: TrialSite, crawls: Crawls, second: int, names: tuple[str, ...]
) -> None:
    site.publish(1, 2, 3)
    for number, name in enumerate(("index", *names), 1):
        site.web.page(f"/list/{name}.html", rows(number))
    assert crawls.outcomes(paged(site, second)) == {"new": 3}


def test_a_further_page_that_cannot_be_read_is_told_and_what_was_read_counts(
    site: TrialSite, crawls: Crawls
) -> None:
    site.publish(1)
    site.web.page("/list/index_2.html", "", 403)
    run = crawls.crawl(paged(site))
    assert (run.sources[0].state, run.count("new")) == ("blocked", 1)
    assert "403" in run.sources[0].detail


def test_a_list_ends_where_all_is_old(site: TrialSite, crawls: Crawls) -> None:
    site.publish(1, day="2020-02-01")
    crawls.crawl(paged(site))
    assert [path for path, _ in site.web.asked] == [
        "/robots.txt",
        "/list/index.html",
        "/t20261120_1.html",
    ]


def test_a_list_whose_last_page_comes_again_and_again_ends(site: TrialSite, crawls: Crawls) -> None:
    site.publish(1)
    for name in ("index", *(f"index_{n}" for n in range(1, 60))):
        site.web.page(f"/list/{name}.html", rows(1))
    crawls.crawl(paged(site, 1, most=50))
    assert sum(path.startswith("/list/") for path, _ in site.web.asked) == 2


def test_records_of_jpage_are_read_up_to_the_total(site: TrialSite, crawls: Crawls) -> None:
    site.publish(1, 2, 3)
    for start, numbers in ((1, (1, 2)), (3, (3,))):
        records = "".join(
            f"<record><![CDATA[<li><a href='/t20261120_{n}.html'>试验</a></li>]]></record>" for n in numbers
        )
        xml = f"<datastore><totalrecord>3</totalrecord><recordset>{records}</recordset></datastore>"
        site.web.page(
            f"/dataproxy.jsp?startrecord={start}&endrecord={start + 1}", xml, Content_Type="text/xml"
        )
    listing = {
        "url": site.web.url("/dataproxy.jsp?startrecord=1&endrecord=2", "site.test"),
        "read": "jpage",
        "item": "li",
        "date": "span",
        "pages": {"address": "?startrecord={start}&endrecord={end}", "per_page": 2, "most": 9},
    }
    assert crawls.outcomes(site.source(lists=[listing])) == {"new": 3}


def test_an_interface_in_json_gives_clean_titles_and_days_in_china(site: TrialSite, crawls: Crawls) -> None:
    site.publish(1)
    site.web.page(
        "/data",
        '{"catMap":{"a":{"listVO":[{"title":"关于<em>试验</em>的通知","url":"/t20261120_1.html",'
        '"pubtime":1763654400000}]},"b":{"listVO":[]}}}',
        Content_Type="application/json",
    )
    listing = {
        "url": site.web.url("/data", "site.test"),
        "read": "json",
        "item": "catMap.*.listVO",
        "link": "url",
        "title": "title",
        "date": "pubtime",
    }
    found = crawling.survey(crawls.ground(), site.source(lists=[listing]))
    (item,) = found.listed.items
    assert (item.title, str(item.day)) == ("关于试验的通知", "2025-11-21")


def test_an_empty_list_that_a_script_fills_says_that_an_interface_is_needed(
    site: TrialSite, crawls: Crawls
) -> None:
    site.web.page(
        "/list/index.html", f"<p>{BODY * 3}</p><ul></ul><script>var websiteId='1',channelId='2'</script>"
    )
    run = crawls.crawl(site.source())
    assert run.sources[0].state == "failed"
    assert "接口" in run.sources[0].detail


# -- runs ------------------------------------------------------------------------------------------


def a_second(site: TrialSite, **more: object) -> Source:
    return Source.model_validate({**site.source().model_dump(), "id": "second", **more})


def test_one_broken_source_never_stops_the_others(site: TrialSite, crawls: Crawls) -> None:
    site.publish(1)
    dead = a_source(1, id="dead")
    run = crawls.crawl(dead, site.source())
    assert [(one.source, one.state) for one in run.sources] == [("dead", "failed"), ("try", "done")]
    assert run.count("new") == 1


def test_a_defect_of_ours_in_one_source_does_not_stop_the_others(
    site: TrialSite, crawls: Crawls, caplog: pytest.LogCaptureFixture
) -> None:
    site.publish(1)

    def tell(progress: crawling.Progress) -> None:
        if progress.source.id == "try":
            raise ZeroDivisionError

    ground = crawls.ground()
    run = crawling.crawl(
        crawling.Ground(ground.db, ground.home, ground.visitor, ground.worker, ground.today, tell),
        [site.source(), a_second(site)],
        "all",
    )
    assert [one.state for one in run.sources] == ["failed", "done"]
    assert "ZeroDivisionError" in caplog.text


def test_one_broken_page_never_stops_the_others(site: TrialSite, crawls: Crawls) -> None:
    site.publish(1, 2, 3)

    def hang_up(handler: Handler) -> None:
        handler.connection.close()

    site.web.pages["/t20261120_2.html"] = hang_up
    assert crawls.outcomes(site.source()) == {"new": 2, "failed": 1}


AS_OUTCOME = {"content": "new", "refused": "failed"}


def test_a_crawl_over_every_broken_server_classifies_each_and_reaches_nothing_else(crawls: Crawls) -> None:
    with breaking() as broken:
        hosts = [f"{name}.test:{broken.port}" for name in BROKEN]
        rows = "".join(f"<li><a href='{broken.url(name, f'{name}.test')}'>试验</a></li>" for name in BROKEN)
        broken.pages["list"] = f"<p>{BODY * 3}</p><ul>{rows}</ul>".encode()
        source = a_source(broken.port, *hosts, page={"body": ["p"]})
        run = crawls.crawl(source)
        assert broken.strays == []
    assert run.sources[0].state == "done"
    found = {one.address.rpartition("/")[2]: one.outcome for one in runs.pages(crawls.base.db, run.id, "try")}
    assert found == {name: AS_OUTCOME.get(kind, kind) for name, (kind, _behave) in BROKEN.items()}


def test_a_page_that_always_fails_takes_no_turn_from_those_never_asked(
    site: TrialSite, crawls: Crawls
) -> None:
    site.publish(1, 2, 3, 4)
    for number in (1, 2):
        site.web.page(f"/t20261120_{number}.html", "", 500)
    source = site.source(polite={"pause_seconds": 0, "most_documents": 2})
    assert crawls.outcomes(source) == {"failed": 2}
    assert crawls.outcomes(source) == {"new": 2}
    assert crawls.outcomes(source) == {"failed": 2}


def test_a_page_that_two_sources_list_is_new_once(site: TrialSite, crawls: Crawls) -> None:
    site.publish(1)
    polite = {"pause_seconds": 0, "recheck_days": 7}
    first, second = site.source(polite=polite), a_second(site, polite=polite)
    assert crawls.outcomes(first, second) == {"new": 1}
    assert crawls.outcomes(second) == {}


def test_failed_expectations_are_kept_with_the_run(site: TrialSite, crawls: Crawls) -> None:
    site.publish(1, day="2026-01-01")
    expected = site.source(expect={"at_least": 5, "newest_within_days": 30})
    run = crawls.crawl(expected)
    assert runs.get(crawls.base.db, run.id) == run
    few, old = run.sources[0].unmet
    assert "至少应有 5 条" in few
    assert "超过 30 天" in old
    assert not run.sources[0].is_well


def test_two_crawls_at_once_are_not_possible(site: TrialSite, crawls: Crawls) -> None:
    with crawling.alone(crawls.base.settings.home), pytest.raises(KbError, match="已有一次采集在进行"):
        crawls.crawl(site.source())


def test_a_dry_run_says_what_is_new_and_keeps_nothing(site: TrialSite, crawls: Crawls) -> None:
    site.publish(1, 2)
    found = crawling.survey(crawls.ground(), site.source())
    assert [item.address for item in found.fresh] == [site.address(1), site.address(2)]
    assert crawls.base.db["pages"].count == crawls.base.db["runs"].count == 0
    assert not (crawls.base.settings.home / "snapshots").exists()


def test_a_source_is_due_when_its_hours_are_over_or_its_last_turn_did_not_end_well(
    site: TrialSite, crawls: Crawls
) -> None:
    site.publish(1)
    source = site.source()
    assert crawling.due(crawls.base.db, [source]) == [source]
    last = crawls.crawl(source).sources[0]
    assert crawling.due(crawls.base.db, [source]) == []
    later = datetime.now(UTC) + timedelta(hours=23, minutes=55)
    assert runs.is_due(last, 24, later)
    assert not runs.is_due(last, 24, later - timedelta(hours=1))
    site.web.page("/list/index.html", "", 500)
    crawls.crawl(source)
    assert crawling.due(crawls.base.db, [source]) == [source]
    assert crawling.due(crawls.base.db, [site.source(paused="停")]) == []


def test_a_difference_is_said_in_words_and_a_long_one_is_cut() -> None:
    assert difference("一\n二", "一\n三") == "页面原文变了：删去“二”；加上“三”"
    assert difference("一\n二", "一\n\n二 ") == "页面原文只变了空白"
    assert difference("", "\n".join("一二三四五六七八九十")).endswith("另有 4 处")
