"""A record with any fault stops the build with a message that names file, place and remedy; all faults at once."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.espress_build.pipeline.helpers import PARAMS, PROPERTY, REGISTRIES, Corpus, real_articles, real_registries

from espress.errors import InputError
from espress_build.add.draft import sidecar_text
from espress_build.inputs.record import FACTS, Fact, Record, Span, expected_id, parse_record, precision
from espress_build.pipeline.ingest import ingest
from espress_build.pipeline.runner import read_batch
from espress_build.pipeline.stages import run_stages

if TYPE_CHECKING:
    from pathlib import Path


OUTLET = '[facts.outlet_id]\nvalue = "herald"\nbasis = "text"\nconfidence = "high"\n'
PUBLISHED = 'value = "2020-01-02"'
TITLE_SPAN = '{ line = 1, start = 0, end = 10, role = "title" }'
BODY_SPAN = '{ line = 3, start = 0, end = 42, role = "body" }'


def find_problems(corpus: Corpus) -> list[str]:
    """Read and extract all articles of a corpus; return the problems of the InputError."""
    with pytest.raises(InputError) as error:
        run_stages(read_batch(corpus.folders(), REGISTRIES, PARAMS), PARAMS, "batch")
    assert str(error.value) == "\n".join(error.value.problems)
    return error.value.problems


def has_problem(found: list[str], folder: Path, says: str) -> bool:
    """Return whether a problem names the article's record and says that."""
    return any(f"{folder.name}/record.toml" in problem and says in problem for problem in found)


def extra_fact(field: str, value: str) -> str:
    """Return a fact as TOML, its value as written."""
    return f'[facts.{field}]\nvalue = {value}\nbasis = "text"\nconfidence = "high"\n\n{OUTLET}'


SPAN_FAULTS = [
    ("{ line = 1, start = 0, end = 10 }", "span 1 lacks ['role']"),
    ('{ line = 1, start = 0, end = 10, role = "title", role2 = "x" }', "span 1 has unknown keys ['role2']"),
    ('{ line = 1, start = 0, end = 10, role = "headline" }', "there is no role 'headline'; roles: title, standfirst"),
    ('{ line = 1, start = 0, end = 10, role = ["title"] }', "there is no role ['title']"),
    ("{ line = 1, start = 0, end = 10, role = 3 }", "there is no role 3"),
    ('{ line = 1, start = 0, end = 10, role = "gap" }', "there is no role 'gap'"),
    ('{ line = true, start = 0, end = 10, role = "title" }', "span 1: line is True, not a whole number"),
    ('{ line = 1, start = false, end = 10, role = "title" }', "span 1: start is False, not a whole number"),
    ('{ line = 1, start = 0, end = 10.0, role = "title" }', "span 1: end is 10.0, not a whole number"),
    ('{ line = "1", start = 0, end = 10, role = "title" }', "span 1: line is '1', not a whole number"),
    ('{ line = 0, start = 0, end = 10, role = "title" }', "span 1: lines count from 1"),
    ('{ line = -1, start = 0, end = 10, role = "title" }', "span 1: lines count from 1"),
    ('{ line = 1, start = -1, end = 10, role = "title" }', "characters from 0"),
    ('{ line = 1, start = 10, end = 0, role = "title" }', "the end lies after the start"),
    ('{ line = 1, start = 4, end = 4, role = "title" }', "the end lies after the start"),
    ('{ line = 99999999999999999999, start = 0, end = 10, role = "title" }', "99999999999999999999"),
    ('{ line = 1, start = 0, end = 4294967296, role = "title" }', "4294967296"),
    (f"{TITLE_SPAN}, {TITLE_SPAN}", "spans overlap: line 1, characters 0-10 and 0-10"),
    (f'{TITLE_SPAN}, {{ line = 1, start = 9, end = 10, role = "date" }}', "overlap: line 1, characters 0-10 and 9-10"),
    ('{ line = 1, start = 0, end = 10, role = "title", events = "case-2020" }', "events is 'case-2020', not a list"),
    ('{ line = 1, start = 0, end = 10, role = "title", events = ["case-9"] }', "0-10: events are ['case-9']"),
    (
        '{ line = 1, start = 0, end = 10, role = "title", events = ["case-2020", "case-2020"] }',
        "name events of the fact event_ids, each once",
    ),
    ("3", "spans must be a list of {line, start, end, role}"),
]


