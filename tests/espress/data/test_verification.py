"""Every changed, missing or additional byte is found."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

import pytest

import espress

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def copy(project: Path, tmp_path: Path) -> Path:
    return shutil.copytree(project / "dataset", tmp_path / "dataset")


def test_the_bundled_dataset_is_sound() -> None:
    report = espress.verify()
    assert report.problems == ()
    assert report.files >= 10
    assert "sound" in str(report)


def test_one_changed_byte_is_found_and_named(copy: Path) -> None:
    path = copy / "data" / "events.parquet"
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    (problem,) = espress.verify(copy).problems
    assert problem.path == "data/events.parquet"
    assert hashlib.sha256(data).hexdigest() in problem.what


def test_missing_stray_and_linked_files_are_found(copy: Path) -> None:
    listed = "SHA256SUMS" if str(espress.verify(copy).version).endswith("dev") else "releases.json"
    (copy / "croissant.json").unlink()
    (copy / "data" / "extra.parquet").write_bytes(b"")
    (copy / "README.md").rename(copy / "card")
    (copy / "README.md").symlink_to("card")
    found = {problem.path: problem.what for problem in espress.verify(copy).problems}
    assert found == {
        "croissant.json": "is missing",
        "README.md": "is a symbolic link",
        "data/extra.parquet": f"is not named in {listed}",
        "card": f"is not named in {listed}",
    }


@pytest.mark.parametrize("line", ["nonsense", "0" * 64 + "  ../outside", "0" * 64 + "  /etc/passwd"])
def test_sums_that_cannot_be_read_or_climb_out_are_refused(copy: Path, line: str) -> None:
    with (copy / "SHA256SUMS").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(espress.DamagedDataError, match=r"SHA256SUMS, line \d+"):
        espress.verify(copy)


def test_a_folder_without_a_dataset_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(espress.DatasetMissingError, match="make corpus"):
        espress.verify(tmp_path)


def test_errors_are_one_tree() -> None:
    errors = [getattr(espress, name) for name in espress.__all__ if name.endswith("Error")]
    assert all(issubclass(error, espress.EspressError) for error in errors)
    assert len(errors) == 9
