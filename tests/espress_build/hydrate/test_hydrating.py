"""From pointers to tables and to `espress.load`, against a server on this machine."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import signal
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from tests.espress_build.hydrate.pointing import PAGES, VERSION, Site, dataset_of, expected, pointer, serving
from tests.espress_build.hydrate.server import article, endless, redirect
from tests.espress_build.hydrate.server import response as answer
from tests.espress_build.pages.archives import record, response

import espress
from espress.errors import DamagedDataError, InputError, UnknownNameError
from espress_build.hydrate import drafts
from espress_build.hydrate import tables as building
from espress_build.hydrate.choose import Choice, take_turns
from espress_build.hydrate.folder import open_folder
from espress_build.hydrate.run import hydrate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tests.espress_build.hydrate.server import Server

    from espress_build.hydrate.corpus import Corpus
    from espress_build.hydrate.folder import Folder
    from espress_build.hydrate.log import History
    from espress_build.hydrate.outcomes import Outcome
    from espress_build.hydrate.summary import Hydrated

NAMES = sorted(path.name for path in PAGES.glob("*.html"))
WALL = b"<html><head><title>Sign in</title></head><body><form><input type=password></form><p>Sign in</body></html>"


def in_this_process(rows: Iterable[Any], home: Folder, history: History, corpus: Corpus) -> Iterator[Outcome]:
    """Read pages without the processes that guard against bad ones: their libraries take seconds to load."""
    for job in drafts.list_jobs(rows, home, history):
        yield drafts.read_job(job, corpus.registries, corpus.params)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "read_pages", in_this_process)


def dated(day: str) -> dict[str, Any]:
    """Return what a pointer says of a day of publication."""
    known = {"published_date": date.fromisoformat(day), "published_precision": "day", "published_source": "page"}
    return {"published": day, **known}


class World:
    """A site, a dataset that points at its pages, and a folder to hydrate."""

    def __init__(self, project: Path, folder: Path, base: str, site: Site, names: list[str], *more: str) -> None:
        """Serve the pages of those names, and point at them and at `more` paths."""
        self.site, self.base, self.folder = site, base, folder / "mine"
        told = {site.put(name, base): expected(name) for name in names}
        pointers = [pointer(url, language=one["language"], **dated(one["published_date"])) for url, one in told.items()]
        self.ids = {name: one["catalogue_id"] for name, one in zip(names, pointers, strict=True)}
        self.source = dataset_of(project, folder / "dataset", pointers + [pointer(base + path) for path in more])

    def hydrate(self, **how: Any) -> Hydrated:
        """Hydrate the folder, quickly and without an archive unless told otherwise."""
        given: dict[str, Any] = {"source": self.source, "delay": 0, "allow_private": True, "archive": None}
        return hydrate(self.folder, **(given | how))

    def load(self, config: str = "articles", **how: Any) -> Any:
        """Load a table of both, as Arrow unless told otherwise."""
        load: Any = espress.load
        return load(config, **({"source": self.source, "hydrated": self.folder, "as_": "arrow"} | how))

    def asked(self) -> list[tuple[str, int]]:
        """Return what was asked since the last call, robots.txt aside."""
        asked = [one for one in self.site.asked if one[0] != "/robots.txt"]
        self.site.asked.clear()
        return sorted(asked)

    def reasons(self) -> dict[str, str]:
        """Return why pointers have no article."""
        return {row["id"]: row["reason"] for row in self.load("rejects").to_pylist()}


@pytest.fixture(scope="module")
def filled(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world whose pages are all fetched; tests leave it as it is."""
    site = Site()
    with serving(site) as base, pytest.MonkeyPatch.context() as patch:
        patch.setattr(drafts, "read_pages", in_this_process)
        world = World(project, tmp_path_factory.mktemp("filled"), base, site, NAMES, "/none.html")
        world.hydrate()
        yield world


@pytest.fixture
def small(project: Path, tmp_path: Path) -> Iterator[World]:
    """A world of two pages and a missing one, with nothing fetched."""
    site = Site()
    with serving(site) as base:
        yield World(project, tmp_path, base, site, ["arc-en.html", "wordpress-cs.html"], "/none.html")


def added(table: Any) -> list[dict[str, Any]]:
    return [row for row in table.to_pylist() if row.get("rights_tier") == "hydrate"]


