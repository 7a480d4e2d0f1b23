"""What verifying and identifying a folder or an archive says of each way in which bytes can differ."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.espress.data.small_world import articles, sha256, write_dataset

import espress
from espress.data.integrity import (
    Problem,
    compare,
    compare_with_sums,
    hash_once,
    identify,
    read_sums,
    require_genuine,
    root_hash,
)
from espress.data.verification import Report
from espress.errors import DamagedDataError, DatasetMissingError, UnknownNameError

if TYPE_CHECKING:
    from tests.espress.data.small_world import World

NAMES = ["README.md", "data/articles.parquet", "data/rejects.parquet", "datapackage.json"]
HASH = "0" * 64


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_dataset(tmp_path / "dataset", "0.3.0")


def test_sums_are_read_and_their_hash_is_the_root(folder: Path) -> None:
    sums = read_sums(folder)
    assert sorted(sums) == NAMES
    assert sums["README.md"] == sha256((folder / "README.md").read_bytes())
    assert root_hash(folder) == sha256((folder / "SHA256SUMS").read_bytes())
    (folder / "SHA256SUMS").write_text(f"{HASH} *a b\n{HASH}  c\n", encoding="utf-8")
    assert read_sums(folder) == {"a b": HASH, "c": HASH}


@pytest.mark.parametrize(
    "line",
    [
        f"{HASH[1:]}  short",
        f"{HASH}0  long",
        f"{'A' * 64}  capitals",
        f"{HASH} ",
        "words",
        f"{HASH}  /absolute",
        f"{HASH}  ../above",
        f"{HASH}  a/../../above",
    ],
)
def test_a_line_that_is_no_hash_and_path_inside_is_refused_with_its_number(folder: Path, line: str) -> None:
    (folder / "SHA256SUMS").write_text(f"{HASH}  a\n{line}\n", encoding="utf-8")
    for read in (read_sums, root_hash, compare_with_sums, identify, espress.verify):
        with pytest.raises(DamagedDataError, match="SHA256SUMS, line 2 is not a hash and a path"):
            read(folder)


def test_a_folder_without_sums_holds_no_dataset(tmp_path: Path) -> None:
    for read in (read_sums, root_hash, identify, espress.verify):
        with pytest.raises(DatasetMissingError, match=r"holds no dataset.*make corpus"):
            read(tmp_path)


def test_missing_changed_linked_and_foreign_files_are_each_named(folder: Path, tmp_path: Path) -> None:
    wanted = read_sums(folder)
    assert compare(folder, wanted) == compare_with_sums(folder) == ()
    (folder / "README.md").write_text("changed", encoding="utf-8")
    (folder / "data" / "rejects.parquet").unlink()
    (folder / "data" / "rejects.parquet").symlink_to(folder / "data" / "articles.parquet")
    (folder / "datapackage.json").unlink()
    (folder / "data" / "deep").mkdir()
    (folder / "data" / "deep" / "stray.csv").write_text("a", encoding="utf-8")
    (folder / "a stray").symlink_to(tmp_path / "nowhere")
    changed = f"has sha256 {sha256(b'changed')}, not {wanted['README.md']}"
    expected = [
        ("README.md", changed),
        ("data/rejects.parquet", "is a symbolic link"),
        ("datapackage.json", "is missing"),
        ("a stray", "is not named in SHA256SUMS"),
        ("data/deep/stray.csv", "is not named in SHA256SUMS"),
    ]
    assert [(one.path, one.what) for one in compare(folder, wanted)] == expected
    assert compare_with_sums(folder) == espress.verify(folder).problems
    assert [one.what for one in compare(folder, wanted, "the list")][-1] == "is not named in the list"


def test_a_hash_is_computed_once_while_a_file_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"one")
    assert hash_once(path) == sha256(b"one")
    with path.open("rb") as handle:
        assert hash_once(path, handle) == sha256(b"one")
        assert handle.read() == b"one"
    with monkeypatch.context() as patch:
        patch.setattr(hashlib, "file_digest", lambda *_: pytest.fail("it is hashed again"))
        assert hash_once(path) == sha256(b"one")
    other = tmp_path / "other"
    other.write_bytes(b"two")
    other.replace(path)
    with path.open("rb") as handle:
        assert hash_once(path, handle) == sha256(b"two")
        assert handle.tell() == 0
    times = path.stat().st_mtime_ns
    path.write_bytes(b"new")
    os.utime(path, ns=(times, times))  # setting the time of modification back does not set back the time of change
    assert hash_once(path) == sha256(b"new")


def test_a_folder_is_identified_by_its_bytes_or_its_package(world: World, folder: Path) -> None:
    world.release("0.1.0", editions=("full", "open"))
    opened = identify(world.home / "made" / "0.1.0-open")
    assert (opened.version, opened.edition, opened.genuine, str(opened)) == ("0.1.0", "open", True, "0.1.0 (open)")
    assert opened.release == world.releases["0.1.0"]
    assert opened.wanted() == read_sums(opened.folder) | {"SHA256SUMS": opened.root}
    trust = sha256((world.package / "_releases.json").read_bytes())
    for source in (opened.folder, world.archive("0.1.0", "open")):
        report = espress.verify(source)
        assert (report.problems, report.version, report.edition, report.trust) == ((), "0.1.0", "open", trust)
    unknown = identify(folder)
    assert (unknown.version, unknown.edition, unknown.release, unknown.genuine) == ("0.3.0", "full", None, True)
    assert unknown.root == root_hash(folder)
    assert unknown.wanted() == read_sums(folder)
    assert require_genuine(unknown) is unknown


@pytest.mark.parametrize(
    ("package", "version", "edition"),
    [
        (b'{"version": "0.3.0", "edition": "open"}', "0.3.0", "open"),
        (b'{"version": "0.3.0"}', "0.3.0", "full"),
        (b'{"version": "0.3.0", "edition": "closed"}', "0.3.0", "full"),
        (b'{"version": 3}', "3", "full"),
        (b"{}", "unknown", "full"),
        (b"[]", "unknown", "full"),
        (b'"text"', "unknown", "full"),
        (b"\xff", "unknown", "full"),
        (b"{", "unknown", "full"),
        (b"[" * 100_000, "unknown", "full"),
        (None, "unknown", "full"),
    ],
)
def test_version_and_edition_are_those_of_the_package_if_it_can_be_read(
    folder: Path, package: bytes | None, version: str, edition: str
) -> None:
    path = folder / "datapackage.json"
    if package is None:
        path.unlink()
    else:
        path.write_bytes(package)
    found = identify(folder)
    assert (found.version, found.edition, found.genuine) == (version, edition, True)


def test_a_folder_that_claims_a_release_is_no_such_release(world: World, tmp_path: Path) -> None:
    world.release("0.1.0")
    liar = write_dataset(tmp_path / "liar", "0.1.0", articles(7))
    found = identify(liar)
    assert (found.genuine, found.release) == (False, world.releases["0.1.0"])
    assert found.differing() == ["SHA256SUMS", "data/articles.parquet"]
    for read in (lambda: require_genuine(found), lambda: espress.load(source=liar)):
        with pytest.raises(DamagedDataError, match=r"claims to be 0.1.0 \(full\), .*: .*data/articles.parquet"):
            read()
    report = espress.verify(liar)
    assert {one.path for one in report.problems} == {"SHA256SUMS", "data/articles.parquet"}
    assert (report.version, report.edition, report.root) == ("0.1.0", "full", root_hash(liar))
    assert report.trust == sha256((world.package / "_releases.json").read_bytes())


def test_a_stray_file_in_a_release_is_not_named_in_the_list_of_releases(world: World) -> None:
    made = world.release("0.1.0")
    (made / "data" / "stray.csv").write_text("a", encoding="utf-8")
    report = espress.verify(made)
    assert report.problems == (Problem("data/stray.csv", "is not named in releases.json"),)
    assert (report.files, str(report).splitlines()[0]) == (4, f"{made}: 1 problems")
    assert str(report).splitlines()[2] == "  data/stray.csv: is not named in releases.json"


def test_an_edition_that_its_release_lacks_is_a_problem(world: World, tmp_path: Path) -> None:
    world.release("0.1.0")
    other = write_dataset(tmp_path / "other", "0.1.0", articles(7), "open")
    found = identify(other)
    assert (found.release, found.genuine, found.edition) == (None, False, "open")
    report = espress.verify(other)
    assert report.problems == (Problem("SHA256SUMS", "release 0.1.0 has no edition 'open'"),)
    assert report.trust is None
    (other / "stray").write_text("a", encoding="utf-8")
    assert [one.path for one in espress.verify(other).problems] == ["SHA256SUMS", "stray"]
    with pytest.raises(DamagedDataError, match=r"claims to be 0.1.0 \(open\)"):
        require_genuine(identify(other))


def test_an_archive_is_known_by_its_hash_or_else_by_its_name(world: World, tmp_path: Path) -> None:
    world.release("0.1.0", articles(7))
    made = world.release("0.2.0", editions=("full", "open"))
    path = world.archive("0.2.0", "open")
    renamed = tmp_path / world.archive("0.1.0").name
    renamed.write_bytes(path.read_bytes())
    for place in (path, renamed, str(path)):
        report = espress.verify(place)
        assert (report.version, report.edition, report.problems, report.files) == ("0.2.0", "open", (), 4)
        assert report.root == world.releases["0.2.0"].editions["open"].root
        assert report.folder == Path(place)
    cut = tmp_path / path.name
    cut.write_bytes(path.read_bytes()[:-30])
    report = espress.verify(cut)
    assert (report.version, report.edition) == ("0.2.0", "open")
    (problem,) = report.problems
    assert (problem.path, "is incomplete" in problem.what) == (path.name, True)
    assert not world.cache.exists()
    with pytest.raises(DatasetMissingError, match=r"is not an archive .*espress-0\.1\.0-full.*0\.2\.0-open"):
        espress.verify(made / "README.md")


def test_the_error_for_a_missing_place_lists_the_versions(world: World) -> None:
    world.release("0.1.0", editions=("full", "open"))
    with pytest.raises(DatasetMissingError, match=r"There is no '.*nowhere'.*: 0\.2\.0-dev, 0\.1\.0\."):
        espress.verify(world.home / "nowhere")
    with pytest.raises(UnknownNameError):
        espress.verify("0.7.0")
    assert espress.verify("0.1.0", edition="open").edition == "open"
    assert espress.verify("0.1.0").edition == "full"


def test_a_report_states_the_comparison_and_escapes_names(folder: Path) -> None:
    sound = espress.verify(folder)
    assert str(sound).splitlines() == [
        f"{folder}: sound, 4 files, root {root_hash(folder)}",
        "  version 0.3.0 (full) is not a known release; compared only with its own SHA256SUMS",
    ]
    known = replace(sound, trust=HASH)
    assert str(known).splitlines()[1] == f"  version 0.3.0 (full), compared with releases.json, sha256 {HASH}"
    sly = Report(
        Path("a\x1b[8m"), 1, HASH, (Problem("b: sound\n", "is \x1b missing"),), "0.1.0 (full), \x1b[8m", "full", None
    )
    text = str(sly)
    assert "\x1b" not in text
    assert text.count("\n") == 2
    assert "  version '0.1.0 (full), \\x1b[8m' (full) is not" in text
    assert len(str(replace(sly, version="x" * 500)).splitlines()[1]) < 200


def test_a_package_that_changes_is_read_again(folder: Path) -> None:
    assert identify(folder).version == "0.3.0"
    (folder / "datapackage.json").write_text(json.dumps({"version": "0.4.0-dev"}), encoding="utf-8")
    assert identify(folder).version == "0.4.0-dev"
