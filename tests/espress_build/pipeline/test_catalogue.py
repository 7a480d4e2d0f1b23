"""Catalogue entries become rows with facts and the codes of each coder; every fault of raw/catalogue is reported."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.espress_build.pipeline.helpers import PARAMS, PROPERTY, REGISTRIES, real_articles, real_registries
from tests.helpers import PROJECT

from espress.errors import InputError
from espress.schema import schema
from espress.urls import page_key
from espress_build.docs import catalogue
from espress_build.inputs.catalogue import FACTS, catalogue_id, read_catalogue
from espress_build.inputs.wire_stories import group_wire_stories
from espress_build.labels import opening_agreement
from espress_build.pipeline.package import write_parquet

if TYPE_CHECKING:
    from pathlib import Path


A = ("catalogue_id", "genre", "named_side", "voice", "confidence")
B = ("catalogue_id", "genre", "named_state", "named_actor_type", "main_news", "voice", "balance", "confidence")
BARS = ("domain", "reason", "basis", "confidence", "note")


def entry(url: str, **facts: str) -> dict[str, str]:
    """Return a sound row of catalogue.csv."""
    needed = {"outlet_id": "herald", "language": "en", "event_id": "case-2020", "event_country": "NZ"}
    return dict.fromkeys(FACTS, "") | {"catalogue_id": catalogue_id(url), "url": url} | needed | facts


def write(raw: Path, name: str, columns: tuple[str, ...], rows: list[dict[str, str]]) -> Path:
    """Write one file of raw/catalogue; returns it."""
    path = raw / "catalogue" / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def find_problems(raw: Path) -> list[str]:
    """Return the problems that reading finds."""
    with pytest.raises(InputError) as error:
        read_catalogue(raw, REGISTRIES, PARAMS)
    return error.value.problems


def test_no_folder_means_no_entries(tmp_path: Path) -> None:
    assert read_catalogue(tmp_path, REGISTRIES, PARAMS).num_rows == 0


def test_a_row_has_its_facts_the_registrys_and_each_coders_codes_apart(tmp_path: Path) -> None:
    first, second = (
        entry("https://herald.example/1", published="2020-01-02", published_source="url"),
        entry(
            "https://tribune.example/2",
            outlet_id="tribune",
            event_id="other-cases",
            published="2020-01",
            published_source="index",
        ),
    )
    write(tmp_path, "catalogue", FACTS, [first, second])
    write(
        tmp_path, "codes_a", A, [dict(zip(A, (first["catalogue_id"], "news", "a firm", "reports", "low"), strict=True))]
    )
    codes_b = (first["catalogue_id"], "wire", "", "firm", "denial", "denies", "balanced", "high")
    write(tmp_path, "codes_b", B, [dict(zip(B, codes_b, strict=True))])
    rows = {row["url"]: row for row in read_catalogue(tmp_path, REGISTRIES, PARAMS).to_pylist()}
    one, other = rows["https://herald.example/1"], rows["https://tribune.example/2"]
    assert (one["outlet"], one["outlet_country"], one["event_kind"]) == ("The Herald", "NZ", "event")
    assert (one["opening_voice_a"], one["opening_voice_b"]) == ("reports", "denies")
    assert (one["opening_genre_a"], one["opening_genre_b"]) == ("news", "wire")
    assert one["opening_named_state_b"] is None
    assert (one["published_precision"], one["published_date"]) == ("day", date(2020, 1, 2))
    assert (other["outlet_country"], other["event_kind"], other["opening_voice_a"]) == (None, "bucket", None)
    assert (other["published_precision"], other["published_date"]) == ("month", None)
    assert not one["own_article"]
    assert one["fetch"] == "may_fetch"


def test_an_empty_line_and_one_address_twice_are_clear_errors(tmp_path: Path) -> None:
    rows = [entry("https://www.herald.example/a"), entry("http://herald.example/a/?utm_source=x")]
    path = write(tmp_path, "catalogue", FACTS, rows)
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines[:2], "", lines[2]]) + "\n", encoding="utf-8")
    empty, twice = find_problems(tmp_path)
    assert "line 3: the line is empty" in empty
    assert "line 4" in twice
    assert all(row["catalogue_id"] in twice for row in rows)
    assert "(line 2) have the same address" in twice


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"outlet_id": "nobody"}, "outlet_id 'nobody' is not in schema/registries/outlets.toml"),
        ({"agency_id": "nobody"}, "agency_id 'nobody'"),
        ({"event_id": "nothing"}, "event_id 'nothing' is not in schema/registries/events.toml"),
        ({"event_country": ""}, "event_country must not be empty"),
        ({"catalogue_id": "cat-000000000000"}, f"is {catalogue_id('https://herald.example/1')}, not cat-000000000000"),
        ({"published": "2020-13", "published_source": "url"}, "it must be a month or a day"),
        ({"published": "2020", "published_source": "url"}, "it must be a month or a day"),
        ({"published": "2020-01"}, "published and published_source go together"),
    ],
)  # fmt: skip
def test_a_wrong_fact_is_named_with_its_line(facts: dict[str, str], message: str, tmp_path: Path) -> None:
    write(tmp_path, "catalogue", FACTS, [entry("https://herald.example/1") | facts])
    (problem,) = find_problems(tmp_path)
    assert "catalogue.csv, line 2" in problem
    assert message in problem


def test_codes_of_nothing_and_twice_and_broken_files_are_all_listed(tmp_path: Path) -> None:
    row = entry("https://herald.example/1")
    write(tmp_path, "catalogue", FACTS, [row])
    coded = [
        dict.fromkeys(A, "x") | {"catalogue_id": name} for name in (row["catalogue_id"], "cat-1", row["catalogue_id"])
    ]
    write(tmp_path, "codes_a", A, coded)
    (tmp_path / "catalogue" / "codes_b.csv").write_bytes(b"catalogue_id\xff\n")
    (tmp_path / "catalogue" / "codes_c.csv").write_text("catalogue_id,voice\n", encoding="utf-8")
    problems = find_problems(tmp_path)
    assert ["cat-1 is in no row" in problems[0], "is coded twice" in problems[1]] == [True, True]
    assert "codes_b.csv" in problems[2]
    assert "codes_c.csv: the first line must name the columns ['catalogue_id']" in problems[3]


def test_a_barred_domain_bars_all_below_it_and_no_lookalike(tmp_path: Path) -> None:
    urls = ["https://old.herald.example/1", "http://herald.example./2", "https://notherald.example/3"]
    write(tmp_path, "catalogue", FACTS, [entry(url) for url in urls])
    bar = dict(zip(BARS, ("herald.example", "reused_domain", "look-up", "high", "a note"), strict=True))
    write(tmp_path, "do_not_fetch", BARS, [bar])
    rows = {row["url"]: row for row in read_catalogue(tmp_path, REGISTRIES, PARAMS).to_pylist()}
    assert [rows[url]["fetch"] for url in urls] == ["do_not_fetch", "do_not_fetch", "may_fetch"]
    assert [rows[url]["fetch_reason"] for url in urls] == ["reused_domain", "reused_domain", None]
    assert rows[urls[0]]["fetch_basis"] == "look-up"


def test_a_withdrawn_article_leaves_its_entry_and_no_link(tmp_path: Path) -> None:
    write(tmp_path, "catalogue", FACTS, [entry("https://herald.example/1", article_id="herald-20200102-00000000")])
    (linked,) = read_catalogue(tmp_path, REGISTRIES, PARAMS).to_pylist()
    gone = frozenset({"herald-20200102-00000000"})
    (row,) = read_catalogue(tmp_path, REGISTRIES, PARAMS, gone).to_pylist()
    assert linked["article_id"] == "herald-20200102-00000000"
    assert (row["article_id"], row["own_article"]) == (None, True)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://a.example/x", "http://www.a.example/x/", True),
        ("https://a.example/x?b=1&a=2", "https://m.a.example/x?a=2&b=1&fbclid=9#top", True),
        ("https://a.example/%C3%A9", "https://a.example/é", True),
        ("https://a.example/x/amp", "https://amp.a.example/x", True),
        ("https://a.example:8080/x", "https://a.example/x", False),
        ("https://a.example/?p=1", "https://a.example/?p=2", False),
        ("https://b.a.example/x", "https://a.example/x", False),
        ("https://m.example/x", "https://example/x", False),
        ("https://a.example/X", "https://a.example/x", False),
    ],
)
def test_addresses_of_one_page_have_one_key(one: str, other: str, same: bool) -> None:  # noqa: FBT001
    assert (page_key(one) == page_key(other)) == same


def wire(number: int, day: int, **changes: Any) -> dict[str, Any]:
    """Return a row as the rule for wire stories takes it."""
    about: dict[str, Any] = {
        "catalogue_id": f"cat-{number}",
        "outlet_id": f"site-{number}",
        "republisher_id": None,
        "agency_id": "wire",
    }
    about |= {"event_id": "case-2020", "language": "en", "published_date": date(2020, 1, 1) + timedelta(day)}
    return about | changes


def test_a_wire_story_is_one_agency_event_language_and_neighbouring_days_on_two_sites() -> None:
    apart: list[dict[str, Any]] = [
        {"agency_id": "other"}, {"agency_id": None}, {"event_id": "trial-2021"}, {"language": "cs"},
        {"published_date": None}, {"published_date": date(2020, 1, 3)}, {"outlet_id": "site-1"},
        {"republisher_id": "site-1"},
    ]  # fmt: skip
    assert all(group_wire_stories([wire(1, 0), wire(2, 0, **changes)], set(), 1) == {} for changes in apart)
    story = {"wire_group_candidate": "cat-1", "wire_group_basis": "same_day"}
    later = {"wire_group_candidate": "cat-1", "wire_group_basis": "neighbouring_day"}
    assert group_wire_stories([wire(3, 1), wire(1, 0), wire(2, 0)], set(), 1) == {
        "cat-1": story,
        "cat-2": story,
        "cat-3": later,
    }
    at_home = wire(4, 0, outlet_id="wire", agency_id=None)
    assert set(group_wire_stories([wire(1, 0), at_home], {"wire"}, 1)) == {"cat-1", "cat-4"}


@PROPERTY
@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from("xy"), st.sampled_from("pq")), max_size=12), st.randoms())
def test_wire_groups_do_not_hang_on_the_order_of_rows(drawn: list[tuple[int, str, str]], random: Any) -> None:
    rows = [wire(n, day, agency_id=agency, event_id=event) for n, (day, agency, event) in enumerate(drawn)]
    shuffled = random.sample(rows, len(rows))
    found = group_wire_stories(rows, set(), 1)
    assert group_wire_stories(shuffled, set(), 1) == found
    groups = [one["wire_group_candidate"] for one in found.values()]
    assert all(groups.count(group) > 1 and group in found for group in groups)


@cache
def read_real() -> Any:
    """Return the project's own catalogue."""
    return read_catalogue(PROJECT / "raw", real_registries(), PARAMS)


