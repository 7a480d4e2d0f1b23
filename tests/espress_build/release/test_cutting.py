"""Cutting a release: what it writes, what it refuses, and what is left of it when it is stopped."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress_build.release.made import FIRST, LATER, ROOT, CopyingClone, Project, commit, release, tree

from espress.data.releases import read_releases, releases_text
from espress.errors import DamagedDataError, EspressError, InputError
from espress.files import hash_file
from espress_build.pipeline import dataset_exchange
from espress_build.release.archive import ArchiveError, opened
from espress_build.release.clone import RebuildError, differing
from espress_build.release.git import GitError
from espress_build.release.last_step import ReleaseStoppedError
from espress_build.release.version_rule import NumberError

if TYPE_CHECKING:
    from collections.abc import Callable

    Row = dict[str, Any]

ARCHIVES = ("espress-0.1.0-full.tar.gz", "espress-0.1.0-open.tar.gz")


def rename_first(rows: list[Row]) -> list[Row]:
    """Give the first event another description: a fact, not an item."""
    return [rows[0] | {"description": "Another description."}, *rows[1:]]


def test_a_release_is_written_down_in_full(small: Project) -> None:
    said = small.release("0.1.0", doi="10.5281/zenodo.1234567")
    assert "git tag v0.1.0" in said
    (release,) = read_releases(small.folder / "releases" / "releases.json").values()
    assert (release.version, release.date, release.doi) == ("0.1.0", FIRST, "10.5281/zenodo.1234567")
    assert (release.status, release.withdrawn) == ("published", ())
    for name, edition in release.editions.items():
        path = small.folder / "releases" / "archives" / f"espress-0.1.0-{name}.tar.gz"
        assert (edition.archive.size, edition.archive.sha256) == (path.stat().st_size, hash_file(path))
        with opened(path) as folder:
            found = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
            named = {file.path: (file.size, file.sha256) for file in edition.files}
            assert named == {key: (p.stat().st_size, hash_file(p)) for key, p in found.items()}
            assert edition.root == hash_file(folder / "SHA256SUMS")
    assert differing(small.folder / "dataset", small.built) == []
    about = (small.folder / "schema" / "dataset.toml").read_text(encoding="utf-8")
    assert f'version = "0.1.0"\nreleased = "{FIRST}"\n' in about
    assert "year = 2026\n" in about
    assert (small.folder / "CITATION.cff").read_text(encoding="utf-8") == about
    assert (small.folder / "state" / "folds.csv").read_text(encoding="utf-8").count(",0.1.0\n") == 5
    assert not (small.folder / ".make").exists() or not list((small.folder / ".make").iterdir())


def test_both_builds_are_logged_with_what_they_ran_in(small: Project) -> None:
    small.release("0.1.0")
    logs = [(small.folder / "releases" / "logs" / f"0.1.0-{n}.log").read_text(encoding="utf-8") for n in (1, 2)]
    for log in logs:
        assert re.match(r"commit [0-9a-f]{40}\nPython 3", log)
        assert "requirements.lock sha256 " in log
    assert logs[0] != logs[1]  # other zone, locale, hash seed


def test_the_changelog_keeps_notes_and_names_ids(released: Project) -> None:
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
    assert f"articles: 0 added, 1 changed, 1 removed\n  - {gone[0]}\n  ~ " in data
    assert ": title\n" in data


def test_the_day_is_that_of_the_commit_unless_it_is_named(small: Project) -> None:
    small.release("0.1.0", None)
    days = subprocess.run(
        ["git", "-C", small.folder, "show", "-s", "--format=%cs"], capture_output=True, text=True, check=True
    )
    (release,) = read_releases(small.folder / "releases" / "releases.json").values()
    assert release.date == days.stdout.strip()


def test_a_second_release_leaves_the_first_archives_alone(released: Project) -> None:
    home = released.folder / "releases" / "archives"
    before = {name: (home / name).read_bytes() for name in ARCHIVES}
    released.build("events", rename_first)
    released.release("0.1.1", LATER)
    assert {name: (home / name).read_bytes() for name in ARCHIVES} == before
    assert list(read_releases(released.folder / "releases" / "releases.json")) == ["0.1.0", "0.1.1"]


def test_a_doi_is_written_down_once_it_is_known(released: Project) -> None:
    released.release("0.1.0", doi="10.5281/zenodo.7")
    (one,) = read_releases(released.folder / "releases" / "releases.json").values()
    assert one.doi == "10.5281/zenodo.7"
    with pytest.raises(NumberError, match="has the DOI"):
        released.release("0.1.0", doi="10.5281/zenodo.8")


# What is refused.


@pytest.mark.parametrize(
    ("version", "error", "words"),
    [
        ("0.1", NumberError, "X.Y.Z"),
        ("v0.2.0", NumberError, "X.Y.Z"),
        ("0.02.0", NumberError, "X.Y.Z"),
        ("0.1.0", NumberError, "is released"),
        ("0.0.9", NumberError, "not behind 0.1.0"),
    ],
)
def test_a_wrong_number_is_refused(released: Project, version: str, error: type[EspressError], words: str) -> None:
    before = tree(released.folder)
    with pytest.raises(error, match=re.escape(words)):
        released.release(version)
    assert tree(released.folder) == before


def test_a_number_too_small_for_the_changes_is_refused_and_the_least_one_named(released: Project) -> None:
    changed: list[str] = []

    def other_label(rows: list[Row]) -> list[Row]:
        changed.append(f"{rows[0]['sentence_id']}/{rows[0]['proposition_id']}")
        return [rows[0] | {"bears_on": "no" if rows[0]["bears_on"] == "yes" else "yes"}, *rows[1:]]

    released.build("relevance", other_label)
    with pytest.raises(NumberError) as refused:
        released.release("0.2.0")
    assert "espress-build release 1.0.0" in str(refused.value)
    assert f"relevance.bears_on changed in 1 rows: {changed[0]}" in str(refused.value)


def test_what_is_not_committed_is_named(small: Project) -> None:
    (small.folder / "CHANGELOG.md").write_text("# Changelog\n\n## Data\n", encoding="utf-8")
    (small.folder / "stray ünd.txt").touch()
    with pytest.raises(GitError, match=r"CHANGELOG\.md, stray ünd\.txt"):
        small.release("0.1.0")


def test_a_folder_without_git_is_refused(small: Project, tmp_path: Path) -> None:
    shutil.rmtree(small.folder / ".git")
    with pytest.raises(GitError, match="not a git repository"):
        small.release("0.1.0")


@pytest.mark.parametrize(
    ("date", "doi"), [("31.1.2026", None), ("2026-02-30", None), ("20260131", None), (FIRST, "zenodo.7")]
)
def test_a_day_or_doi_that_is_none_is_refused(small: Project, date: str, doi: str | None) -> None:
    with pytest.raises(EspressError, match=r"no day|no DOI"):
        small.release("0.1.0", date, doi)


def test_an_archive_that_releases_json_does_not_know_is_refused(released: Project) -> None:
    path = released.folder / "releases" / "archives" / ARCHIVES[0]
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    commit(released.folder)
    with pytest.raises(ArchiveError, match="git checkout HEAD -- releases"):
        released.release("0.2.0")
    path.unlink()
    commit(released.folder)
    with pytest.raises(ArchiveError, match="is missing"):
        released.release("0.2.0")


def test_a_damaged_list_of_releases_is_refused(released: Project) -> None:
    path = released.folder / "releases" / "releases.json"
    path.write_text(path.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    commit(released.folder)
    with pytest.raises(DamagedDataError, match=r"releases\.json"):
        released.release("0.2.0")


def test_builds_that_differ_are_no_release(small: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    make = CopyingClone.make_editions

    def sloppy(clone: CopyingClone) -> None:
        make(clone)
        if clone.surroundings["TZ"] != "UTC":
            (clone.dataset / "README.md").write_text("built in Tokyo", encoding="utf-8")

    monkeypatch.setattr(CopyingClone, "make_editions", sloppy)
    before = tree(small.folder)
    with pytest.raises(RebuildError, match=r"full edition: README\.md"):
        small.release("0.1.0")
    assert tree(small.folder) == before


def test_a_failed_command_shows_its_end_and_the_log(small: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(clone: CopyingClone) -> None:
        clone.call(sys.executable, "-c", "print('all is lost'); raise SystemExit(1)")

    monkeypatch.setattr(CopyingClone, "make_editions", failing)
    with pytest.raises(RebuildError, match=r"(?s)all is lost.*0\.1\.0-1\.log"):
        small.release("0.1.0")


def test_errata_that_nobody_would_see_are_refused(small: Project) -> None:
    erratum = (
        '[[erratum]]\nversions = ["0.1.0", "0.3.0"]\ntables = ["artikles"]\n'
        'what = "x"\nwhat_to_do = "y"\ndate = 2026-01-31\n'
    )
    (small.folder / "releases").mkdir()
    (small.folder / "releases" / "errata.toml").write_text(erratum, encoding="utf-8")
    commit(small.folder)
    with pytest.raises(InputError) as refused:
        small.release("0.1.0")
    assert [problem.split(": ", 1)[1].split(";")[0] for problem in refused.value.problems] == [
        "versions names '0.3.0'",
        "tables names 'artikles'",
    ]


def test_the_errata_of_the_project_are_sound(project: Path) -> None:
    from espress_build.release.errata import check_errata

    path = project / "releases" / "releases.json"
    check_errata(project / "releases" / "errata.toml", read_releases(path) if path.is_file() else [])


# What is left when it is stopped.


class Snapshots:
    """What a kill would leave at each point at which a release touches the disk, looked at or put aside to go on with.

    Before the plan stands, nothing of the project may differ, so that it is only looked at; some of these states and,
    of those behind it, each renaming and a part of the others are kept. Links will do: nothing is written in place.
    """

    def __init__(self, small: Project, spares: Path) -> None:
        """Take the project, and a folder for what is put aside."""
        self.small, self.spares = small, spares
        self.before = tree(small.folder)
        self.touched: list[str] = []  # points before the plan at which the project was not as before
        self.early = self.late = 0

    def reached(self, kind: str) -> None:
        """Stand at a point."""
        if (self.small.folder / ".make" / "release" / "plan.json").exists():
            self.late += 1
            kept = kind in ("rename", "remove") or self.late % 5 == 0
        else:
            self.early += 1
            kept = self.early % 40 == 0
            if self.early % 4 == 0 and tree(self.small.folder) != self.before:
                self.touched.append(kind)
        if kept:
            spare = self.spares / f"{self.early:03d}-{self.late:03d}-{kind}"
            shutil.copytree(self.small.folder, spare, symlinks=True, copy_function=os.link)


def test_stopped_at_any_point_it_is_cut_by_the_same_command(
    small: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = Snapshots(small, tmp_path / "spares")
    with monkeypatch.context() as patched:
        patched.setattr(dataset_exchange, "reached", points.reached)
        small.release("0.1.0")
    after, spares = tree(small.folder), sorted(points.spares.iterdir())
    for spare in spares:
        left = tree(spare)
        for name in ARCHIVES:  # an archive is there whole or not at all
            assert left.get(f"releases/archives/{name}") in (None, after[f"releases/archives/{name}"]), spare.name
        release(spare, small.built, "0.1.0")
        assert tree(spare) == after, spare.name
    print(f"\n{points.early} points before the plan, {points.late} behind; went on at {len(spares)} of them")
    assert points.touched == []
    assert points.late > 50
    assert len(spares) > 20


_KILLING = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from espress_build.pipeline import dataset_exchange
from tests.espress_build.release.made import release
count = 0
def reached(kind):
    global count
    count += 1
    if count == int(sys.argv[4]):
        os.kill(os.getpid(), signal.SIGKILL)
dataset_exchange.reached = reached
release(Path(sys.argv[2]), Path(sys.argv[3]), "0.1.0")
"""