# ---- the tables hold what the pages hold


@pytest.mark.parametrize("name", NAMES)
def test_a_fetched_page_becomes_the_article_that_it_holds(filled: World, name: str) -> None:
    row = next(row for row in added(filled.load()) if row["url"].endswith(f"/{name}"))
    gold = expected(name)
    assert row["title"] == gold["title"]
    assert row["text"] == gold["text"]
    assert str(row["published_date"]) == gold["published_date"]
    assert row["raw_sha256"] == hashlib.sha256(filled.site.pages[f"/{name}"][2]).hexdigest()


def test_articles_of_a_folder_are_as_propose_reads_the_same_pages(filled: World, params: Any, registries: Any) -> None:
    from espress_build.pages.propose import PageProposal, propose_saved
    from espress_build.pages.read import Saved

    for row in added(filled.load()):
        name = row["url"].rsplit("/", 1)[1]
        proposal = propose_saved(Saved(name, filled.site.pages[f"/{name}"][2], row["url"]), registries, params)
        assert isinstance(proposal, PageProposal)
        assert proposal.text == row["text"]


def test_every_unit_of_a_hydrated_article_is_cut_from_its_text(filled: World) -> None:
    articles = {row["article_id"]: row for row in added(filled.load())}
    units = [row for row in filled.load("sentences").to_pylist() if row["article_id"] in articles]
    assert {row["article_id"] for row in units} == set(articles)
    for unit in units:
        assert articles[unit["article_id"]][unit["field"]][unit["start"] : unit["end"]] == unit["text"]


def test_what_the_catalogue_states_is_stated_of_the_article(filled: World) -> None:
    catalogue = {row["article_id"]: row for row in filled.load("catalogue").to_pylist() if not row["own_article"]}
    for row in added(filled.load()):
        told = catalogue[row["article_id"]]
        assert (row["outlet_id"], row["event_ids"]) == (told["outlet_id"], [told["event_id"]])
        assert (row["event_country"], row["url"]) == (told["event_country"], told["url"])
        sidecar = (filled.folder / "raw" / "articles" / row["article_id"] / "record.toml").read_text(encoding="utf-8")
        assert f'note = "from the catalogue, {told["catalogue_id"]}"' in sidecar


def test_what_could_not_be_had_is_rejected_with_the_reason(filled: World) -> None:
    (row,) = filled.load("rejects").to_pylist()
    assert (row["stage"], row["reason"]) == ("hydrate", "not_found")
    assert row["id"] == pointer(f"{filled.base}/none.html")["catalogue_id"]


def test_a_date_of_the_page_wins_unless_the_catalogue_knows_it_better() -> None:
    row = dict.fromkeys(("republisher_id", "agency_id"), None) | {
        "catalogue_id": "cat-1", "outlet_id": "o", "event_id": "e", "event_country": "CZ", "url": "https://o.example/a",
    }  # fmt: skip
    for shown, told, stated in (
        ("2019-07-23T10:00", "2019-07-23", None), ("2019-07-22", "2019-07-23", None), ("2019", "2019-07", "2019-07"),
        (None, "2019-07", "2019-07"), ("soon", "2019-07", "2019-07"), (None, None, None),
    ):  # fmt: skip
        fact = drafts.state_facts(row | {"published": told}, shown).get("published")
        assert (fact.value if fact else None) == stated


def test_tables_of_both_pass_the_checks_of_the_corpus(filled: World, tmp_path: Path) -> None:
    from espress_build.checks.validate import validate

    copy = shutil.copytree(filled.source, tmp_path / "both")
    for path in (copy / "data").glob("*.parquet"):
        pq.write_table(filled.load(path.stem), path)
    # Splits are the corpus's alone, pointers name articles that are not its own, and the server is no outlet's site.
    expected_here = {"splits-whole", "catalogue-own", "catalogue-site"}
    assert {found.check for found in validate(copy, range(2, 5)).errors} == expected_here


# ---- load(hydrated=…)


@pytest.mark.parametrize("config", ["articles", "sentences", "rejects", "catalogue", "stance", "events"])
def test_every_form_and_both_ways_of_reading_give_the_same_rows(filled: World, config: str) -> None:
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


