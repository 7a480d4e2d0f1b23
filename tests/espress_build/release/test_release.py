"""A release: the files it writes, what it refuses, and how it continues after a stop."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress_build.release.small_project import FIRST, LATER, CopyingBuild, Project, commit, release, tree

from espress.data.release_archive import unpack
from espress.data.releases import format_releases, read_releases
from espress.errors import DamagedDataError, EspressError, InputError
from espress.files import hash_file
from espress_build.release.fresh_build import RebuildError
from espress_build.release.git import GitError
from espress_build.release.ledger import check_errata, list_files
from espress_build.release.pack_archive import ArchiveError
from espress_build.release.plan import ReleaseStoppedError
from espress_build.release.version_rule import NumberError

if TYPE_CHECKING:
    from collections.abc import Callable

    Row = dict[str, Any]

ARCHIVES = ("espress-0.1.0-full.tar.gz", "espress-0.1.0-open.tar.gz")


def rename_first(rows: list[Row]) -> list[Row]:
    """Give the first event another description: a fact, not an item."""
    return [rows[0] | {"description": "Another description."}, *rows[1:]]


def test_a_release_is_recorded_in_full(small: Project, tmp_path: Path) -> None:
    said = small.release("0.1.0", doi="10.5281/zenodo.1234567")
    assert "git tag v0.1.0" in said
    path = small.folder / "releases" / "releases.json"
    assert path.read_text(encoding="utf-8") == format_releases(read_releases(path))
    (release,) = read_releases(path).values()
    assert (release.version, release.date, release.doi) == ("0.1.0", FIRST, "10.5281/zenodo.1234567")
    assert (release.status, release.withdrawn) == ("published", ())
    for name, edition in release.editions.items():
        path = small.folder / "releases" / "archives" / f"espress-0.1.0-{name}.tar.gz"
        assert (edition.archive.size, edition.archive.sha256) == (path.stat().st_size, hash_file(path))
        (folder := tmp_path / name).mkdir()
        unpack(path, edition, folder)
        assert edition.files == list_files(folder)
        assert edition.root == hash_file(folder / "SHA256SUMS")
    assert list_files(small.folder / "dataset") == list_files(small.built)
    about = (small.folder / "schema" / "dataset.toml").read_text(encoding="utf-8")
    assert f'version = "0.1.0"\nreleased = "{FIRST}"\n' in about
    assert "year = 2026\n" in about
    assert (small.folder / "CITATION.cff").read_text(encoding="utf-8") == about
    assert (small.folder / "state" / "folds.csv").read_text(encoding="utf-8").count(",0.1.0\n") == 5
    assert not (small.folder / ".make").exists() or not list((small.folder / ".make").iterdir())
    logs = [(small.folder / "releases" / "logs" / f"0.1.0-{n}.log").read_text(encoding="utf-8") for n in (1, 2)]
    for log in logs:
        assert re.match(r"commit [0-9a-f]{40}\nPython 3", log)
        assert "requirements.lock sha256 " in log
    assert logs[0] != logs[1]  # other zone, locale, hash seed


def test_the_changelog_keeps_notes_and_counts_changes_and_older_archives_stay(released: Project) -> None:
    home = released.folder / "releases" / "archives"
    archives = {name: (home / name).read_bytes() for name in ARCHIVES}
    text = (released.folder / "CHANGELOG.md").read_text(encoding="utf-8")
    data, code = text.split("## Code")
    assert f"### 0.1.0, {FIRST}\n\n- Written by hand.\n\n```changes\n" in data
    assert "articles: 5 rows\n" in data
    assert "not released" not in data
    assert "not released" in code
    gone: list[str] = []

    def lose_one(rows: list[Row]) -> list[Row]:
        gone.append(rows[0]["article_id"])
        return [rows[1] | {"title": "Another title"}, *rows[2:]]

    released.build("articles", lose_one)
    released.release("1.0.0", LATER)
    data = (released.folder / "CHANGELOG.md").read_text(encoding="utf-8").split(f"### 0.1.0, {FIRST}")[0]
    assert f"### 1.0.0, {LATER}\n\n```changes\n" in data
    assert f"articles: rows 1 removed, 1 changed\n  cells changed: title 1\n  - {gone[0]}\n" in data
    assert "\neach row and cell: espress-build diff 0.1.0 1.0.0\n```\n" in data
    assert {name: (home / name).read_bytes() for name in ARCHIVES} == archives
    assert list(read_releases(released.folder / "releases" / "releases.json")) == ["0.1.0", "1.0.0"]


def test_the_day_is_that_of_the_commit_unless_it_is_named(small: Project) -> None:
    small.release("0.1.0", None)
    days = subprocess.run(
        ["git", "-C", small.folder, "show", "-s", "--format=%cs"], capture_output=True, text=True, check=True
    )
    (release,) = read_releases(small.folder / "releases" / "releases.json").values()
    assert release.date == days.stdout.strip()


# Refusals.


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("0.1",), "X.Y.Z"),
        (("v0.2.0",), "X.Y.Z"),
        (("0.02.0",), "X.Y.Z"),
        (("0.1.0",), "is released"),
        (("0.0.9",), "not above 0.1.0"),
        (("0.2.0", "31.1.2026"), "not a date"),
        (("0.2.0", "2026-02-30"), "not a date"),
        (("0.2.0", "20260131"), "not a date"),
        (("0.2.0", FIRST, "zenodo.7"), "not a DOI"),
    ],
)
def test_an_invalid_number_day_or_doi_is_refused(released: Project, given: tuple[str, ...], words: str) -> None:
    before = tree(released.folder)
    with pytest.raises(EspressError, match=re.escape(words)):
        released.release(*given)
    assert tree(released.folder) == before


def test_a_doi_is_recorded_once(released: Project) -> None:
    released.release("0.1.0", doi="10.5281/zenodo.7")
    (one,) = read_releases(released.folder / "releases" / "releases.json").values()
    assert one.doi == "10.5281/zenodo.7"
    with pytest.raises(NumberError, match="has the DOI"):
        released.release("0.1.0", doi="10.5281/zenodo.8")


def test_uncommitted_files_are_listed_and_git_is_needed(small: Project) -> None:
    (small.folder / "CHANGELOG.md").write_text("# Changelog\n\n## Data\n", encoding="utf-8")
    (small.folder / "stray ünd.txt").touch()
    with pytest.raises(GitError, match=r"CHANGELOG\.md, stray ünd\.txt"):
        small.release("0.1.0")
    shutil.rmtree(small.folder / ".git")
    with pytest.raises(GitError, match="not a git repository"):
        small.release("0.1.0")


def test_a_number_too_small_for_the_changes_is_refused(released: Project) -> None:
    changed: list[str] = []

    def other_label(rows: list[Row]) -> list[Row]:
        changed.append(f"{rows[0]['sentence_id']}/{rows[0]['proposition_id']}")
        return [rows[0] | {"bears_on": "no" if rows[0]["bears_on"] == "yes" else "yes"}, *rows[1:]]

    released.build("relevance", other_label)
    with pytest.raises(NumberError) as refused:
        released.release("0.2.0")
    assert "espress-build release 1.0.0" in str(refused.value)
    assert f"relevance.bears_on changed in 1 rows: {changed[0]}" in str(refused.value)


def test_damaged_records_of_releases_are_refused(released: Project) -> None:
    releases = released.folder / "releases" / "releases.json"
    whole = releases.read_text(encoding="utf-8")
    releases.write_text(whole[:-20], encoding="utf-8")
    commit(released.folder)
    with pytest.raises(DamagedDataError, match=r"releases\.json"):
        released.release("0.2.0")
    releases.write_text(whole, encoding="utf-8")
    path = released.folder / "releases" / "archives" / ARCHIVES[0]
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    commit(released.folder)
    with pytest.raises(ArchiveError, match="git checkout HEAD -- releases"):
        released.release("0.2.0")
    path.unlink()
    commit(released.folder)
    with pytest.raises(ArchiveError, match="is missing"):
        released.release("0.2.0")


def test_builds_that_differ_are_refused(small: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    make = CopyingBuild.make_editions

    def make_other_readme(build: CopyingBuild) -> None:
        make(build)
        if build.variables["TZ"] != "UTC":
            (build.editions["full"] / "README.md").write_text("built in Tokyo", encoding="utf-8")

    monkeypatch.setattr(CopyingBuild, "make_editions", make_other_readme)
    before = tree(small.folder)
    with pytest.raises(RebuildError, match=r"full edition: README\.md"):
        small.release("0.1.0")
    assert tree(small.folder) == before


def test_a_failed_command_shows_its_end_and_the_log(small: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(build: CopyingBuild) -> None:
        build.call(sys.executable, "-c", "print('all is lost'); raise SystemExit(1)")

    monkeypatch.setattr(CopyingBuild, "make_editions", fail)
    with pytest.raises(RebuildError, match=r"(?s)`python -c .*all is lost.*0\.1\.0-1\.log"):
        small.release("0.1.0")


def test_errata_of_unknown_versions_and_tables_are_refused(small: Project) -> None:
    erratum = (
        '[[erratum]]\nversions = ["0.1.0", "0.3.0"]\ntables = ["artikles"]\n'
        'what = "x"\nwhat_to_do = "y"\ndate = 2026-01-31\n'
    )
    (small.folder / "releases").mkdir()
    (small.folder / "releases" / "errata.toml").write_text(erratum, encoding="utf-8")
    commit(small.folder)
    with pytest.raises(InputError) as refused:
        small.release("0.1.0")
    assert [problem.split(": ", 1)[1].split(". Known")[0] for problem in refused.value.problems] == [
        "versions names '0.3.0'",
        "tables names 'artikles'",
    ]


def test_the_errata_of_the_project_are_valid(project: Path) -> None:
    path = project / "releases" / "releases.json"
    check_errata(project / "releases" / "errata.toml", read_releases(path) if path.is_file() else [])


# After a stop.


# The calls by which a release changes the disk.
CALLS = ((os, "fsync"), (os, "replace"), (os, "rename"), (Path, "unlink"), (shutil, "rmtree"))


class Snapshots:
    """Copies of the project as a kill would leave it just before a call that changes the disk.

    Before the plan is written, nothing of the project may differ, so that most states are only compared; afterwards
    each renaming and some of the other states are kept. Hard links suffice, because files are never changed in place.
    """

    def __init__(self, small: Project, folder: Path) -> None:
        """Take the project, and the folder for the copies."""
        self.small, self.folder = small, folder
        self.before = tree(small.folder)
        self.touched: list[str] = []  # calls before the plan at which the project had changed
        self.early = self.late = 0
        self.busy = False

    def take(self, call: str) -> None:
        """Compare or copy the project."""
        if self.busy:
            return
        self.busy = True
        if (self.small.folder / ".make" / "release" / "plan.json").exists():
            self.late += 1
            kept = call not in ("fsync", "unlink") or self.late % 5 == 0
        else:
            self.early += 1
            kept = self.early % 40 == 0
            if self.early % 4 == 0 and tree(self.small.folder) != self.before:
                self.touched.append(call)
        if kept:
            copy = self.folder / f"{self.early:03d}-{self.late:03d}-{call}"
            shutil.copytree(self.small.folder, copy, symlinks=True, copy_function=os.link)
        self.busy = False


def watch(monkeypatch: pytest.MonkeyPatch, take: Callable[[str], None]) -> None:
    """Call `take` before each of the calls."""

    def wrap(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            take(name)
            return original(*arguments, **named)

        return call

    for owner, name in CALLS:
        monkeypatch.setattr(owner, name, wrap(name, getattr(owner, name)))


def test_stopped_at_any_point_it_is_finished_by_the_same_command(
    small: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshots = Snapshots(small, tmp_path / "snapshots")
    with monkeypatch.context() as patched:
        watch(patched, snapshots.take)
        small.release("0.1.0")
    after, copies = tree(small.folder), sorted(snapshots.folder.iterdir())
    for copy in copies:
        left = tree(copy)
        for name in ARCHIVES:  # an archive is there whole or not at all
            assert left.get(f"releases/archives/{name}") in (None, after[f"releases/archives/{name}"]), copy.name
        release(copy, small.built, "0.1.0")
        assert tree(copy) == after, copy.name
    print(f"\n{snapshots.early} calls before the plan, {snapshots.late} after it; went on from {len(copies)} of them")
    assert snapshots.touched == []
    assert snapshots.late > 50
    assert len(copies) > 20


def stop_while_writing(small: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut 0.1.0, and stop when the second file of the project is about to take its place."""
    replaced = 0
    replace: Callable[..., Any] = Path.replace

    def counting(path: Path, target: Path) -> Any:
        nonlocal replaced
        replaced += path.name == "moving"
        if replaced == 2:
            raise OSError(28, "No space left on device", str(target))
        return replace(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", counting)
        with pytest.raises(OSError, match="No space left"):
            small.release("0.1.0")


def test_another_release_is_refused_while_one_is_half_written(small: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_while_writing(small, monkeypatch)
    with pytest.raises(ReleaseStoppedError, match=r"espress-build release 0\.1\.0"):
        small.release("0.2.0")
    (small.folder / "stray.txt").touch()
    with pytest.raises(GitError, match=r"stray\.txt"):
        small.release("0.1.0")
    (small.folder / "stray.txt").unlink()
    small.release("0.1.0")
    assert list(read_releases(small.folder / "releases" / "releases.json")) == ["0.1.0"]


def test_an_archive_is_never_overwritten(small: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_while_writing(small, monkeypatch)
    (path,) = (small.folder / "releases" / "archives").iterdir()
    path.write_bytes(b"published by somebody else")
    with pytest.raises(ReleaseStoppedError, match="never overwritten"):
        small.release("0.1.0")
    assert path.read_bytes() == b"published by somebody else"
