"""Adding an article: what is drafted builds as it stands, and what would not build is refused before it is written."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.espress_build.pipeline.helpers import PROPERTY, Corpus, beside, received, run_up_to

from espress.errors import InputError
from espress_build.add import draft
from espress_build.inputs.record import parse_record
from espress_build.pipeline.extract import read_lines
from espress_build.pipeline.ingest import article_folders

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.add.draft import Stated
    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries

PAGE = """The Herald

Officers arrest engineer in secrets case

By Ann Lee
2 March 2020

Officers arrested an engineer on Monday who is said to have copied the secrets of his firm.

The engineer denies the case, and his firm declined to comment on secrets or arrest.
"""
STATED: dict[str, str | list[str]] = {"event_ids": ["case-2020"]}


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.txt"
    path.write_bytes(PAGE.encode())
    return path


def draft_file(path: Path, stated: Stated, registries: Registries, params: Params) -> draft.Draft:
    return draft.draft_text(draft.Source(str(path), path.read_bytes()), stated, registries, params)


def problems(path: Path, stated: dict[str, str | list[str]], registries: Registries, params: Params) -> list[str]:
    """Draft a page that cannot be added; returns what stands in the InputError."""
    with pytest.raises(InputError) as error:
        draft_file(path, stated, registries, params)
    assert all(problem.startswith(f"{path}: ") for problem in error.value.problems)
    return error.value.problems


def test_a_drafted_page_is_written_byte_for_byte_and_builds(
    page: Path, corpus: Corpus, registries: Registries, params: Params
) -> None:
    item = draft_file(page, STATED, registries, params)
    folder = draft.write(item, corpus.raw)
    assert folder.name == item.article_id
    assert folder.name.startswith("herald-20200302-")
    assert (folder / "source.txt").read_bytes() == page.read_bytes()
    assert article_folders(corpus.raw) == [folder]
    tables = run_up_to("segment", corpus.tables(registries, params), params)
    (article,) = tables["articles"].to_pylist()
    assert article["title"] == "Officers arrest engineer in secrets case"
    assert article["authors"] == ["Ann Lee"]
    assert article["published"] == "2020-03-02"
    assert article["n_paragraphs"] == 2


def test_what_is_stated_wins_over_what_the_page_shows(page: Path, registries: Registries, params: Params) -> None:
    stated: dict[str, str | list[str]] = {**STATED, "outlet_id": "tribune", "published": "2020-03"}
    record, _ = parse_record(draft_file(page, stated, registries, params).sidecar)
    assert record is not None
    assert record.article_id.startswith("tribune-undated-")
    assert record.facts["outlet_id"].basis == "look-up"


def test_what_is_not_known_is_a_gap_at_which_the_build_stops_until_it_is_filled(
    tmp_path: Path, corpus: Corpus, registries: Registries, params: Params
) -> None:
    path = tmp_path / "page.txt"
    path.write_text(PAGE.replace("The Herald", "Home"), encoding="utf-8")
    item = draft_file(path, {}, registries, params)
    assert item.gaps == ("outlet_id", "event_ids")
    assert ["--outlet ID" in item.doubts[0], "--event ID" in item.doubts[1]] == [True, True]
    folder = draft.write(item, corpus.raw)
    assert folder.name.startswith("unknown-20200302-")
    record = folder / "record.toml"
    lines = record.read_text(encoding="utf-8").split("\n")
    with pytest.raises(InputError) as error:
        corpus.tables(registries, params)
    for problem, field in zip(error.value.problems, item.gaps, strict=True):
        number = lines.index(f"[facts.{field}]") + 1
        assert problem.startswith(f"{record}: line {number}: fact {field} is required; ")
    text = "\n".join(lines).replace("unknown-2020", "herald-2020")
    for field, value in (("outlet_id", '"herald"'), ("event_ids", '["case-2020"]')):
        known = f'[facts.{field}]\nvalue = {value}\nconfidence = "high"\nbasis = "look-up"'
        text = text.replace(f'[facts.{field}]\nbasis = "unknown"', known)
    record.write_text(text, encoding="utf-8")
    folder.rename(folder.with_name(item.article_id.replace("unknown", "herald")))
    tables = run_up_to("segment", corpus.tables(registries, params), params)
    assert tables["articles"]["outlet"].to_pylist() == ["The Herald"]


@pytest.mark.parametrize(
    ("stated", "says"),
    [
        ({"outlet_id": "gazette"}, "'gazette' is not in schema/registries/outlets.toml"),
        ({"republisher_id": "nobody"}, "'nobody' is not in schema/registries/outlets.toml"),
        ({"event_ids": ["case-1999"]}, "'case-1999' is not in schema/registries/events.toml"),
        ({"event_ids": []}, "name at least one event"),
        ({"published": "2019-02-30"}, "is not a date"),
        ({"url": "herald.example"}, "fact url"),
        ({"url_kind": "mirror"}, "fact url_kind"),
        ({"outlet_id": "../herald"}, "must be <outlet_id>"),
        ({"outlet_id": "Herald"}, "must be <outlet_id>"),
    ],
)
def test_what_the_build_would_refuse_is_refused_before_anything_is_written(
    stated: dict[str, str | list[str]], says: str, page: Path, registries: Registries, params: Params
) -> None:
    """raw/ is append-only: an article that stops every build must not get there."""
    assert any(says in problem for problem in problems(page, {**STATED, **stated}, registries, params))


@pytest.mark.parametrize(
    ("source", "reason"),
    [(b"", "empty_file"), (b"\xff\xfeA\x00", "not_utf8"), (b"caf\xe9", "not_utf8"), (b"a\x00b", "control_character")],
)
def test_a_page_that_cannot_be_read_is_refused_with_the_reason(
    source: bytes, reason: str, tmp_path: Path, registries: Registries, params: Params
) -> None:
    path = tmp_path / "page.txt"
    path.write_bytes(source)
    (problem,) = problems(path, STATED, registries, params)
    assert f": {reason}: " in problem


def test_a_page_that_is_there_already_is_not_written_again(
    page: Path, corpus: Corpus, registries: Registries, params: Params
) -> None:
    item = draft_file(page, STATED, registries, params)
    folder = draft.write(item, corpus.raw)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(InputError, match="append-only"):
        draft.write(replace(item, sidecar="changed"), corpus.raw)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_a_page_without_title_or_body_is_drafted_with_doubts(
    tmp_path: Path, registries: Registries, params: Params
) -> None:
    path = tmp_path / "page.txt"
    path.write_text("Menu\n", encoding="utf-8")
    item = draft_file(path, {**STATED, "outlet_id": "herald"}, registries, params)
    assert "mark the body by hand" in item.doubts[0]
    assert "no paragraph is in it" in problems(path, STATED, registries, params)[0]


def test_the_draft_shows_every_span_fact_and_doubt(page: Path, registries: Registries, params: Params) -> None:
    item = draft_file(page, STATED, registries, params)
    shown = draft.show(item, params)
    record, _ = parse_record(item.sidecar)
    assert record is not None
    for span in record.spans:
        assert f"{span.line:>4}  {span.role}" in shown
    for fact in record.facts.values():
        assert repr(fact.value) in shown
    assert all(doubt in shown for doubt in item.doubts)
    assert any(doubt.startswith("authors:") for doubt in item.doubts)


LINES = st.lists(
    st.sampled_from(PAGE.splitlines())
    | st.text(max_size=20)
    | st.sampled_from(["By Ann  ", "2020-03-02 25:99", "\u3000x\u3000"]),
    min_size=1,
    max_size=10,
)


@settings(PROPERTY, suppress_health_check=[*PROPERTY.suppress_health_check, HealthCheck.function_scoped_fixture])
@given(lines=LINES, end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_whatever_is_drafted_fits_its_source(
    lines: list[str], end: str, tmp_path: Path, registries: Registries, params: Params
) -> None:
    """The build may reject the article for want of a title, but the sidecar never stops it."""
    path = tmp_path / "page.txt"
    source = end.join(lines).encode()
    path.write_bytes(source)
    assume(isinstance(read_lines(source, len(source), params), list))
    item = draft_file(path, {**STATED, "outlet_id": "herald"}, registries, params)
    record, found = parse_record(item.sidecar)
    assert record is not None
    assert found == []
    table = received({record.article_id: source}, {record.article_id: [asdict(span) for span in record.spans]})
    tables = run_up_to("segment", {"received": table, **beside(registries)}, params)
    assert {reject["reason"] for reject in tables["rejects"].to_pylist()} <= {"no_title", "no_body"}
