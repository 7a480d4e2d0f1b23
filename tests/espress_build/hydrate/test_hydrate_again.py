"""One run after another in a folder: what it chose, where it came from, and pages that are no longer as they came."""

from __future__ import annotations

import json
import shutil
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress_build.hydrate.pointing import Site, dataset_of, pointer, serving
from tests.espress_build.hydrate.test_hydrating import World, in_this_process, provenance

import espress
from espress.errors import DatasetMissingError, InputError
from espress_build.hydrate import drafts, run
from espress_build.hydrate.choose import Choice
from espress_build.hydrate.responses import Limits
from espress_build.hydrate.run import hydrate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "arc-en.html"
GONE = b"<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1><p>Sorry, gone.</p></body></html>"


@pytest.fixture
def world(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return two pages and a missing one, with nothing fetched."""
    monkeypatch.setattr(drafts, "read_pages", in_this_process)
    site = Site()
    with serving(site) as base:
        yield World(project, tmp_path, base, site, [NAME, "wordpress-cs.html"], "/none.html")


def hydrated_titles(folder: Path, **how: Any) -> set[str]:
    load: Any = espress.load
    rows = load("articles", hydrated=folder, as_="arrow", **how).to_pylist()
    return {row["title"] for row in rows if row["rights_tier"] == "hydrate"}


# ---- pages that are not as they came


@pytest.mark.parametrize("harm", [b"<title>Another</title><h1>Another</h1><p>Nothing that came.</p>", b"", None])
def test_a_page_that_is_not_as_it_came_is_never_read_and_asked_for_again(world: World, harm: bytes | None) -> None:
    world.hydrate()
    titles = hydrated_titles(world.folder)
    page = world.folder / "pages" / f"{world.ids[NAME]}.html"
    page.unlink() if harm is None else page.write_bytes(harm)
    world.asked()
    without = world.hydrate(limit=0)
    assert (without.articles, without.reasons, world.asked()) == (1, {"not_asked": 1, "not_found": 1}, [])
    assert f"1 pages in {page.parent} were missing or changed on the disk" in str(without)
    assert world.ids[NAME] in str(without)
    again = world.hydrate()
    assert world.asked() == [(f"/{NAME}", 200)], "and not whether it changed"
    assert (again.articles, hydrated_titles(world.folder)) == (2, titles)
    assert harm is None or page.read_bytes() == harm, "none is overwritten"
    assert world.hydrate().notices == ()


@pytest.mark.parametrize("how", ["retry", "refresh"])
def test_a_lost_page_is_asked_for_and_not_whether_it_changed(world: World, how: str) -> None:
    world.hydrate()
    (world.folder / "pages" / f"{world.ids[NAME]}.html").unlink()
    world.asked()
    done = world.hydrate(**{how: True})
    assert (f"/{NAME}", 200) in world.asked()
    assert done.articles == 2


def test_pages_of_which_nobody_knows_are_not_taken_for_none(world: World) -> None:
    world.hydrate()
    (world.folder / "state.jsonl").unlink()
    with pytest.raises(InputError, match=r"holds pages, but .*state.jsonl.* is gone"):
        world.hydrate()
    assert hydrated_titles(world.folder) != set(), "tables stay"


@pytest.mark.parametrize(
    "change",
    [{"status": "200"}, {"at": 5}, {"page": "../../other"}, {"page": "/etc/passwd"}, {"again": "no"}, {"etag": [1]},
     {"outcome": "maybe"}, {"outcome": ["got"]}, {"sha256": None}, {"status": 10**30}, {"new": "?"}],
)  # fmt: skip
def test_lines_of_the_log_that_say_what_no_run_says_are_named(world: World, change: dict[str, Any]) -> None:
    world.hydrate()
    log = world.folder / "state.jsonl"
    lines = log.read_bytes().splitlines()
    number = next(number for number, line in enumerate(lines) if b'"got"' in line)
    lines[number] = json.dumps(json.loads(lines[number]) | change).encode()
    log.write_bytes(b"\n".join(lines) + b"\n")
    with pytest.raises(InputError, match=f"line {number + 1} is not an attempt"):
        world.hydrate()


def test_a_link_in_place_of_the_tables_is_refused_before_anything_is_removed(world: World, tmp_path: Path) -> None:
    world.hydrate()
    shutil.move(world.folder / "data", tmp_path / "elsewhere")
    (world.folder / "data").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="data is a link or not a folder"):
        world.hydrate()
    assert (world.folder / "hydrated.json").is_file()
    assert (tmp_path / "elsewhere" / "articles.parquet").is_file()


# ---- what a folder is for


def test_a_command_without_a_choice_goes_on_with_what_the_folder_chose(world: World) -> None:
    first = world.hydrate(languages="en")
    assert (first.pointers, world.hydrate().pointers, world.hydrate(limit=0).pointers) == (1, 1, 1)
    assert world.asked() == [(f"/{NAME}", 200)]
    assert world.hydrate(everything=True).pointers == 3
    assert world.hydrate().pointers == 3


def test_without_a_choice_and_without_asking_nothing_is_made(world: World) -> None:
    with pytest.raises(InputError, match="was not filled by espress hydrate"):
        world.hydrate(limit=0)
    assert not world.folder.exists()
    assert world.hydrate(limit=0, languages="en").reasons == {"not_asked": 1}


def test_a_folder_knows_the_dataset_that_it_came_from(world: World, tmp_path: Path) -> None:
    world.hydrate()
    world.asked()
    done = hydrate(world.folder, delay=0, allow_private=True, archive=None)
    assert (done.articles, done.pointers, world.asked()) == (2, 3, [])
    assert hydrated_titles(world.folder) == hydrated_titles(world.folder, source=world.source) != set()
    shutil.move(world.source, tmp_path / "moved")
    with pytest.raises(DatasetMissingError, match=r"was hydrated from .*--source"):
        hydrate(world.folder)
    assert hydrated_titles(world.folder, source=tmp_path / "moved") != set()


def test_pointers_that_a_catalogue_no_longer_has_are_told(world: World, project: Path, tmp_path: Path) -> None:
    world.hydrate()
    done = hydrate(world.folder, source=dataset_of(project, tmp_path / "other", []), limit=0)
    assert (done.articles, done.pointers) == (0, 0)
    assert "3 entries of earlier runs are not in this catalogue, 2 of them with a page" in str(done)
    assert world.hydrate().articles == 2, "and come back with it"


def test_ids_that_are_none_never_become_names_of_files(project: Path, tmp_path: Path) -> None:
    source = dataset_of(project, tmp_path / "dataset", [{"catalogue_id": "../../x", "url": "http://127.0.0.1:1/"}])
    with pytest.raises(InputError, match=r"malformed ids in the catalogue: '../../x'"):
        hydrate(tmp_path / "mine", source=source)
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize("span", [{"since": "2020", "until": "2019"}, {"since": "2019-02-31"}, {"until": "0000"}])
def test_spans_that_hold_no_day_are_errors(span: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"is no date|before it begins"):
        Choice(**span).select([])
    assert Choice(since="2019-07", until="2019").select([]) == []


# ---- what came of asking again


@pytest.mark.parametrize(
    ("answer", "said"),
    [((404, "text/plain", b""), "not_found"), ((410, "text/plain", b""), "gone"),
     ((503, "text/plain", b""), "server_error"), ((200, "text/html", GONE), "holds no article: soft_404")],
)  # fmt: skip
def test_a_page_that_is_there_no_more_is_told_by_the_run_that_found_out(
    world: World, answer: tuple[int, str, bytes], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "Limits", partial(Limits, tries=1))
    world.hydrate()
    world.site.pages[f"/{NAME}"] = answer
    done = world.hydrate(refresh=True)
    assert [said in warning for warning in done.warnings] == [True]
    assert [said in str(row["warnings"]) for row in provenance(world) if row["warnings"]] == [True]
    assert world.hydrate().warnings == ()
    assert world.load().num_rows == 7


def test_a_page_that_changed_is_told_by_the_run_that_found_out(world: World) -> None:
    world.hydrate()
    status, kind, page = world.site.pages[f"/{NAME}"]
    world.site.pages[f"/{NAME}"] = (status, kind, page.replace(b"</body>", b"<!-- later --></body>"))
    assert ["changed" in warning for warning in world.hydrate(refresh=True).warnings] == [True]
    assert world.hydrate(refresh=True).warnings == world.hydrate().warnings == ()


def test_a_copy_that_an_archive_gave_in_place_of_a_page_is_told(world: World) -> None:
    world.hydrate()
    page = world.site.pages.pop(f"/{NAME}")
    world.site.pages[f"/web/20200215000000id_/{world.base}/{NAME}"] = page
    archive = f"{world.base}/web/20200215000000id_/{{url}}"
    done = world.hydrate(refresh=True, archive=archive)
    assert ["an archive's copy was read" in warning for warning in done.warnings] == [True]
    assert world.hydrate().warnings == ()


def test_a_machine_that_reaches_nobody_is_asked_whether_it_is_online(
    world: World, project: Path, tmp_path: Path
) -> None:
    assert "online" not in str(world.hydrate())
    with serving(Site()) as base:
        closed = [pointer(f"{base}/{name}") for name in ("a", "b")]
    source = dataset_of(project, tmp_path / "closed", closed)
    done = hydrate(tmp_path / "none", source=source, delay=0, allow_private=True, archive=None)
    assert "Is this machine online?" in str(done)
