"""Successive runs in one folder: what each requests, reports and refuses."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import signal
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress_build.hydrate.site import Site, World, added, entry, write_dataset
from tests.web_server import serving

import espress
from espress.errors import DatasetMissingError, InputError
from espress_build.hydrate import drafts, run
from espress_build.hydrate import tables as building
from espress_build.hydrate.output_folder import open_folder
from espress_build.hydrate.responses import Limits
from espress_build.hydrate.run import hydrate

if TYPE_CHECKING:
    from pathlib import Path

NAME, OTHER = "arc-en.html", "wordpress-cs.html"
WALL = b"<html><head><title>Sign in</title></head><body><form><input type=password></form><p>Sign in</body></html>"
GONE = b"<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1><p>Sorry, gone.</p></body></html>"


# ---- what a run asks for


def test_a_second_run_asks_for_nothing_and_changes_nothing(world: World) -> None:
    first = world.hydrate()
    assert (first.articles, first.pointers, first.asked, first.reasons) == (2, 3, 3, {"not_found": 1})
    assert world.asked() == [(f"/{NAME}", 200), ("/none.html", 404), (f"/{OTHER}", 200)]
    own = {row["url"] for row in espress.load("catalogue", source=world.source) if row["own_article"]}
    assert not any(json.dumps(url) in (world.folder / "state.jsonl").read_text(encoding="utf-8") for url in own)
    tables = {path.name: path.read_bytes() for path in (world.folder / "data").iterdir()}
    second = world.hydrate()
    assert (second.articles, second.asked) == (2, 0)
    assert world.asked() == []
    assert {path.name: path.read_bytes() for path in (world.folder / "data").iterdir()} == tables


def test_retry_asks_for_what_has_no_article(world: World) -> None:
    world.site.pages[f"/{NAME}"] = (200, "text/html", WALL)
    assert world.hydrate().reasons == {"login_wall": 1, "not_found": 1}
    world.asked()
    world.site.put(NAME)
    assert world.hydrate().asked == 0
    assert world.hydrate(retry=True).reasons == {"not_found": 1}
    assert world.asked() == [(f"/{NAME}", 200), ("/none.html", 404)]


def test_refresh_asks_whether_pages_changed(world: World) -> None:
    world.hydrate()
    world.asked()
    done = world.hydrate(refresh=True)
    assert world.asked() == [(f"/{NAME}", 304), ("/none.html", 404), (f"/{OTHER}", 304)]
    assert (done.articles, done.warnings) == (2, ())


def test_a_limit_leaves_the_rest_for_the_next_run(world: World) -> None:
    first = world.hydrate(limit=1)
    assert (first.asked, first.reasons["not_asked"]) == (1, 2)
    assert world.hydrate(limit=0).asked == 0
    second = world.hydrate()
    assert (second.asked, "not_asked" in second.reasons, len(world.asked())) == (2, False, 3)


def test_two_entries_of_one_page_share_the_article(world: World) -> None:
    world.site.pages["/none.html"] = world.site.pages[f"/{OTHER}"]
    done = world.hydrate()
    ids = [row["article_id"] for row in world.load("catalogue").to_pylist() if not row["own_article"]]
    assert len(ids) == 3
    assert done.articles == len(set(ids) - {None}) == len(added(world.load()))


def test_invalid_options_are_errors_and_write_nothing(world: World) -> None:
    for options, message in (
        ({"events": ["bis"]}, "event_id 'bis'"), ({"since": "yesterday"}, "not a date"), ({"limit": -1}, "limit of -1"),
        ({"delay": float("nan")}, "delay of"), ({"limit": 0}, "was not filled by espress hydrate"),
        ({"archive": "http://archive.example/web/"}, "is not the address of an archive"),
        ({"archive": "archive.example/{url}"}, "is not the address of an archive"),
    ):  # fmt: skip
        with pytest.raises(espress.EspressError, match=message):
            world.hydrate(**options)
    assert not world.folder.exists()


# ---- what a folder is for


def test_choices_add_up_and_a_run_without_a_choice_continues(world: World) -> None:
    assert world.hydrate(limit=0, languages="en").reasons == {"not_asked": 1}
    first = world.hydrate(languages="en")
    assert (first.pointers, world.hydrate().pointers, world.hydrate(limit=0).pointers) == (1, 1, 1)
    assert world.asked() == [(f"/{NAME}", 200)]
    assert world.hydrate(languages=["cs"]).pointers == 3, "the missing page is noted as Czech, too"
    assert world.hydrate(everything=True).pointers == world.hydrate().pointers == 3


def test_a_folder_knows_its_dataset(world: World, tmp_path: Path) -> None:
    world.hydrate()
    world.asked()
    done = hydrate(world.folder, delay=0, allow_private=True, archive=None)
    assert (done.articles, done.pointers, world.asked()) == (2, 3, [])
    assert world.titles(source=None) == world.titles() != set()
    shutil.move(world.source, tmp_path / "moved")
    with pytest.raises(DatasetMissingError, match=r"was hydrated from .*--source"):
        hydrate(world.folder)
    assert world.titles(source=tmp_path / "moved") != set()


def test_entries_that_a_catalogue_no_longer_has_are_reported(world: World, project: Path, tmp_path: Path) -> None:
    world.hydrate()
    done = hydrate(world.folder, source=write_dataset(project, tmp_path / "other", []), limit=0)
    assert (done.articles, done.pointers) == (0, 0)
    assert "3 entries of earlier runs are not in this catalogue, 2 of them with a page" in str(done)
    assert world.hydrate().articles == 2, "and come back with it"


def test_malformed_ids_never_become_file_names(project: Path, tmp_path: Path) -> None:
    source = write_dataset(project, tmp_path / "dataset", [{"catalogue_id": "../../x", "url": "http://127.0.0.1:1/"}])
    with pytest.raises(InputError, match=r"malformed ids in the catalogue: '../../x'"):
        hydrate(tmp_path / "mine", source=source)
    assert not (tmp_path / "mine").exists()


# ---- what a run refuses


def test_one_run_at_a_time(world: World) -> None:
    with open_folder(world.folder), pytest.raises(InputError, match="Another run"):
        world.hydrate()


def test_files_of_others_are_named_and_never_deleted(world: World) -> None:
    world.hydrate()
    draft = next((world.folder / "raw" / "articles").iterdir()).relative_to(world.folder)
    for name, named in (
        ("thesis.txt", "thesis.txt"), ("data/plot.png", "data/plot.png"), ("raw/notes/a.txt", "raw/notes"),
        ("raw/articles/mine/record.toml", "raw/articles/mine"), (f"{draft}/note.md", f"{draft}/note.md"),
    ):  # fmt: skip
        path = world.folder / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
        with pytest.raises(InputError, match=f"holds files that no run wrote: {re.escape(named)}. Move them away"):
            world.hydrate()
        path.unlink()  # which fails if it was deleted
        if named != name:
            path.parent.rmdir()
    assert world.hydrate().articles == 2


def test_a_link_in_place_of_the_tables_is_refused(world: World, tmp_path: Path) -> None:
    world.hydrate()
    shutil.move(world.folder / "data", tmp_path / "elsewhere")
    (world.folder / "data").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="data is a link or not a folder"):
        world.hydrate()
    assert (world.folder / "hydrated.json").is_file()
    assert (tmp_path / "elsewhere" / "articles.parquet").is_file()


def test_pages_without_a_log_are_refused(world: World) -> None:
    world.hydrate()
    (world.folder / "state.jsonl").unlink()
    with pytest.raises(InputError, match=r"holds pages, but .*state.jsonl is gone"):
        world.hydrate()
    assert world.titles() != set(), "the tables stay"


def test_a_torn_last_line_of_the_log_counts_as_not_written(world: World) -> None:
    world.hydrate()
    world.asked()
    log = world.folder / "state.jsonl"
    whole = log.read_bytes()
    last = whole.splitlines(keepends=True)[-1]
    log.write_bytes(whole[: -len(last) // 2])
    done = world.hydrate()
    assert (done.asked, len(world.asked())) == (1, 1)
    assert len(log.read_bytes().splitlines()) == len(whole.splitlines()) + 1, "one line a run, one an attempt"
    log.write_bytes(b"nothing\n" + whole)
    with pytest.raises(InputError, match="line 1 is not an attempt"):
        world.hydrate()


def test_invalid_lines_of_the_log_are_reported(world: World) -> None:
    world.hydrate()
    log = world.folder / "state.jsonl"
    lines = log.read_bytes().splitlines()
    number = next(number for number, line in enumerate(lines) if b'"got"' in line)
    for change in (
        {"status": "200"}, {"at": 5}, {"page": "../../other"}, {"page": "/etc/passwd"}, {"again": "no"},
        {"etag": [1]}, {"outcome": "maybe"}, {"outcome": ["got"]}, {"sha256": None}, {"status": 10**30}, {"new": "?"},
    ):  # fmt: skip
        changed = json.dumps(json.loads(lines[number]) | change).encode()
        log.write_bytes(b"\n".join([*lines[:number], changed, *lines[number + 1 :]]) + b"\n")
        with pytest.raises(InputError, match=f"line {number + 1} is not an attempt"):
            world.hydrate()


# ---- what a run notices


@pytest.mark.parametrize("harm", [b"<title>Another</title><h1>Another</h1><p>Nothing that came.</p>", b"", None])
def test_a_page_that_changed_on_the_disk_is_not_read_and_asked_again(world: World, harm: bytes | None) -> None:
    world.hydrate()
    titles = world.titles()
    page = world.folder / "pages" / f"{world.ids[NAME]}.html"
    page.unlink() if harm is None else page.write_bytes(harm)
    world.asked()
    without = world.hydrate(limit=0)
    assert (without.articles, without.reasons, world.asked()) == (1, {"not_asked": 1, "not_found": 1}, [])
    assert f"1 pages in {page.parent} were missing or changed on the disk" in str(without)
    assert world.ids[NAME] in str(without)
    again = world.hydrate(refresh=harm == b"", retry=harm is None)
    assert (f"/{NAME}", 200) in world.asked(), "and not whether it changed"
    assert (again.articles, world.titles()) == (2, titles)
    assert harm is None or page.read_bytes() == harm, "none is overwritten"
    assert world.hydrate().notices == ()


@pytest.mark.parametrize(
    ("answer", "said"),
    [((404, "text/plain", b""), "not_found"), ((410, "text/plain", b""), "request failed: gone"),
     ((503, "text/plain", b""), "server_error"), ((200, "text/html", GONE), "holds no article: soft_404"),
     ((200, "text/html", WALL), "holds no article: login_wall")],
)  # fmt: skip
def test_a_page_that_is_gone_is_reported_once_and_its_article_kept(
    world: World, answer: tuple[int, str, bytes], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "Limits", partial(Limits, tries=1))
    world.hydrate()
    world.site.pages[f"/{NAME}"] = answer
    done = world.hydrate(refresh=True)
    assert [said in warning and world.ids[NAME] in warning for warning in done.warnings] == [True]
    assert [said in str(row["warnings"]) for row in world.provenance() if row["warnings"]] == [True]
    again = world.hydrate()
    assert (again.warnings, again.articles, len(added(world.load()))) == ((), 2, 2)
    assert world.reasons() == {world.missing["catalogue_id"]: "not_found"}


def test_a_page_that_changed_is_reported_once_and_the_old_one_kept(world: World) -> None:
    world.hydrate()
    status, kind, old = world.site.pages[f"/{NAME}"]
    new = old.replace(b"attach\xc3\xa9</h1>", b"attach\xc3\xa9s</h1>").replace(b"</body>", b"<!-- later --></body>")
    world.site.pages[f"/{NAME}"] = (status, kind, new)
    name = world.ids[NAME]
    assert [name in warning and "changed" in warning for warning in world.hydrate(refresh=True).warnings] == [True]
    assert [(world.folder / "pages" / f"{name}{more}.html").read_bytes() for more in ("", ".2")] == [old, new]
    assert hashlib.sha256(new).hexdigest() in world.load()["raw_sha256"].to_pylist()
    assert world.hydrate(refresh=True).warnings == world.hydrate().warnings == ()


def test_an_archives_copy_in_place_of_a_page_is_reported_once(world: World) -> None:
    world.hydrate()
    page = world.site.pages.pop(f"/{NAME}")
    world.site.pages[f"/web/20200215000000id_/{world.base}/{NAME}"] = page
    done = world.hydrate(refresh=True, archive=f"{world.base}/web/20200215000000id_/{{url}}")
    assert ["an archive's copy was read" in warning for warning in done.warnings] == [True]
    assert world.hydrate().warnings == ()


def test_a_page_that_only_says_that_it_is_gone_comes_from_the_archive(world: World) -> None:
    world.site.pages[f"/web/20200215000000id_/{world.base}/{NAME}"] = world.site.pages[f"/{NAME}"]
    world.site.pages[f"/{NAME}"] = (200, "text/html", GONE)
    done = world.hydrate(archive=f"{world.base}/web/20200215000000id_/{{url}}")
    assert (done.articles, done.reasons) == (2, {"not_found": 1})
    (row,) = (row for row in world.provenance() if row["catalogue_id"] == world.ids[NAME])
    assert (row["via"], row["archived_at"][:10]) == ("archive", "2020-02-15")
    world.asked()
    world.hydrate()
    assert world.asked() == []


def test_a_run_that_reaches_no_server_suggests_being_offline(world: World, project: Path, tmp_path: Path) -> None:
    assert "online" not in str(world.hydrate())
    with serving(Site()) as site:
        closed = [entry(f"{site.root}/{name}") for name in ("a", "b")]
    source = write_dataset(project, tmp_path / "closed", closed)
    done = hydrate(tmp_path / "none", source=source, delay=0, allow_private=True, archive=None)
    assert "Is this machine online?" in str(done)


@pytest.mark.parametrize(("module", "where"), [(drafts, "read_pages"), (building, "build_tables")])
def test_ctrl_c_waits_until_pages_are_read_and_tables_made(
    world: World, monkeypatch: pytest.MonkeyPatch, module: Any, where: str
) -> None:
    real = getattr(module, where)
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a process that a script starts in the background ignores it

    def interrupted(*given: Any) -> Any:
        with suppress(BaseException):  # as langdetect does
            signal.raise_signal(signal.SIGINT)
        return real(*given)

    monkeypatch.setattr(module, where, interrupted)
    done = world.hydrate()
    assert (done.interrupted, done.articles, len(added(world.load()))) == (True, 2, 2)
    assert "Type the same command to continue" in str(done)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