FACT_FAULTS = [
    (OUTLET, "", "fact outlet_id is required; give it a value"),
    (OUTLET, OUTLET.replace("herald", "gazette"), "'gazette' is not in schema/registries/outlets.toml; add an entry"),
    ('value = ["case-2020"]', 'value = ["case-1999"]', "'case-1999' is not in schema/registries/events.toml; add"),
    ('value = ["case-2020"]', "value = []", "fact event_ids: name at least one event"),
    ('value = ["case-2020"]', 'value = ["case-2020", "case-2020"]', "each once"),
    ('value = ["case-2020"]', 'value = "case-2020"', "fact event_ids: 'case-2020' is not a list of strings"),
    ('value = ["case-2020"]', "value = [1]", "[1] is not a list of strings"),
    (OUTLET, extra_fact("agency_id", '"no-wire"'), "agency_id 'no-wire' is not in schema/registries/outlets.toml"),
    (OUTLET, extra_fact("republisher_id", '"nobody"'), "republisher_id 'nobody' is not in schema/registries/outlets"),
    (OUTLET, extra_fact("author", '"A"'), "there is no fact 'author'; facts: outlet_id"),
    (OUTLET, extra_fact("section", "3"), "fact section: 3 is not a string"),
    (OUTLET, extra_fact("section", '""'), "fact section"),
    (OUTLET, extra_fact("republisher_id", '""'), "fact republisher_id"),
    (OUTLET, extra_fact("authors", '[""]'), "fact authors"),
    (OUTLET, extra_fact("authors", '"A. Writer"'), "fact authors: 'A. Writer' is not a list of strings"),
    (OUTLET, extra_fact("url", '"ftp://herald.example/1"'), "fact url"),
    (OUTLET, extra_fact("url", '"https://herald.example/a b"'), "fact url"),
    (OUTLET, extra_fact("genre", '"poem"'), "'poem' is not one of ['news_report', 'agency_copy'"),
    (OUTLET, extra_fact("url_kind", '"mirror"'), "'mirror' is not one of ['original', 'copy']"),
    (OUTLET, extra_fact("published_zone", '"CET"'), "fact published_zone: 'CET' does not have the form"),
    (OUTLET, extra_fact("published_zone", '"+25:00"'), "fact published_zone"),
    (OUTLET, extra_fact("published_zone", '"+0100"'), "fact published_zone"),
    (OUTLET, extra_fact("published_zone", '"01:00"'), "fact published_zone"),
    (OUTLET, extra_fact("event_country", '"Czechia"'), "fact event_country: 'Czechia' does not have the form"),
    (OUTLET, extra_fact("event_country", '"cz"'), "fact event_country"),
    (OUTLET, extra_fact("updated", '"2020-01"'), "fact updated: '2020-01' is not a day; write e.g."),
    (OUTLET, extra_fact("updated", '"2020-02-30"'), "fact updated: '2020-02-30' is not a day"),
    ('value = "full"', 'value = "free"', "fact rights_tier: 'free' is not one of"),
    (OUTLET, OUTLET.replace('basis = "text"', 'basis = "guess"'), "fact outlet_id: basis 'guess' is not one of"),
    (OUTLET, OUTLET.replace('basis = "text"', 'basis = ["text"]'), "fact outlet_id: basis ['text'] is not one of"),
    (OUTLET, OUTLET.replace('"high"', '"sure"'), "fact outlet_id: confidence 'sure' is not one of"),
    (OUTLET, OUTLET.replace('"high"', "{}"), "fact outlet_id: confidence {} is not one of"),
    (OUTLET, OUTLET.replace('confidence = "high"\n', ""), "fact outlet_id lacks ['confidence']"),
    (OUTLET, OUTLET + 'source = "x"\n', "fact outlet_id has unknown keys ['source']"),
    (OUTLET, OUTLET + "note = 7\n", "fact outlet_id: note is 7, not a string"),
    (OUTLET, '[facts.outlet_id]\nbasis = "unknown"\nnote = "sought"\n', "fact outlet_id is required; give it a value"),
    (OUTLET, f'[facts.section]\nbasis = "unknown"\n{OUTLET}', "fact section lacks ['note']"),
    (OUTLET, f'[facts.section]\nvalue = "x"\nbasis = "unknown"\nnote = "n"\n{OUTLET}', "unknown keys ['value']"),
]  # fmt: skip


