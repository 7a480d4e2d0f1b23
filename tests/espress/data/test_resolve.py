"""Loading by version: bundled, cached, from a clone's archive, from a folder or an archive; and what is refused."""

from __future__ import annotations

import shutil
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress.data.small_world import World, articles, sha256, write_dataset

import espress
from espress.data.releases import Withdrawn
from espress.errors import DamagedDataError, DatasetMissingError, ErratumWarning, UnknownNameError, WithdrawnWarning
from espress.schema import schema
from espress_build.pipeline.package import write_sums

if TYPE_CHECKING:
    from pathlib import Path


def _words(**how: Any) -> int:
    first: int = espress.load("articles", as_="arrow", **how)["n_words"][0].as_py()
    return first


def test_a_release_is_loaded_from_the_clones_archive_and_then_from_the_cache(world: World) -> None:
    world.release("0.1.0", articles(7))
    assert espress.whereabouts() == {"0.2.0-dev": {"full": "bundled"}, "0.1.0": {"full": "archive"}}
    assert _words() == 100
    assert _words(version="0.1.0") == 7
    world.archive("0.1.0").unlink()
    assert espress.whereabouts()["0.1.0"] == {"full": "cached"}
    assert _words(version="0.1.0") == 7
    assert [path.name for path in world.cache.iterdir()] == ["0.1.0-full"]


def test_the_bundled_dataset_serves_a_release_that_has_its_bytes(world: World) -> None:
    folder = world.release("0.1.0", articles(7))
    shutil.rmtree(world.package / "_dataset")
    shutil.copytree(folder, world.package / "_dataset")
    assert espress.versions() == ["0.1.0"]
    assert espress.whereabouts() == {"0.1.0": {"full": "bundled"}}
    assert _words(version="0.1.0") == 7
    assert not world.cache.exists()


def test_an_edition_is_chosen(world: World) -> None:
    world.release("0.1.0", editions=("full", "open"))
    espress.load("articles", as_="arrow", version="0.1.0", edition="open")
    assert espress.whereabouts()["0.1.0"] == {"full": "archive", "open": "cached"}


UNKNOWN: list[tuple[dict[str, Any], str]] = [
    ({"edition": "half", "version": "0.1.0"}, r"'half'.*full, open"),
    ({"edition": "open", "version": "0.9.0"}, "'open'. Known, nearest first: full. Release 0.9.0 has these"),
    ({"version": "1.0.3"}, r"first: 1.0.0, 0.1.0, 0.2.0-dev, 0.9.0, 10.0.0. .*a newer wheel than espress-"),
    *(
        ({"version": version}, r"0.1.0.*three numbers, such as '0.1.0'")
        for version in ("1.0", "v0.1.0", "latest", "", "../0.1.0", "0.1.0 ", 0.1, "0.1.0-rc1")
    ),
]


@pytest.mark.parametrize(("asked", "says"), UNKNOWN)
def test_an_unknown_version_or_edition_lists_those_there_are(world: World, asked: dict[str, Any], says: str) -> None:
    for version in ("0.1.0", "0.9.0", "1.0.0", "10.0.0"):
        world.release(version)
    with pytest.raises(UnknownNameError, match=says):
        espress.load(**asked)


def test_the_error_for_a_release_that_is_not_on_this_machine_says_how_to_get_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.release("0.1.0")
    named = world.releases["0.1.0"].editions["full"].archive.sha256
    world.archive("0.1.0").unlink()
    with pytest.raises(DatasetMissingError, match=f'{named}.*source="PATH/espress-0.1.0-full.tar.gz".*hub:'):
        espress.load(version="0.1.0")
    with pytest.raises(DatasetMissingError, match="is in the folder releases/archives of the project's repository"):
        espress.load(version="0.1.0")
    monkeypatch.setitem(schema().about, "homepage", "https://example.org/espress")
    monkeypatch.setitem(schema().about, "doi", "10.5281/zenodo.1")
    with pytest.raises(DatasetMissingError, match=r"example\.org/espress or https://doi\.org/10\.5281/zenodo\.1"):
        espress.load(version="0.1.0")


def test_a_folder_is_loaded_and_refused_for_another_version_or_edition(world: World, tmp_path: Path) -> None:
    made = world.release("0.1.0", articles(7))
    other = write_dataset(tmp_path / "mine", "0.1.0+dev", articles(8))
    assert _words(source=made) == _words(source=str(made), version="0.1.0", edition="full") == 7
    assert _words(source=other) == 8
    with pytest.raises(
        UnknownNameError, match=r"'0.1.0'. Known, nearest first: 0.1.0\+dev. .*mine holds only this one"
    ):
        espress.load(source=other, version="0.1.0")
    with pytest.raises(UnknownNameError, match=r"'open'.*full"):
        espress.load(source=other, edition="open")


@pytest.mark.parametrize("source", ["nowhere", "https://example.org/espress.tar.gz"])
def test_the_error_for_a_missing_source_lists_the_kinds_of_sources(world: World, source: str) -> None:
    with pytest.raises(DatasetMissingError, match=r"folder, an archive or hub:OWNER/NAME"):
        espress.load(source=source)