def test_rows_are_chosen_in_both_parts(filled: World) -> None:
    for streaming in (False, True):
        rows = filled.load(where={"language": ["cs", "en"]}, streaming=streaming)
        chosen = (rows.read_all() if streaming else rows).to_pylist()
        assert {row["rights_tier"] for row in chosen} == {"full", "hydrate"}
        assert {row["language"] for row in chosen} == {"cs", "en"}
    with pytest.raises(UnknownNameError, match="languag"):
        filled.load(where={"languag": "cs"})


def test_blocks_and_duplicates_are_those_of_both_parts(filled: World) -> None:
    rows = {row["article_id"]: row for row in filled.load().to_pylist()}
    mine = {key: row for key, row in rows.items() if row["rights_tier"] == "hydrate"}
    assert len({row["block_id"] for row in mine.values()}) == 1, "one outlet, one block"
    shared = {row["outlet_id"] for row in mine.values()}
    for row in rows.values():  # whoever shares an outlet is in one block, on whichever side it came from
        if row["outlet_id"] in shared:
            assert row["block_id"] == next(iter(mine.values()))["block_id"]
    blocks = {row["article_id"]: row["block_id"] for row in rows.values()}
    for row in filled.load("stance").to_pylist():
        assert row["block_id"] == blocks[row["article_id"]]
        assert row["block_id"] in rows


def test_a_folder_of_other_data_is_refused_with_what_to_do(filled: World, tmp_path: Path, project: Path) -> None:
    with pytest.raises(InputError, match=f"version {re.escape(VERSION)};.*--limit 0"):
        espress.load("articles", source=project / "dataset", hydrated=filled.folder)
    other = dataset_of(project, tmp_path / "other", [])
    with pytest.raises(InputError, match=r"built again.*--limit 0"):
        espress.load("articles", source=other, hydrated=filled.folder)


def test_a_folder_that_is_none_or_half_made_or_damaged_says_what_to_type(filled: World, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"does not exist. Is the name right\?"):
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
    with pytest.raises(InputError, match=r"not complete: a run is at work in it, or was stopped. Continue with"):
        filled.load(hydrated=copy)


# ---- one run after another


def test_a_second_run_asks_for_nothing_and_changes_nothing(small: World) -> None:
    first = small.hydrate()
    assert (first.articles, first.pointers, first.asked, first.reasons) == (2, 3, 3, {"not_found": 1})
    assert small.asked() == [("/arc-en.html", 200), ("/none.html", 404), ("/wordpress-cs.html", 200)]
    tables = {path.name: path.read_bytes() for path in (small.folder / "data").iterdir()}
    second = small.hydrate()
    assert (second.articles, second.asked) == (2, 0)
    assert small.asked() == []
    assert {path.name: path.read_bytes() for path in (small.folder / "data").iterdir()} == tables


def test_retry_asks_for_what_has_no_article_and_for_nothing_else(small: World) -> None:
    small.site.pages["/arc-en.html"] = (200, "text/html", WALL)
    assert small.hydrate().reasons == {"login_wall": 1, "not_found": 1}
    small.asked()
    small.site.put("arc-en.html", small.base)
    small.site.put("arc-es.html", small.base)
    assert small.hydrate().asked == 0
    assert small.hydrate(retry=True).reasons == {"not_found": 1}
    assert small.asked() == [("/arc-en.html", 200), ("/none.html", 404)]


def test_refresh_asks_whether_pages_changed(small: World) -> None:
    small.hydrate()
    small.asked()
    done = small.hydrate(refresh=True)
    assert small.asked() == [("/arc-en.html", 304), ("/none.html", 404), ("/wordpress-cs.html", 304)]
    assert (done.articles, done.warnings) == (2, ())


def test_a_page_that_changed_is_read_anew_and_the_old_one_kept(small: World) -> None:
    small.hydrate()
    old = small.site.pages["/arc-en.html"]
    new = old[2].replace(b"attach\xc3\xa9</h1>", b"attach\xc3\xa9s</h1>").replace(b"a prosecutor", b"prosecutor")
    new = new.replace(b"</body>", b"<!-- later --></body>")
    small.site.pages["/arc-en.html"] = (200, old[1], new)
    done = small.hydrate(refresh=True)
    name = small.ids["arc-en.html"]
    assert any(name in warning and "changed" in warning for warning in done.warnings)
    assert [(small.folder / "pages" / f"{name}{more}.html").read_bytes() for more in ("", ".2")] == [old[2], new]
    assert hashlib.sha256(new).hexdigest() in small.load()["raw_sha256"].to_pylist()