IMPOSSIBLE = [
    "2019-02-30", "2019-13", "2019-00-10", "2019-7-3", "2019-07-23T24:00:00", "2019-07-23T23:60", "2019-07-23T23:59:60",
    "0000-01-01", "2019-07-23 10:00", "2019-07-23T10", "2019-07-23T10:00:00Z", "2019-07-23T10:00:00+01:00", "20190723",
    "19-07-23", "2019-", "July 23, 2019", " 2019", "\uff12\uff10\uff11\uff19", "2019-07-23T10:00:00.5",
    "9999-12-31T23:59:59", "0201-09-07", "2o19",
]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "grain"),
    [
        ("2019", "year"),
        ("2019-07", "month"),
        ("2020-02-29", "day"),
        ("2019-07-23T00:00", "minute"),
        ("1702-03-11T23:59:59", "second"),
    ],
)
def test_a_date_has_the_precision_that_it_is_written_with(written: str, grain: str) -> None:
    assert precision(written) == grain


TOP_FAULTS = [
    ("spans = [", "colour = 3\nspans = [", "the record has unknown keys ['colour']"),
    ('article_id = "', 'article_ids = "', "the record lacks ['article_id']"),
    ('sha256 = "', 'sha256 = "0', "is not 64 lower-case hex digits"),
    ('sha256 = "', 'sha256 = 5 # "', "sha256 5 is not 64 lower-case hex digits"),
    ("spans = [", "facts = 3\nspans = [", "not TOML"),
    ("spans = [", "spans = [[", "not TOML"),
    ("spans = [", "\x00spans = [", "not TOML"),
]


FAULTS = [
    *((TITLE_SPAN, written, says) for written, says in SPAN_FAULTS),
    *FACT_FAULTS,
    *(
        (PUBLISHED, f'value = "{date}"', f"fact published: {date!r} is not a date; write e.g. 2019, 2019-07")
        for date in IMPOSSIBLE
    ),
    *((PUBLISHED, f"value = {date}", "is not a string") for date in ("2019-07-23", "2019-07-23T10:00:00")),
    *TOP_FAULTS,
]


@pytest.mark.parametrize(("old", "new", "says"), FAULTS, ids=[says[:50] for *_, says in FAULTS])
def test_a_fault_is_named_with_the_file(old: str, new: str, says: str, corpus: Corpus) -> None:
    folder = corpus.add(published_zone=None if "published_zone" in new else "-05:00")
    corpus.edit(folder, old, new)
    found = find_problems(corpus)
    assert has_problem(found, folder, says), found


CONTAINERS = [
    ("facts = 3", "facts must be a table"),
    ('facts = "x"', "facts must be a table"),
    ("facts = []", "facts must be a table"),
    ('facts.outlet_id = "x"', "fact outlet_id must be a table with value, basis, confidence"),
    ('facts.outlet_id = "a value"', "fact outlet_id is required; give it a value"),
    ("facts.outlet_id = 3", "fact outlet_id must be a table with value, basis, confidence"),
    ("facts.outlet_id = true", "fact outlet_id must be a table"),
    ("facts.outlet_id = ['value']", "fact outlet_id must be a table"),
    ("facts.section = 2019-01-01", "fact section must be a table"),
]


@pytest.mark.parametrize(("written", "says"), CONTAINERS)
@pytest.mark.parametrize("spans", ["[]", '"x"', "3", "[3]", "{ line = 1 }", "[[]]"])
def test_a_container_of_the_wrong_type_is_a_problem_and_no_crash(written: str, says: str, spans: str) -> None:
    record, found = parse_record(f'article_id = "x"\nsha256 = "y"\nspans = {spans}\n{written}\n')
    assert record is None
    assert any(says in problem for problem in found), found
    assert spans == "[]" or any("spans must be a list" in problem for problem in found), found