def test_files_that_differ_from_the_list_of_releases_are_refused(world: World) -> None:
    made = world.release("0.1.0", articles(7))
    release = world.releases["0.1.0"]
    files = tuple(replace(f, sha256="0" * 64) if "articles" in f.path else f for f in release.editions["full"].files)
    edition = replace(release.editions["full"], files=files)
    world.releases["0.1.0"] = replace(release, editions={"full": edition})
    world.write_releases()
    with pytest.raises(DamagedDataError, match=r"articles.parquet has sha256 .* release 0.1.0 \(full\) has 000"):
        espress.load(source=made)
    with pytest.raises(DamagedDataError, match=r"espress-0.1.0-full.tar.gz holds data/articles.parquet with sha256"):
        espress.load(version="0.1.0")
    assert not list(world.cache.glob("*"))


def test_one_changed_byte_in_a_cached_file_is_found_and_named(world: World) -> None:
    world.release("0.1.0")
    espress.load(version="0.1.0", as_="arrow")
    path = world.cache / "0.1.0-full" / "data" / "articles.parquet"
    data = bytearray(path.read_bytes())
    data[200] ^= 1
    path.write_bytes(data)
    with pytest.raises(DamagedDataError, match=f"{path} has sha256 {sha256(bytes(data))}"):
        espress.load(version="0.1.0", as_="arrow")
    (problem,) = espress.verify("0.1.0").problems
    assert problem.path == "data/articles.parquet"


def test_a_cached_folder_without_its_sums_is_unpacked_again(world: World) -> None:
    world.release("0.1.0", articles(7))
    espress.load(version="0.1.0", as_="arrow")
    (world.cache / "0.1.0-full" / "SHA256SUMS").write_bytes(b"")
    assert espress.whereabouts()["0.1.0"] == {"full": "archive"}
    assert _words(version="0.1.0") == 7
    assert [path.name for path in world.cache.iterdir()] == ["0.1.0-full"]


def test_a_known_fault_is_one_warning_at_the_line_that_loads(world: World) -> None:
    world.release("0.1.0")
    (world.package / "_errata.toml").write_text(
        '[[erratum]]\nversions = ["0.1.0"]\ntables = ["articles"]\nwhat = "Two dates are wrong."\n'
        'what_to_do = "Load 0.1.1."\ndate = 2026-12-01\n',
        encoding="utf-8",
    )
    with pytest.warns(ErratumWarning, match=r"Release 0.1.0, articles: Two dates are wrong. Load 0.1.1.") as said:
        espress.load(version="0.1.0", as_="arrow")
    assert [warning.filename for warning in said] == [__file__]
    with warnings.catch_warnings(record=True) as again:
        espress.load(version="0.1.0", as_="arrow")
        espress.load(as_="arrow")
    assert not again


def test_a_withdrawn_release_names_its_withdrawn_articles(world: World) -> None:
    world.release("0.1.0")
    gone = Withdrawn("a-03", "2026-12-02", "asked by the publisher")
    world.releases["0.1.0"] = replace(world.releases["0.1.0"], status="withdrawn", withdrawn=(gone,))
    world.write_releases()
    with pytest.warns(WithdrawnWarning, match=r"withdrawn since: a-03 \(2026-12-02: asked by the publisher\)"):
        espress.load(version="0.1.0", as_="arrow")


def test_another_version_has_the_classes_of_its_own_card(world: World) -> None:
    from datasets import ClassLabel

    world.release("0.1.0")
    rows = espress.load("articles", version="0.1.0")
    assert rows.features["stance"] == ClassLabel(names=["favor", "against", "none"])
    assert (rows[0]["stance"], rows[3]["stance"], rows.split) == (0, None, "train")
    empty = espress.load("rejects", version="0.1.0")  # a table without rows stands in no card
    assert empty.num_rows == 0
    with pytest.raises(UnknownNameError, match=r"articles"):
        espress.load("article", version="0.1.0")


def test_a_changed_list_of_releases_and_a_rebuilt_folder_are_seen_at_once(world: World) -> None:
    world.release("0.1.0")
    assert espress.versions() == ["0.2.0-dev", "0.1.0"]
    world.release("0.2.0")
    assert espress.versions() == ["0.2.0-dev", "0.2.0", "0.1.0"]
    folder = world.package / "_dataset"
    assert _words() == 100
    shutil.rmtree(folder)
    write_dataset(folder, "0.2.0-dev", articles(9))
    assert _words() == 9
    (folder / "data" / "rejects.parquet").unlink()
    (folder / "SHA256SUMS").unlink()
    write_sums(folder)
    with pytest.raises(UnknownNameError, match=r"articles"):
        espress.load("rejects")


def test_an_archive_is_loaded_without_a_bundled_dataset(world: World) -> None:
    world.release("0.1.0", articles(7))
    shutil.rmtree(world.package / "_dataset")
    assert _words(version="0.1.0") == 7
    assert espress.versions() == ["0.1.0"]
    with pytest.raises(DatasetMissingError, match=r"make corpus"):
        espress.load()
