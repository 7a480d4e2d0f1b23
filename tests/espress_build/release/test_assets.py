"""What is attached to a release: for each edition a wheel with its data, an archive, and a zip file per format."""

from __future__ import annotations

import io
import shutil
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from tests.helpers import PROJECT

import espress
from espress.data.releases import SUMS
from espress_build.release import assets
from espress_build.release.assets import FORMATS, write_assets

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("assets")
    unneeded = shutil.ignore_patterns("__pycache__", "assets")
    for name in ("src", "build", "dataset", "schema", "releases", "validation", "raw/annotations"):
        shutil.copytree(PROJECT / name, home / name, ignore=unneeded)
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-DATA"):
        shutil.copy(PROJECT / name, home)
    with pytest.MonkeyPatch.context() as patch:  # test_zip_file.py writes the other formats
        patch.setattr(assets, "FORMATS", ("csv", "sqlite"))
        paths = write_assets(home, home / "dataset")
    assert sorted(paths) == sorted(path for path in (home / "releases" / "assets").rglob("*") if path.is_file())
    return home / "releases" / "assets"


def test_each_edition_has_a_wheel_an_archive_and_zip_files(written: Path) -> None:
    assert FORMATS == ("csv", "dta", "sav", "xlsx", "sqlite", "duckdb")
    for edition in ("full", "open"):
        name = f"espress-{espress.versions()[0]}-{edition}"
        expected = {f"{name}.tar.gz", f"{name}-csv.zip", f"{name}-sqlite.zip"}
        wheel = f"espress-{espress.__version__}-py3-none-any.whl"
        assert {path.name for path in (written / edition).iterdir()} == {wheel, *expected}


def test_wheel_and_archive_hold_the_data_of_their_edition(written: Path) -> None:
    for edition, is_open in (("full", False), ("open", True)):
        (wheel,), (archive,) = (written / edition).glob("*.whl"), (written / edition).glob("*.tar.gz")
        with zipfile.ZipFile(wheel) as packed, tarfile.open(archive) as released:
            sums = packed.read(f"espress/_dataset/{SUMS}")
            member = released.extractfile(f"{archive.name.removesuffix('.tar.gz')}/{SUMS}")
            assert member is not None
            assert member.read() == sums
            articles = pq.read_table(io.BytesIO(packed.read("espress/_dataset/data/articles.parquet")))
        assert (articles["text"].null_count == articles.num_rows) is is_open