def test_the_real_catalogue_has_its_rows_with_own_articles_linked_and_no_text() -> None:
    rows = read_real().to_pylist()
    assert len(rows) == 446
    assert sorted(row["article_id"] for row in rows if row["own_article"]) == [path.name for path in real_articles()]
    assert sum(row["opening_voice_b"] is None for row in rows) == 66
    assert all(row["opening_voice_a"] for row in rows)
    assert {row["outlet_id"] for row in rows} <= set(real_registries().outlets)
    assert {row["fetch_reason"] for row in rows} == {None, "reused_domain", "dead_domain"}
    assert not {"title", "text", "standfirst"} & {column.name for column in schema().table("catalogue").columns}
    assert max(len(row[name] or "") for row in rows for name in ("outlet_note", "opening_named_side_a")) < 60


def test_no_two_outlets_share_a_name_or_domain_and_every_country_has_its_basis() -> None:
    held: dict[str, str] = {}
    for key, row in real_registries().outlets.items():
        for one in {row["name"], *row["aliases"], *(f"domain {name}" for name in row["domains"])}:
            assert held.setdefault(one, key) == key, one
        facts = [fact for fact in row["facts"] if fact["field"] == "country"]
        assert bool(facts) == (row["country"] is not None), key
        assert all(one["source"] or one["note"] for one in facts), key


def test_agreement_leaves_own_rows_out_and_draws_events_together(tmp_path: Path) -> None:
    table = read_real()
    (tmp_path / "data").mkdir()
    write_parquet(tmp_path / "data" / "catalogue.parquet", [table], "catalogue", PARAMS.package)
    voice = next(line for line in catalogue.describe_agreement(tmp_path).splitlines() if "`opening_voice` " in line)
    cells = [cell.strip() for cell in voice.strip("|").split("|")]
    assert cells[1] == "375"
    assert (cells[3], cells[4], cells[5]) == ("0.869", "0.597", "[0.49, 0.70]")
    assert "441, and 5 for the corpus's own articles" in catalogue.count_entries(tmp_path)
    event = {"event_id": "case-2020", "event_kind": "event", "catalogue_id": "cat-1"}
    assert opening_agreement._name_cluster(event) == "case-2020"
    assert opening_agreement._name_cluster(event | {"event_kind": "bucket"}) == "cat-1"