def test_an_article_is_not_lost_to_a_wall_or_an_error_that_came_later(small: World) -> None:
    small.hydrate()
    small.site.pages["/arc-en.html"] = (200, "text/html", WALL)
    small.site.pages["/wordpress-cs.html"] = (410, "text/plain", b"gone")
    done = small.hydrate(refresh=True)
    assert done.articles == 2
    assert any(small.ids["arc-en.html"] in said and "login_wall" in said for said in done.warnings)
    assert any(small.ids["wordpress-cs.html"] in said and "asked again: gone" in said for said in done.warnings)
    assert small.reasons() == {pointer(f"{small.base}/none.html")["catalogue_id"]: "not_found"}


def test_a_limit_leaves_the_rest_for_the_next_run(small: World) -> None:
    first = small.hydrate(limit=1)
    assert (first.asked, first.reasons["not_asked"]) == (1, 2)
    assert small.hydrate(limit=0).asked == 0
    second = small.hydrate()
    assert (second.asked, "not_asked" in second.reasons, len(small.asked())) == (2, False, 3)


def test_runs_with_other_choices_add_up(small: World) -> None:
    assert small.hydrate(languages="cs").pointers == 2, "the missing page is noted as Czech, too"
    done = small.hydrate(languages=["en"])
    assert (done.articles, done.pointers) == (2, 3)


