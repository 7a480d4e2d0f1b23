"""A small installation in a temporary folder: a bundled dataset, a list of releases, archives, a cache."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import tarfile
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from espress.data.releases import Archive, Edition, File, Release, format_releases
from espress_build.pipeline.package import write_sums

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pytest

ROWS, GROUP = 30, 10
CARD = """---
configs:
- config_name: articles
  data_files: [{split: train, path: data/articles.parquet}]
dataset_info:
- config_name: articles
  features:
  - {name: article_id, dtype: string}
  - {name: language, dtype: string}
  - {name: n_words, dtype: int32}
  - {name: share, dtype: float64}
  - {name: published_date, dtype: date32}
  - {name: published_at, dtype: 'timestamp[ms, tz=UTC]'}
  - name: stance
    dtype: {class_label: {names: {'0': favor, '1': against, '2': none}}}
  - {name: masked, dtype: bool}
  - {name: authors, list: string}
  splits: [{name: train, num_examples: 30, num_bytes: 1}]
---
"""


def articles(words: int = 100) -> pa.Table:
    """Return invented rows: every third without a language, every other one masked."""
    numbers = range(ROWS)
    return pa.table(
        {
            "article_id": [f"a-{number:02}" for number in numbers],
            "language": ["en" if number % 3 else None for number in numbers],
            "n_words": pa.array([words + number for number in numbers], pa.int32()),
            "share": [number / 4 for number in numbers],
            "published_date": [dt.date(2019, 1, 1) + dt.timedelta(number) for number in numbers],
            "published_at": pa.array(
                [dt.datetime(2019, 1, 1, number % 24, tzinfo=dt.UTC) for number in numbers], pa.timestamp("ms", "UTC")
            ),
            "stance": [("favor", "against", "none", None)[number % 4] for number in numbers],
            "masked": [number % 2 == 0 for number in numbers],
            "authors": [["X"] if number % 2 else [] for number in numbers],
        }
    )


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def write_dataset(folder: Path, version: str, table: pa.Table | None = None, edition: str = "full") -> Path:
    """Write a dataset folder of two tables, one of them empty, with its sums."""
    (folder / "data").mkdir(parents=True)
    table = articles() if table is None else table
    pq.write_table(table, folder / "data" / "articles.parquet", row_group_size=GROUP)
    pq.write_table(table.schema.empty_table(), folder / "data" / "rejects.parquet")
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    about = {"name": "espress", "version": version, "edition": edition}
    (folder / "datapackage.json").write_text(json.dumps(about), encoding="utf-8")
    write_sums(folder)
    return folder


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def plain(name: str, data: bytes) -> tuple[tarfile.TarInfo, bytes]:
    """Return a member of an archive that is a plain file."""
    member = tarfile.TarInfo(name)
    member.size = len(data)
    return member, data


def members_of(folder: Path, home: str) -> list[tuple[tarfile.TarInfo, bytes]]:
    return [plain(f"{home}/{path.relative_to(folder).as_posix()}", path.read_bytes()) for path in files_of(folder)]


def packed(members: Iterable[tuple[tarfile.TarInfo, bytes]], form: int = tarfile.USTAR_FORMAT) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz", format=form) as archive:
        for member, data in members:
            archive.addfile(member, io.BytesIO(data))
    return held.getvalue()


def edition_of(folder: Path, archive: Path) -> Edition:
    """Return what releases.json says of a folder and its archive."""
    files = tuple(
        File(path.relative_to(folder).as_posix(), path.stat().st_size, sha256(path.read_bytes()))
        for path in files_of(folder)
    )
    data = archive.read_bytes()
    return Edition(sha256((folder / "SHA256SUMS").read_bytes()), Archive(archive.name, len(data), sha256(data)), files)


@dataclass
class World:
    """The folders of the installation, and what it knows."""

    home: Path
    releases: dict[str, Release]

    @property
    def package(self) -> Path:
        """Where the package's data lies: the bundled dataset, the list of releases, the errata."""
        return self.home / "package"

    @property
    def archives(self) -> Path:
        """Where the clone keeps its archives."""
        return self.home / "clone" / "releases" / "archives"

    @property
    def cache(self) -> Path:
        """The user's cache; it is made when it is needed."""
        return self.home / "cache"

    def archive(self, version: str, edition: str = "full") -> Path:
        """Return the clone's archive of a release."""
        return self.archives / f"espress-{version}-{edition}.tar.gz"

    def write_releases(self) -> None:
        """Write releases.json with the known releases."""
        (self.package / "_releases.json").write_text(format_releases(self.releases), encoding="utf-8")

    def release(self, version: str, table: pa.Table | None = None, editions: tuple[str, ...] = ("full",)) -> Path:
        """Release a version; returns the folder of its first edition."""
        made = {}
        for edition in editions:
            folder = write_dataset(self.home / "made" / f"{version}-{edition}", version, table, edition)
            self.archive(version, edition).write_bytes(packed(members_of(folder, f"espress-{version}-{edition}")))
            made[edition] = edition_of(folder, self.archive(version, edition))
        self.releases[version] = Release(version, "2026-11-21", None, "published", (), "1.0.0", made)
        self.write_releases()
        return self.home / "made" / f"{version}-{editions[0]}"

    def pack(self, version: str, members: Iterable[tuple[tarfile.TarInfo, bytes]], **how: Any) -> Path:
        """Give a release another archive, and write its hash to releases.json."""
        path = self.archive(version)
        path.write_bytes(packed(members, **how))
        self.record_archive(version, path)
        return path

    def record_archive(self, version: str, path: Path) -> None:
        """Write the size and hash of an archive to releases.json."""
        release, data = self.releases[version], path.read_bytes()
        edition = replace(release.editions["full"], archive=Archive(path.name, len(data), sha256(data)))
        self.releases[version] = replace(release, editions={**release.editions, "full": edition})
        self.write_releases()


def make_world(home: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Make an installation whose bundled dataset is `0.2.0-dev`, and have espress take it for its own."""
    world = World(home, {})
    world.archives.mkdir(parents=True)
    write_dataset(world.package / "_dataset", "0.2.0-dev")
    (world.package / "_schema").symlink_to(project / "schema")
    monkeypatch.setattr("espress.paths._PACKAGE", world.package)
    monkeypatch.setattr("espress.paths._REPOSITORY", home / "clone")
    monkeypatch.setattr("espress.data.releases._warned", set())
    monkeypatch.setattr("espress.data.cache._stand_ins", {})
    monkeypatch.setenv("ESPRESS_CACHE", str(world.cache))
    return world
