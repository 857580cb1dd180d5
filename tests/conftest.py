"""Shared fixtures: the shipped knowledge base loaded once, empty ones for everything that writes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from kb.config import ROOT, Settings
from kb.domain.entry import Entry
from kb.domain.taxonomy import Taxonomy
from kb.ingest import load as loading
from kb.search import Library, indexing, open_library
from kb.store.database import Database, open_database
from kb.store.terms import Terms, load_terms

TODAY = date(2026, 11, 22)
SPRING = date(2020, 3, 10)
POLICIES = ROOT / "policies"

hypothesis_settings.register_profile(
    "default", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
hypothesis_settings.load_profile("default")


@dataclass(frozen=True)
class Base:
    """A knowledge base that is loaded and indexed."""

    settings: Settings
    terms: Terms
    db: Database
    library: Library


def make_base(home: Path, policies: Path, load: Path | None) -> Base:
    settings = Settings(home=home, policies=policies, today=TODAY, rate_limit="off")
    terms = load_terms(policies)
    base = Base(settings, terms, open_database(settings.database), open_library(settings, terms))
    if load:
        report = loading.load(base.db, load, terms.taxonomy)
        assert report.clean, report.errors
    indexing.catch_up(base.library.settings, base.db)
    return base


@pytest.fixture(scope="session")
def shared() -> Path:
    """The association's shared data; skips where it is not there."""
    path = Path(os.environ.get("KB_SHARED") or ROOT.parent / "shared")
    if not path.is_dir():
        pytest.skip(f"no shared data at {path}; set KB_SHARED")
    return path


@pytest.fixture(scope="session")
def terms() -> Terms:
    return load_terms(POLICIES)


@pytest.fixture(scope="session")
def taxonomy(terms: Terms) -> Taxonomy:
    return terms.taxonomy


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the shipped policies, loaded and indexed, which nobody has open: to be copied."""
    home = tmp_path_factory.mktemp("pristine")
    make_base(home, POLICIES, POLICIES).db.close()
    return home


@pytest.fixture(scope="session")
def shipped(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    """The shipped policies, loaded and indexed; read only."""
    home = tmp_path_factory.mktemp("shipped") / "home"
    shutil.copytree(pristine, home)
    base = make_base(home, POLICIES, None)
    yield base
    base.db.close()


@pytest.fixture(scope="session")
def loaded(shipped: Base) -> Settings:
    """The settings of the shipped knowledge base."""
    return shipped.settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an empty home."""
    return Settings(home=tmp_path / "home", policies=POLICIES, today=TODAY, rate_limit="off")


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Base]:
    """An empty knowledge base to write to."""
    made = make_base(tmp_path / "home", POLICIES, None)
    yield made
    made.db.close()


def an_entry(entry_id: str = "nat-2020-test-1", **changes: object) -> Entry:
    """A sound policy with one relief, changed as asked."""
    data: dict[str, object] = {
        "id": entry_id,
        "kind": "policy",
        "title": "关于阶段性缓缴试验费用的通知",
        "promise": "中小企业的试验费用可以缓交三个月。",
        "doc_number": "试发〔2020〕1号",
        "issuers": ["试验部"],
        "issued_on": "2020-02-01",
        "in_force": {"start": "2020-02-01", "end": "2020-06-30", "end_kind": "dated"},
        "regions": {"include": ["100000"]},
        "reliefs": [{"id": "defer", "type": "tax", "title": "缓交试验费用", "what": "缓交三个月。"}],
        "sources": [{"document": "试发〔2020〕1号"}],
    }
    return Entry.model_validate({**data, **changes})
