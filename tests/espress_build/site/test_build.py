"""Building the site: what it replaces and what it refuses to replace, and what it says without npm."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from espress.data.integrity import compare_with_sums
from espress.errors import InputError
from espress_build.cli.main import main
from espress_build.site import build
from espress_build.site.build import check_target
from espress_build.site.marker import MARKER, describe_site
from espress_build.site.page import root_prefix

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.site.dataset import Dataset


def test_the_home_page_is_there_and_all_bytes_are_listed(site_folder: Path) -> None:
    assert (site_folder / "index.html").is_file()
    assert not compare_with_sums(site_folder)
    assert sorted(path.name for path in site_folder.parent.iterdir()) == ["site", "site.lock"]


def test_the_root_is_reached_from_every_depth() -> None:
    assert [root_prefix(path) for path in ("index.html", "docs/a.html", "docs/user/a.html")] == ["", "../", "../../"]


def test_a_folder_that_is_not_a_site_is_not_replaced(tmp_path: Path, site_folder: Path) -> None:
    kept = tmp_path / "thesis"
    kept.mkdir()
    check_target(kept)
    check_target(tmp_path / "missing")
    (kept / "index.html").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=f"is not a site .*{MARKER}"):
        check_target(kept)
    with pytest.raises(InputError, match="is not a folder"):
        check_target(kept / "index.html")
    (tmp_path / "link").symlink_to(site_folder)
    with pytest.raises(InputError, match="is not a folder"):
        check_target(tmp_path / "link")


def test_a_file_that_somebody_added_to_the_site_is_not_lost(tmp_path: Path) -> None:
    target = tmp_path / "site"
    target.mkdir()
    (target / MARKER).write_text("", encoding="utf-8")
    (target / "SHA256SUMS").write_text(f"{'0' * 64}  {MARKER}\n", encoding="utf-8")
    check_target(target)
    (target / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"did not write: notes\.txt"):
        check_target(target)


def test_a_failing_build_leaves_the_previous_site(
    project: Path, site_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "site"
    shutil.copytree(site_folder, target)

    def stop(_: Dataset) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(build, "_collect_pages", stop)
    assert main(["--project", str(project), "site", "--out", str(target)]) == 2
    assert not compare_with_sums(target)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site", "site.lock"]


def test_no_site_is_built_of_a_damaged_dataset(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(project / "dataset", tmp_path / "dataset")
    (tmp_path / "dataset" / "LICENSE-DATA").write_text("changed", encoding="utf-8")
    arguments = ["site", "--dataset", str(tmp_path / "dataset"), "--out", str(tmp_path / "site")]
    assert main(["--project", str(project), *arguments]) == 2
    assert "LICENSE-DATA" in capsys.readouterr().err
    assert not (tmp_path / "site").exists()


def test_a_build_prints_the_address_of_the_site_or_how_to_build_it(
    site_folder: Path, project: Path, tmp_path: Path
) -> None:
    told = describe_site(site_folder, project / "dataset")
    assert told == f"To look at it in a browser, open {(site_folder / 'index.html').as_uri()}"
    assert describe_site(tmp_path / "site", project / "dataset").endswith("type: make site")
    (tmp_path / "dataset").mkdir()
    (tmp_path / "dataset" / "SHA256SUMS").write_text(f"{'0' * 64}  README.md\n", encoding="utf-8")
    assert "shows another dataset" in describe_site(site_folder, tmp_path / "dataset")