@pytest.mark.parametrize("depth", [99, 999, 99_999])
def test_brackets_in_brackets_are_a_problem_and_no_crash(depth: int) -> None:
    record, found = parse_record(f"spans = {'[' * depth}{']' * depth}")
    assert record is None
    assert found


def test_an_empty_record_lacks_all() -> None:
    assert parse_record("")[1][0] == "the record lacks ['article_id', 'facts', 'sha256', 'spans']"


def test_a_record_that_is_not_utf8_is_named(corpus: Corpus) -> None:
    folder = corpus.add()
    (folder / "record.toml").write_bytes(b'note = "caf\xe9"')
    assert has_problem(find_problems(corpus), folder, "not UTF-8")


def test_a_record_with_windows_line_ends_is_read(corpus: Corpus) -> None:
    folder = corpus.add()
    path = folder / "record.toml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert corpus.received()["article_id"].to_pylist() == [folder.name]


def test_bytes_that_are_not_those_of_the_record_stop_the_build_and_the_message_names_both(corpus: Corpus) -> None:
    folder = corpus.add()
    before = hashlib.sha256((folder / "source.txt").read_bytes()).hexdigest()
    (folder / "source.txt").write_bytes(b"A headline\n\nAnother text.\n")
    after = hashlib.sha256(b"A headline\n\nAnother text.\n").hexdigest()
    (problem,) = find_problems(corpus)
    for part in (before, after, str(folder / "source.txt"), str(folder / "record.toml"), "restore the source"):
        assert part in problem


def test_an_id_of_other_facts_is_named_with_the_one_that_they_give(corpus: Corpus) -> None:
    folder = corpus.add()
    corpus.edit(folder, PUBLISHED, 'value = "2020-01-03"')
    hash_part = folder.name[-8:]
    assert has_problem(find_problems(corpus), folder, f"outlet, day and hash give 'herald-20200103-{hash_part}'")


@pytest.mark.parametrize(
    ("published", "day"), [("2020", "undated"), ("2020-01", "undated"), ("2020-01-02T10:11", "20200102")]
)
def test_an_id_says_undated_where_no_day_is_known(published: str, day: str) -> None:
    facts = {
        name: Fact(name, value, "text", "high", None)
        for name, value in (("outlet_id", "herald"), ("published", published))
    }
    assert expected_id(Record("", "ab" * 32, (), facts)) == f"herald-{day}-abababab"


def test_all_faults_of_records_and_spans_of_all_articles_are_listed_in_one_error(corpus: Corpus) -> None:
    """A curator with two mistakes learns of both in one run."""
    first, second, third, fourth = (corpus.add(day=f"2020-01-0{day}") for day in range(1, 5))
    fifth = corpus.add(day="2020-01-05")
    (fifth / "source.txt").write_bytes(b"changed")
    corpus.edit(fifth, 'value = ["case-2020"]', 'value = ["case-3"]')
    corpus.add(day="2020-01-06")
    corpus.edit(first, TITLE_SPAN, '{ line = "1", start = -1, end = 0.5, role = "heading" }')
    corpus.edit(first, 'value = "full"', 'value = "free"')
    corpus.edit(second, 'value = ["case-2020"]', 'value = ["case-1", "case-2"]')
    corpus.edit(second, BODY_SPAN, '{ line = 3, start = 0, end = 41, role = "body" }')
    corpus.edit(third, OUTLET, OUTLET.replace('"high"', '"sure"'))
    corpus.edit(fourth, TITLE_SPAN, f'{TITLE_SPAN}, {{ line = 1, start = 2, end = 10, role = "date" }}')
    corpus.edit(fourth, 'value = ["case-2020"]', 'value = ["case-4"]')
    corpus.edit(fourth, 'value = "full"', 'value = "free"')
    found = find_problems(corpus)
    for folder, *says in (
        (first, "line is '1'", "end is 0.5", "there is no role 'heading'", "'free' is not one of"),
        (second, "'case-1'", "'case-2'", "no span covers '.'"),
        (third, "'sure' is not one of"),
        (fourth, "spans overlap", "'case-4'", "'free' is not one of"),
        (fifth, "have sha256", "'case-3'"),
    ):
        for what in says:
            assert has_problem(found, folder, what), (folder.name, what, found)