def test_a_torn_last_line_of_the_log_is_as_if_it_had_not_been_written(small: World) -> None:
    small.hydrate()
    small.asked()
    log = small.folder / "state.jsonl"
    whole = log.read_bytes()
    last = whole.splitlines(keepends=True)[-1]
    log.write_bytes(whole[: -len(last) // 2])
    done = small.hydrate()
    assert (done.asked, len(small.asked())) == (1, 1)
    assert len(log.read_bytes().splitlines()) == len(whole.splitlines()) + 1, "one line a run, one an attempt"
    log.write_bytes(b"nothing\n" + whole)
    with pytest.raises(InputError, match="line 1 is not an attempt"):
        small.hydrate()


def test_two_pointers_to_one_page_share_the_article(small: World) -> None:
    small.site.pages["/none.html"] = small.site.pages["/wordpress-cs.html"]
    catalogue = [row for row in espress.load("catalogue", source=small.source) if not row["own_article"]]
    assert len(catalogue) == 3
    done = small.hydrate()
    ids = [row["article_id"] for row in small.load("catalogue").to_pylist() if not row["own_article"]]
    assert done.articles == len(set(ids) - {None})
    assert len(added(small.load())) == done.articles


def test_only_one_run_works_in_a_folder_and_in_no_foreign_one(small: World, tmp_path: Path) -> None:
    with open_folder(small.folder), pytest.raises(InputError, match="Another run"):
        small.hydrate()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").touch()
    with pytest.raises(InputError, match=r"thesis.txt"), open_folder(tmp_path / "full"):
        pass


def test_a_page_that_the_stages_cannot_take_costs_itself_alone(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from espress_build.pipeline import mask, stages

    name = small.ids["arc-en.html"]
    real = mask.mask

    def failing(tables: Any, params: Any) -> Any:
        if any(url.endswith("arc-en.html") for url in tables["articles"]["url"].to_pylist()):
            raise ArithmeticError("of an odd page")
        return real(tables, params)

    failing.__name__ = "mask"
    given = tuple(replace(one, run=failing) if one.name == "mask" else one for one in stages.STAGES)
    monkeypatch.setattr(stages, "STAGES", given)
    done = small.hydrate()
    assert (done.articles, done.reasons) == (1, {"no_article": 1, "not_found": 1})
    assert small.reasons()[name] == "no_article"


@pytest.mark.parametrize("where", ["read_pages", "build_tables"])
def test_ctrl_c_waits_until_pages_are_read_and_tables_made(
    small: World, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    module: Any = drafts if where == "read_pages" else building
    real = getattr(module, where)

    def interrupted(*given: Any) -> Any:
        with suppress(BaseException):  # as langdetect does
            signal.raise_signal(signal.SIGINT)
        return real(*given)

    monkeypatch.setattr(module, where, interrupted)
    done = small.hydrate()
    assert (done.interrupted, done.articles, small.load().num_rows) == (True, 2, 7)
    assert "Type the same command to continue" in str(done)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_misbehaving_servers_end_as_rejects_and_the_rest_goes_on(server: Server, project: Path, tmp_path: Path) -> None:
    slug = "/2019/07/23/port-planner-held-over-harbour-maps"
    base = server.url("", host="127.0.0.1")
    behaviours: dict[str, tuple[Any, str | None]] = {
        slug: (article(url=base + slug), None),
        f"/moved{slug}": (redirect(slug), None),
        "/endless": (endless, "too_large"),
        "/loop": (redirect("/loop"), "too_many_redirects"),
        "/pdf": (answer(b"%PDF-1.7 ...", kind="text/html"), "not_a_page"),
        "/zip": (answer(b"PK\x03\x04....", kind="application/zip"), "not_a_page"),
        "/bomb": (answer(gzip.compress(bytes(2**26)), Content_Encoding="gzip"), "broken_coding"),
        "/gone": (answer(b"", 410), "gone"),
    }
    for path, (behaviour, _) in behaviours.items():
        server.put(path, answer(behaviour) if isinstance(behaviour, str) else behaviour)
    ids = {pointer(base + path)["catalogue_id"]: reason for path, (_, reason) in behaviours.items()}
    order = [pointer(base + path, language="en", published="2019-07-23") for path in behaviours]
    source = dataset_of(project, tmp_path / "dataset", order)
    done = hydrate(tmp_path / "mine", source=source, delay=0, allow_private=True, archive=None)
    rejects = espress.load("rejects", source=source, hydrated=tmp_path / "mine", as_="pandas")
    found = dict(zip(rejects["id"], rejects["reason"], strict=True))
    assert found == {key: reason for key, reason in ids.items() if reason is not None}
    assert done.articles == 1, "two pointers lead to one page"


# ---- archives


def test_a_page_that_only_says_that_it_is_gone_comes_from_the_archive(small: World) -> None:
    page = small.site.pages["/arc-en.html"]
    gone = b"<html><head><title>Page not found</title></head><body><p>Page not found, sorry.</p></body></html>"
    small.site.pages["/arc-en.html"] = (200, "text/html", gone)
    small.site.pages[f"/web/20200215000000id_/{small.base}/arc-en.html"] = page
    done = small.hydrate(archive=f"{small.base}/web/20200215000000id_/{{url}}")
    assert (done.articles, done.reasons) == (2, {"not_found": 1})
    (row,) = (row for row in provenance(small) if row["catalogue_id"] == small.ids["arc-en.html"])
    assert (row["via"], row["archived_at"][:10]) == ("archive", "2020-02-15")
    small.asked()
    small.hydrate()
    assert small.asked() == []


def provenance(world: World) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.ParquetFile(world.folder / "data" / "provenance.parquet").read().to_pylist()
    return rows


@pytest.mark.parametrize("packed", [False, True])
def test_warc_files_are_searched_by_address_and_no_network_is_asked(small: World, tmp_path: Path, packed: bool) -> None:  # noqa: FBT001 - a parameter of the test
    # Another form of the address, and records of others around it.
    url = f"{small.base}/arc-en.html"
    page = small.site.pages["/arc-en.html"][2]
    records = [
        response(),
        response(page, url=f"{url}?utm_source=feed"),
        response(b"\xff" * 99, url="http://x.example/"),
    ]
    file = tmp_path / ("news.warc.gz" if packed else "news.warc")
    file.write_bytes(b"".join(map(gzip.compress, records)) if packed else b"".join(records))
    done = small.hydrate(warc=[file])
    assert (done.articles, done.reasons) == (1, {"not_in_warc": 2})
    assert small.site.asked == []
    (row,) = added(small.load())
    assert row["text"] == expected("arc-en.html")["text"]
    assert [(one["via"], one["archived_at"]) for one in provenance(small)] == [("warc", "2020-01-01T00:00:00Z")]
    assert small.hydrate().asked == 2, "what no file held is asked for when the network may be asked"


def test_of_several_records_of_an_address_the_nearest_to_the_day_counts_wherever_it_stands(
    small: World, tmp_path: Path
) -> None:
    url, page = f"{small.base}/arc-en.html", small.site.pages["/arc-en.html"][2]
    other = page.replace(b"</p>", b" This was added later.</p>", 1)
    days = {"2021-05-01T00:00:00Z": other, "2020-02-15T06:00:00Z": page, "2020-03-01T00:00:00Z": other, "": other}
    file = tmp_path / "news.warc"
    file.write_bytes(b"".join(response(body, url=url, date=day) for day, body in days.items()))
    small.hydrate(warc=[file])
    (row,) = added(small.load())
    assert row["text"] == expected("arc-en.html")["text"]
    assert [one["archived_at"] for one in provenance(small)] == ["2020-02-15T06:00:00Z"]


def test_what_is_wrong_with_a_record_or_a_file_is_the_reason(
    small: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other, third = (f"{small.base}/{name}" for name in (*small.ids, "none.html"))
    ids = [pointer(url)["catalogue_id"] for url in (one, other, third)]
    file, none = tmp_path / "news.warc", tmp_path / "photo.warc"
    none.write_bytes(b"%PDF-1.7")
    file.write_bytes(
        record("request", b"GET / HTTP/1.1\r\n\r\n", url=third)
        + record("response", b"HTTP/1.1 410 Gone\r\n\r\n", url=other)
        + response(length=10**5, url=one)
    )
    small.hydrate(warc=[file, none])
    rejects = {row["id"]: row["reason"] for row in small.load("rejects").to_pylist()}
    assert rejects == dict(zip(ids, ["incomplete", "gone", "not_in_warc"], strict=True))
    assert "photo.warc: no WARC record is in it" in capsys.readouterr().err


def test_an_archive_without_a_place_for_the_address_is_refused(small: World) -> None:
    for archive in ("http://archive.example/web/", "archive.example/{url}"):
        with pytest.raises(InputError, match="is not the address of an archive"):
            small.hydrate(archive=archive, limit=0)


def test_a_warc_file_that_does_not_exist_is_an_error(small: World, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none.warc is not a file"):
        small.hydrate(warc=[tmp_path / "none.warc"])


# ---- choosing


def test_what_the_catalogue_does_not_have_is_no_choice(small: World) -> None:
    with pytest.raises(UnknownNameError, match="event_id 'bis'"):
        small.hydrate(events=["bis"])
    with pytest.raises(InputError, match="no date"):
        small.hydrate(since="yesterday")
    with pytest.raises(InputError, match="limit of -1"):
        small.hydrate(limit=-1)
    with pytest.raises(InputError, match="delay of"):
        small.hydrate(delay=float("nan"))
    assert not small.folder.exists(), "and nothing is made"


def test_a_choice_takes_months_that_reach_into_the_span() -> None:
    rows = [
        dict.fromkeys(("event_id", "event_country", "outlet_country", "language"))
        | {"published": date, "own_article": number == 4}
        for number, date in enumerate(("2019-07-23", "2019-07", None, "2018-12", "2019-07"))
    ]

    def chosen(**how: Any) -> list[str | None]:
        return [row["published"] for row in Choice(**how).select(rows)]

    assert chosen() == ["2019-07-23", "2019-07", None, "2018-12"]
    assert chosen(since="2019-07-24") == ["2019-07"]
    assert chosen(until="2019-07-01") == ["2019-07", "2018-12"]
    assert chosen(since="2019", until="2019") == ["2019-07-23", "2019-07"]
    assert chosen(since="2018-12-31", until="2018") == ["2018-12"]


def test_hosts_take_turns() -> None:
    rows = [{"url": f"https://{host}.example/{number}"} for host, number in ("a1", "a2", "a3", "b1", "c1", "c2")]
    assert [row["url"][8] for row in take_turns(rows)] == ["a", "c", "b", "a", "c", "a"]


def test_own_articles_are_never_asked_for(small: World) -> None:
    small.hydrate()
    own = {row["url"] for row in espress.load("catalogue", source=small.source) if row["own_article"]}
    log = (small.folder / "state.jsonl").read_text(encoding="utf-8")
    assert not any(json.dumps(url) in log for url in own)
