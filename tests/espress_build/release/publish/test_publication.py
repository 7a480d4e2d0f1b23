"""Which datasets may be published, and publishing into a folder."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.espress_build.release.publish.conftest import FIRST, SECOND, Project, make_dataset, release
from tests.helpers import read_files

from espress.data.releases import Withdrawn, format_releases
from espress_build.release import ledger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Refuse = Callable[..., str]


@pytest.fixture
def refuse(released: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refuse:
    """Return a function that runs the command in the project, which must fail, and returns what it says."""
    monkeypatch.chdir(released.home)

    def run(*arguments: str) -> str:
        assert released.publish(*arguments) == 2
        return capsys.readouterr().err

    return run


def to_folder(project: Project, *arguments: str) -> int:
    """Publish into a folder beside the project; return the exit code."""
    return project.publish("--to", "folder", "--out", str(project.home.parent / "out"), *arguments)


def test_full_edition_with_a_rights_basis_for_every_text_is_published(released: Project, tmp_path: Path) -> None:
    folder = make_dataset(tmp_path / "licensed", version="72.0.0", edition="full", rights_basis=True)
    path = ledger.ledger_path(released.home)
    path.write_text(format_releases({"72.0.0": release(released.home, "72.0.0", full=folder)}), encoding="utf-8")
    assert to_folder(released, "--edition", "full", "--really") == 0
    assert read_files(tmp_path / "out" / "espress-72.0.0-full") == read_files(folder)


def test_a_dataset_that_is_no_release_is_shown_but_not_sent(
    released: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_dataset(tmp_path / "next", version="72.0.0+dev")
    assert to_folder(released, "--from", str(folder)) == 0
    assert "It cannot be sent: 72.0.0+dev is not in releases/releases.json" in capsys.readouterr().out
    assert to_folder(released, "--from", str(folder), "--really") == 2
    assert not (tmp_path / "out").exists()


def put_words_into_the_open_edition(released: Project) -> None:
    make_dataset(released.home / "leaky", version="72.0.0", texts=True)


def withdraw_an_article(released: Project) -> None:
    releases = ledger.read_ledger(released.home)
    gone = ledger.mark_withdrawn(releases[SECOND], Withdrawn("some-article", "2026-11-22", "asked for"))
    ledger.ledger_path(released.home).write_text(format_releases(releases | {SECOND: gone}), encoding="utf-8")


def change_the_archive(released: Project) -> None:
    archive = released.home / "releases" / "archives" / f"espress-{SECOND}-open.tar.gz"
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 1
    archive.write_bytes(data)


def remove_the_releases(released: Project) -> None:
    ledger.ledger_path(released.home).unlink()


@pytest.mark.parametrize(
    ("prepare", "arguments", "says"),
    [
        (None, ("--version", FIRST, "--edition", "full"), "no rights_basis: "),
        (None, ("--from", "full"), "full edition, not open"),
        (None, ("--from", "nowhere"), "nowhere"),
        (None, ("--version", "9.9.9"), "Known, nearest first"),
        (put_words_into_the_open_edition, ("--from", "leaky"), "holds words of articles"),
        (withdraw_an_article, ("--really",), "some-article"),
        (change_the_archive, (), "differs from the released archive"),
        (remove_the_releases, (), "espress-build release"),
    ],
)
def test_what_must_not_be_published_is_refused(
    released: Project, refuse: Refuse, prepare: Callable[[Project], None] | None, arguments: tuple[str, ...], says: str
) -> None:
    if prepare:
        prepare(released)
    out = released.home.parent / "out"
    for how in ((), ("--really",)):
        if how or "--really" not in arguments:
            assert says in refuse("--to", "folder", "--out", str(out), *arguments, *how)
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--to", "hub"), "--repo OWNER/NAME"),
        (("--to", "folder"), "--out DIR"),
        (("--to", "zenodo", "--publish"), "--publish goes with"),
    ],
)
def test_wrong_usage_says_what_to_type(refuse: Refuse, arguments: tuple[str, ...], says: str) -> None:
    assert says in refuse(*arguments)


def test_a_folder_gets_the_last_release_once(
    released: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "out" / f"espress-{SECOND}-open"
    assert to_folder(released, "--really") == 0
    assert read_files(there) == read_files(released.home / "second")
    assert to_folder(released, "--really") == 0
    assert "nothing was done" in capsys.readouterr().out
    (there / "README.md").write_text("mine", encoding="utf-8")
    assert to_folder(released, "--really") == 2
    assert (there / "README.md").read_text(encoding="utf-8") == "mine"


def test_a_full_disk_leaves_no_partial_copy(
    released: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = shutil.copyfile

    def full(source: str, target: str, **how: bool) -> object:
        if str(target).endswith("entries.parquet"):
            raise OSError(28, "No space left on device", str(target))
        return copy(source, target, **how)

    monkeypatch.setattr(shutil, "copyfile", full)
    assert to_folder(released, "--really") == 2
    assert "No space left" in capsys.readouterr().err
    assert list((tmp_path / "out").iterdir()) == []