@pytest.mark.parametrize("back", [2, 9])
def test_killed_for_real_it_is_cut_by_the_same_command(small: Project, tmp_path: Path, back: int) -> None:
    other = shutil.copytree(small.folder, tmp_path / "other", symlinks=True)
    points = 0

    def count(_kind: str) -> None:
        nonlocal points
        points += 1

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(dataset_exchange, "reached", count)
        small.release("0.1.0")
    command = [sys.executable, "-c", _KILLING, str(ROOT), str(other), str(small.built), str(points - back)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == -signal.SIGKILL
    assert tree(other) != tree(small.folder) or (other / ".make" / "release" / "plan.json").exists()
    release(other, small.built, "0.1.0")
    assert tree(other) == tree(small.folder)


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


def test_an_archive_is_never_written_again(small: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_while_writing(small, monkeypatch)
    (path,) = (small.folder / "releases" / "archives").iterdir()
    path.write_bytes(b"published by somebody else")
    with pytest.raises(ReleaseStoppedError, match="never written again"):
        small.release("0.1.0")
    assert path.read_bytes() == b"published by somebody else"


def test_releases_text_is_what_the_release_wrote(released: Project) -> None:
    path = released.folder / "releases" / "releases.json"
    assert path.read_text(encoding="utf-8") == releases_text(read_releases(path))
