"""What may be published at all, and publishing into a folder."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.espress_build.release.publish.conftest import FIRST, SECOND, Project, make_dataset, release

from espress.data.releases import Withdrawn, format_releases
from espress_build.release import ledger

if TYPE_CHECKING:
    from pathlib import Path


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_full_edition_without_rights_basis_is_refused(
    released: Project, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    arguments = ("--to", "folder", "--out", str(tmp_path / "out"), "--version", FIRST, "--edition", "full")
    for how in ((), ("--really",)):
        assert released.publish(*arguments, *how) == 2
        said = capsys.readouterr().err
        names = ledger.read_ledger(released.home)[FIRST].editions
        assert "rights_basis" in said
        assert "full" in names
        assert "-2019" in said
    assert not (tmp_path / "out").exists()


def test_full_edition_with_a_rights_basis_for_every_text_is_published(released: Project, tmp_path: Path) -> None:
    folder = make_dataset(tmp_path / "licensed", version="72.0.0", edition="full", rights_basis=True)
    path = ledger.ledger_path(released.home)
    path.write_text(format_releases({"72.0.0": release(released.home, "72.0.0", full=folder)}), encoding="utf-8")
    out = tmp_path / "out"
    assert released.publish("--to", "folder", "--out", str(out), "--edition", "full", "--really") == 0
    assert _files(out / "espress-72.0.0-full") == _files(folder)


def test_an_open_edition_that_contains_texts_is_refused(
    released: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_dataset(tmp_path / "leaky", version="72.0.0", texts=True)
    assert released.publish("--to", "folder", "--out", str(tmp_path / "out"), "--from", str(folder)) == 2
    assert "holds words of articles" in capsys.readouterr().err


def test_full_edition_must_be_asked_for(released: Project, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    arguments = ("--to", "folder", "--out", str(tmp_path / "out"), "--from", str(released.home / "full"))
    assert released.publish(*arguments) == 2
    assert "full edition, not open" in capsys.readouterr().err


def test_a_dataset_that_is_no_release_is_shown_but_not_sent(
    released: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_dataset(tmp_path / "next", version="72.0.0+dev")
    arguments = ("--to", "folder", "--out", str(tmp_path / "out"), "--from", str(folder))
    assert released.publish(*arguments) == 0
    assert "It cannot be sent: 72.0.0+dev is not in releases/releases.json" in capsys.readouterr().out
    assert released.publish(*arguments, "--really") == 2
    assert not (tmp_path / "out").exists()


def test_a_withdrawn_release_is_not_published(
    released: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = ledger.ledger_path(released.home)
    releases = ledger.read_ledger(released.home)
    gone = Withdrawn("some-article", "2026-11-22", "asked for")
    path.write_text(
        format_releases(releases | {SECOND: ledger.mark_withdrawn(releases[SECOND], gone)}), encoding="utf-8"
    )
    assert released.publish("--to", "folder", "--out", str(tmp_path / "out"), "--really") == 2
    assert "some-article" in capsys.readouterr().err


def test_a_changed_archive_is_not_published(
    released: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = released.home / "releases" / "archives" / f"espress-{SECOND}-open.tar.gz"
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 1
    archive.write_bytes(data)
    assert released.publish("--to", "folder", "--out", str(tmp_path / "out"), "--really") == 2
    assert "differs from the archive that was released" in capsys.readouterr().err


def test_a_folder_gets_the_last_release_once(
    released: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("--to", "folder", "--out", str(tmp_path / "out"), "--really")
    there = tmp_path / "out" / f"espress-{SECOND}-open"
    assert released.publish(*arguments) == 0
    assert _files(there) == _files(released.home / "second")
    assert released.publish(*arguments) == 0
    assert "nothing was done" in capsys.readouterr().out
    (there / "README.md").write_text("mine", encoding="utf-8")
    assert released.publish(*arguments) == 2
    assert (there / "README.md").read_text(encoding="utf-8") == "mine"


def test_a_full_disk_leaves_no_partial_copy(
    released: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = shutil.copyfile

    def full(source: str, target: str, **how: bool) -> object:
        if str(target).endswith("stance.parquet"):
            raise OSError(28, "No space left on device", str(target))
        return copy(source, target, **how)

    monkeypatch.setattr(shutil, "copyfile", full)
    assert released.publish("--to", "folder", "--out", str(tmp_path / "out"), "--really") == 2
    assert "No space left" in capsys.readouterr().err
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--to", "hub"), "--repo OWNER/NAME"),
        (("--to", "folder"), "--out DIR"),
        (("--to", "zenodo", "--publish"), "--publish goes with"),
        (("--to", "folder", "--out", "x", "--version", "9.9.9"), "Known, nearest first"),
        (("--to", "folder", "--out", "x", "--from", "nowhere"), "nowhere"),
    ],
)
def test_wrong_usage_says_what_to_type(
    released: Project, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    assert released.publish(*arguments) == 2
    assert said in capsys.readouterr().err


def test_a_project_without_releases_says_how_to_get_one(
    released: Project, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ledger.ledger_path(released.home).unlink()
    assert released.publish("--to", "folder", "--out", str(tmp_path)) == 2
    assert "espress-build release" in capsys.readouterr().err
