"""The tables of a hydrated folder, and `espress.load(hydrated=…)`."""

from __future__ import annotations

import hashlib
import re
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from tests.espress_build.hydrate.site import (
    PAGES,
    VERSION,
    Site,
    World,
    added,
    expected,
    read_in_this_process,
    write_dataset,
)
from tests.web_server import serving

import espress
from espress.errors import DamagedDataError, InputError, UnknownNameError
from espress_build.hydrate import drafts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = sorted(path.name for path in PAGES.glob("*.html"))


@pytest.fixture(scope="module")
def filled(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world whose pages are all fetched; tests leave it as it is."""
    with serving(Site()) as site, pytest.MonkeyPatch.context() as patch:
        patch.setattr(drafts, "read_pages", read_in_this_process)
        world = World(project, tmp_path_factory.mktemp("filled"), site, NAMES)
        world.hydrate()
        yield world


@pytest.mark.parametrize("name", NAMES)
def test_a_fetched_page_becomes_its_article(filled: World, name: str) -> None:
    row = next(row for row in added(filled.load()) if row["url"].endswith(f"/{name}"))
    gold = expected(name)
    assert row["title"] == gold["title"]
    assert row["text"] == gold["text"]
    assert str(row["published_date"]) == gold["published_date"]
    assert row["raw_sha256"] == hashlib.sha256(filled.site.pages[f"/{name}"][2]).hexdigest()


def test_facts_of_the_catalogue_are_facts_of_the_article(filled: World) -> None:
    catalogue = {row["article_id"]: row for row in filled.load("catalogue").to_pylist() if not row["own_article"]}
    for row in added(filled.load()):
        told = catalogue[row["article_id"]]
        assert (row["outlet_id"], row["event_ids"]) == (told["outlet_id"], [told["event_id"]])
        assert (row["event_country"], row["url"]) == (told["event_country"], told["url"])
        record = (filled.folder / "raw" / "articles" / row["article_id"] / "record.toml").read_text(encoding="utf-8")
        assert f'note = "from the catalogue, {told["catalogue_id"]}"' in record


def test_a_missing_page_is_a_reject(filled: World) -> None:
    (row,) = filled.load("rejects").to_pylist()
    assert (row["id"], row["stage"], row["reason"]) == (filled.missing["catalogue_id"], "hydrate", "not_found")


def test_a_date_of_the_page_wins_unless_the_catalogue_is_more_exact() -> None:
    row = dict.fromkeys(("republisher_id", "agency_id"), None) | {
        "catalogue_id": "cat-1", "outlet_id": "o", "event_id": "e", "event_country": "CZ", "url": "https://o.example/a",
    }  # fmt: skip
    for shown, told, stated in (
        ("2019-07-23T10:00", "2019-07-23", None), ("2019-07-22", "2019-07-23", None), ("2019", "2019-07", "2019-07"),
        (None, "2019-07", "2019-07"), ("soon", "2019-07", "2019-07"), (None, None, None),
    ):  # fmt: skip
        fact = drafts.state_facts(row | {"published": told}, shown).get("published")
        assert (fact.value if fact else None) == stated


def test_joined_tables_pass_the_checks_of_the_corpus(filled: World, tmp_path: Path) -> None:
    from espress_build.checks.validate import validate

    copy = shutil.copytree(filled.source, tmp_path / "both")
    for path in (copy / "data").glob("*.parquet"):
        config, _, split = path.stem.partition("-")
        pq.write_table(filled.load(config, split=split or None), path)
    # Splits cover the corpus only, entries name articles that it does not hold, the server is no outlet's site, and the
    # invented pages are older than the events that they are tied to.
    expected_here = {"splits-whole", "catalogue-own", "catalogue-site", "dates-follow-event"}
    assert {found.check for found in validate(copy, range(2, 5)).errors} == expected_here


@pytest.mark.parametrize("config", ["articles", "sentences", "rejects", "catalogue", "entries", "events"])
def test_every_form_gives_the_same_rows(filled: World, config: str) -> None:
    table = filled.load(config)
    alone = espress.load(config, source=filled.source, as_="arrow")
    assert table.schema == alone.schema
    grown = {"articles": len(NAMES), "rejects": 1, "sentences": table.num_rows - alone.num_rows}.get(config, 0)
    assert table.num_rows == alone.num_rows + grown
    assert filled.load(config, streaming=True).read_all().to_pylist() == table.to_pylist()
    data = filled.load(config, as_="datasets")
    assert data.features == espress.load(config, source=filled.source).features
    assert len(data) == len(filled.load(config, as_="pandas")) == filled.load(config, as_="polars").height
    assert list(filled.load(config, as_="datasets", streaming=True)) == list(data)


def test_rows_are_filtered_in_both_parts(filled: World) -> None:
    for streaming in (False, True):
        rows = filled.load(where={"language": ["cs", "en"]}, streaming=streaming)
        chosen = (rows.read_all() if streaming else rows).to_pylist()
        assert {row["rights_tier"] for row in chosen} == {"full", "hydrate"}
        assert {row["language"] for row in chosen} == {"cs", "en"}
    with pytest.raises(UnknownNameError, match="languag"):
        filled.load(where={"languag": "cs"})


def test_blocks_link_both_parts(filled: World) -> None:
    rows = {row["article_id"]: row for row in filled.load().to_pylist()}
    mine = {key: row for key, row in rows.items() if row["rights_tier"] == "hydrate"}
    assert len({row["block_id"] for row in mine.values()}) == 1, "one outlet, one block"
    shared = {row["outlet_id"] for row in mine.values()}
    for row in rows.values():  # articles of one outlet are in one block, in both parts
        if row["outlet_id"] in shared:
            assert row["block_id"] == next(iter(mine.values()))["block_id"]
    blocks = {row["article_id"]: row["block_id"] for row in rows.values()}
    for row in filled.load("entries").to_pylist():
        assert row["block_id"] == blocks[row["article_id"]]
        assert row["block_id"] in rows


def test_a_folder_of_other_data_is_refused(filled: World, tmp_path: Path, project: Path) -> None:
    with pytest.raises(InputError, match=f"version {re.escape(VERSION)};.*--limit 0"):
        espress.load("articles", source=project / "dataset", hydrated=filled.folder)
    other = write_dataset(project, tmp_path / "other", [])
    with pytest.raises(InputError, match=r"rebuilt.*--limit 0"):
        espress.load("articles", source=other, hydrated=filled.folder)


def test_a_missing_incomplete_or_damaged_folder_is_refused(filled: World, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"does not exist. Check the name"):
        filled.load(hydrated=tmp_path / "nowhere")
    copy = shutil.copytree(filled.folder, tmp_path / "copy")
    with (copy / "data" / "articles.parquet").open("r+b") as file:
        file.write(b"XXXX")
    with pytest.raises(DamagedDataError, match=r"articles.parquet changed after it was written.*--limit 0"):
        filled.load(hydrated=copy)
    (copy / "hydrated.json").write_text("{", encoding="utf-8")
    with pytest.raises(DamagedDataError, match=r"hydrated.json cannot be read"):
        filled.load(hydrated=copy)
    (copy / "hydrated.json").unlink()
    with pytest.raises(InputError, match=r"not complete: a run is using it, or was stopped. Continue with"):
        filled.load(hydrated=copy)


def test_a_page_that_stops_a_stage_loses_only_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from espress_build.pipeline import mask, stages

    name = world.ids["arc-en.html"]
    real = mask.mask

    def failing(tables: Any, params: Any) -> Any:
        if any(url.endswith("arc-en.html") for url in tables["articles"]["url"].to_pylist()):
            raise ArithmeticError("of an odd page")
        return real(tables, params)

    failing.__name__ = "mask"
    given = tuple(replace(one, run=failing) if one.name == "mask" else one for one in stages.STAGES)
    monkeypatch.setattr(stages, "STAGES", given)
    done = world.hydrate()
    assert (done.articles, done.reasons) == (1, {"no_article": 1, "not_found": 1})
    assert world.reasons()[name] == "no_article"