def test_a_span_that_does_not_fit_is_listed_beside_the_fault_of_another_record(corpus: Corpus) -> None:
    first, second = corpus.add(day="2020-01-01"), corpus.add(day="2020-01-02")
    corpus.edit(first, 'value = ["case-2020"]', 'value = ["case-1"]')
    corpus.edit(second, TITLE_SPAN, '{ line = 1, start = 0, end = 99, role = "title" }')
    found = find_problems(corpus)
    assert has_problem(found, first, "'case-1'")
    assert has_problem(found, second, "character 99 of line 1")


def test_spans_in_any_order_are_sorted(corpus: Corpus) -> None:
    folder = corpus.add()
    swapped = (folder / "record.toml").read_text(encoding="utf-8")
    swapped = swapped.replace(TITLE_SPAN, "HERE").replace(BODY_SPAN, TITLE_SPAN).replace("HERE", BODY_SPAN)
    (folder / "record.toml").write_text(swapped, encoding="utf-8")
    (row,) = corpus.received().to_pylist()
    assert [(one["line"], one["role"]) for one in row["spans"]] == [(1, "title"), (3, "body")]


WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(str.strip)
LISTS = st.lists(WORDS, min_size=1, max_size=3, unique=True)
NOTES = st.none() | WORDS


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Draw a record whose facts hold any text that a curator can type."""
    facts = {}
    for name in ("outlet_id", "authors", "section", "event_ids", "rights_tier", "rights_basis"):
        value: str | list[str] = draw(LISTS) if FACTS[name] is list else draw(WORDS)
        value = "herald" if name == "outlet_id" else "open" if name == "rights_tier" else value
        facts[name] = Fact(name, value, "text", draw(st.sampled_from(["high", "low"])), draw(NOTES))
    facts["updated"] = Fact("updated", None, "unknown", None, draw(WORDS))
    starts = sorted(draw(st.sets(st.integers(0, 99), min_size=1, max_size=5)))
    spans = tuple(Span(1, start, start + 1, "body") for start in starts)
    sha256 = "0f" * 32
    return Record(f"herald-undated-{sha256[:8]}", sha256, spans, {name: facts[name] for name in FACTS if name in facts})


@PROPERTY
@given(records())
def test_a_record_that_is_written_reads_back_the_same(record: Record) -> None:
    assert parse_record(sidecar_text(record)) == (record, [])


@PROPERTY
@given(st.text(max_size=80) | st.binary(max_size=60).map(lambda data: data.decode("latin-1")))
def test_any_text_at_all_parses_or_gives_problems(text: str) -> None:
    record, found = parse_record(text)
    assert record is not None or found


KEYS = ["line", "start", "end", "role", "value", "basis", "confidence", "note", "outlet_id", "published", "event_ids"]
SIMPLE = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)
SCRAPS = st.recursive(
    SIMPLE | st.sampled_from(["text", "unknown", "title", "value", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)


@PROPERTY
@given(spans=SCRAPS, facts=SCRAPS, name=SCRAPS, sha256=SCRAPS)
def test_a_record_of_any_shape_gives_problems_and_no_crash(
    spans: object, facts: object, name: object, sha256: object
) -> None:
    from espress_build.inputs.record import _problems, _unregistered

    assert list(_problems({"spans": spans, "facts": facts, "article_id": name, "sha256": sha256}))
    assert all(isinstance(problem, str) for problem in _unregistered(facts, REGISTRIES))


def test_the_real_records_are_as_this_code_would_write_them() -> None:
    for folder in real_articles():
        text = (folder / "record.toml").read_text(encoding="utf-8")
        record, found = parse_record(text)
        assert found == []
        assert record is not None
        assert parse_record(sidecar_text(record)) == (record, [])
    table, problems = ingest(list(real_articles()), real_registries(), PARAMS)
    assert problems == []
    assert table["article_id"].to_pylist() == [folder.name for folder in real_articles()]
