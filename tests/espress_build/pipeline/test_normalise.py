"""What the sidecar states becomes columns; what it does not state stays null, and each fact keeps its basis."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress_build.pipeline.helpers import Corpus, real_tables, run_up_to, span

from espress.schema import schema

if TYPE_CHECKING:
    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries


@pytest.fixture
def article(corpus: Corpus, registries: Registries, params: Params) -> Any:
    """Return a function that builds one article of these facts and gives its row."""

    def build(*arguments: Any, **facts: Any) -> dict[str, Any]:
        corpus.add(*arguments, **facts)
        tables = run_up_to("segment", corpus.tables(registries, params), params)
        assert tables["rejects"].num_rows == 0
        (row,) = tables["articles"].to_pylist()
        return dict(row)

    return build


DATES = [
    ("2020", "year", None, None),
    ("2020-02", "month", None, None),
    ("2020-02-29", "day", date(2020, 2, 29), None),
    ("2020-02-29T23:30", "minute", date(2020, 2, 29), None),
    ("2020-02-29T23:30:05", "second", date(2020, 2, 29), datetime(2020, 3, 1, 4, 30, 5, tzinfo=UTC)),
]


@pytest.mark.parametrize(("published", "grain", "day", "instant"), DATES)
def test_a_date_is_told_no_finer_than_it_is_known(
    published: str, grain: str, day: date, instant: datetime, article: Any
) -> None:
    row = article(day=published[:10] if len(published) >= 10 else "", published=published, published_zone="-05:00")
    assert (row["published"], row["published_precision"]) == (published, grain)
    assert row["published_date"] == day
    assert row["published_at"] == instant


def test_a_second_without_a_zone_is_no_instant(article: Any) -> None:
    row = article(published="2020-01-02T10:00:00")
    assert (row["published_at"], row["published_zone"], row["published_date"]) == (None, None, date(2020, 1, 2))


def test_the_day_is_the_outlets_and_not_that_of_utc(article: Any) -> None:
    row = article(published="2020-01-02T00:30:00", published_zone="+13:00")
    assert row["published_date"] == date(2020, 1, 2)
    assert row["published_at"] == datetime(2020, 1, 1, 11, 30, tzinfo=UTC)


def test_no_authors_and_unknown_authors_are_told_apart(corpus: Corpus, registries: Registries, params: Params) -> None:
    corpus.add(day="2020-01-01", authors=[])
    corpus.add(day="2020-01-02")
    unknown = corpus.add(day="2020-01-03", authors=["A"])
    corpus.edit(unknown, 'value = ["A"]\nbasis = "text"\nconfidence = "high"', 'basis = "unknown"\nnote = "not shown"')
    corpus.add(day="2020-01-04", authors=["A. Writer", "B. Writer"])
    rows = run_up_to("normalise", corpus.tables(registries, params), params)["articles"].to_pylist()
    assert [row["authors"] for row in rows] == [[], None, None, ["A. Writer", "B. Writer"]]
    assert {"field": "authors", "basis": "unknown", "confidence": None, "note": "not shown"} in rows[2]["basis"]


def test_facts_stand_in_the_columns_that_the_schema_names(article: Any) -> None:
    facts = {
        "agency_id": "wire", "republisher_id": "mirror-site", "section": "News; World", "event_country": "NZ",
        "url": "https://mirror.example/1?a=b", "url_kind": "copy", "updated": "2020-01-03", "rights_tier": "hydrate",
        "rights_basis": "quotation", "event_ids": ["trial-2021", "case-2020"],
    }  # fmt: skip
    row = article(**facts)
    assert (row["outlet"], row["outlet_country"]) == ("The Herald", "NZ")
    assert (row["agency"], row["republisher"]) == ("Wire Service", "Mirror Site")
    assert row["updated_date"] == date(2020, 1, 3)
    assert row["event_ids"] == ["trial-2021", "case-2020"]
    for name in ("section", "event_country", "url", "url_kind", "rights_tier", "rights_basis"):
        assert row[name] == facts[name]


def test_what_is_not_stated_is_null(article: Any) -> None:
    row = article(outlet="tribune", day="", published=None)
    absent = (
        "outlet_country agency republisher section published published_precision published_date published_at "
        "published_zone updated_date event_country url url_kind rights_basis dateline standfirst"
    )
    for name in absent.split():
        assert row[name] is None, name
    assert row["article_id"].startswith("tribune-undated-")


def test_label_columns_wait_for_the_labels(article: Any) -> None:
    row = article()
    labels = [column.name for column in schema().table("articles").columns if column.labels]
    assert labels
    assert [row[name] for name in labels] == [None] * len(labels)


def test_every_basis_entry_speaks_of_a_column(article: Any) -> None:
    source = "A headline\n\nAuckland – It rained. It poured.\n"
    spans = [span(1, 0, 10, "title"), span(3, 0, 10, "dateline"), span(3, 11, 32, "body")]
    row = article(source, spans, agency_id="wire", republisher_id="mirror-site", updated="2020-01-03", authors=["A"])
    named = [entry["field"] for entry in row["basis"]]
    assert set(named) <= {column.name for column in schema().table("articles").columns}
    assert named == sorted(named)
    assert len(set(named)) == len(named)
    assert {"agency", "republisher", "updated_date", "dateline", "outlet_country"} <= set(named)


def test_the_dateline_stands_in_the_text_also_where_the_source_is_not_in_nfc(article: Any) -> None:
    source = "A headline\n\nPrague, Za\u0301r\u030ci\u0301 3 \u2013 It rained. It poured.\n"
    end = source.split("\n")[2].index("\u2013") + 1
    spans = [span(1, 0, 10, "title"), span(3, 0, end, "dateline"), span(3, end + 1, len(source.split("\n")[2]), "body")]
    row = article(source, spans)
    assert row["dateline"] == "Prague, Z\u00e1\u0159\u00ed 3 \u2013"
    assert row["text"].startswith(row["dateline"])


def test_names_are_written_as_the_text_writes_them(article: Any) -> None:
    row = article(authors=["Jan Dvor\u030ca\u0301k"], section="Dom\u00e1ci\u0301")
    assert row["authors"] == ["Jan Dvo\u0159\u00e1k"]
    assert row["section"] == "Dom\u00e1c\u00ed"


def test_typographic_characters_stay_as_they_are(article: Any) -> None:
    body = "\u201cIt\u2019s \u2018so\u2019,\u201d she said \u2014\u2026 \u00ab\u00a0Oui\u00a0\u00bb \ufb01ve \u00bd"
    row = article(f"A headline\n\n{body}\n")
    assert row["text"] == body


def test_hashes_and_counts_are_those_of_text_and_source(article: Any) -> None:
    source = "\ufeffA headline\r\n\r\nIt rained in e\u0301te\u0301.\r\n\r\nThen it's over.\r\n"
    row = article(source)
    assert row["raw_sha256"] == hashlib.sha256(source.encode()).hexdigest()
    assert row["text"] == "It rained in \u00e9t\u00e9.\n\nThen it's over."
    assert row["text_sha256"] == hashlib.sha256(row["text"].encode()).hexdigest()
    assert (row["n_paragraphs"], row["n_words"], row["n_sentences"]) == (2, 7, 3)
    assert (row["source_bytes"], row["kept_bytes"]) == (
        len(source.encode()),
        len("A headlineIt rained in e\u0301te\u0301.Then it's over.".encode()),
    )


def test_a_title_of_two_lines_is_joined_by_a_space_and_a_standfirst_by_a_blank_line(article: Any) -> None:
    source = "A long\nheadline\nFirst.\nSecond.\nBody.\n"
    roles = ("title", "title", "standfirst", "standfirst", "body")
    spans = [
        span(at, 0, len(line), role) for at, (line, role) in enumerate(zip(source.splitlines(), roles, strict=True), 1)
    ]
    row = article(source, spans)
    assert (row["title"], row["standfirst"], row["text"]) == ("A long headline", "First.\n\nSecond.", "Body.")


def test_the_real_articles_are_what_their_curators_state() -> None:
    rows = {row["article_id"].rpartition("-")[0]: row for row in real_tables()["articles"].to_pylist()}
    wire = rows["expats-cz-20191126"]
    assert (wire["agency"], wire["authors"], wire["dateline"]) == ("ČTK", [], "Prague, Nov 26 (CTK) –")
    assert wire["published_at"] == datetime(2019, 11, 26, 12, 53, 51, tzinfo=UTC)
    copy = rows["global-times-20241028"]
    assert (copy["authors"], copy["republisher"], copy["url_kind"]) == (None, "lsjkfq.com.cn", "copy")
    assert copy["event_ids"] == ["wsj-mfa-2024", "mss-warning-2024"]
    assert rows["global-times-20191106"]["published_at"] == datetime(2019, 11, 6, 11, 13, 40, tzinfo=UTC)
    for row in rows.values():
        assert row["title"]
        assert row["rights_tier"] == "full"
        for furniture in (
            "Reading time",
            "Did you like",
            "Follow Frank",
            "mailing list",
            "Leave a Reply",
            "1 comment on",
            "donation",
        ):
            assert furniture not in row["text"]
