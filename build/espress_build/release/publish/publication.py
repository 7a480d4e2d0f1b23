"""A dataset to publish: check every byte and the right to publish it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from espress.data.integrity import compare_with_sums, identify
from espress.errors import DamagedDataError
from espress.schema import schema
from espress.tables import join_few
from espress_build.release.ledger import list_files, read_ledger
from espress_build.release.pack_archive import archive_name, open_dataset
from espress_build.release.publish.errors import NotAllowedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress.data.releases import File, Release


@dataclass(frozen=True)
class Publication:
    """One verified edition of one version.

    `files` are all files of `folder` in order of their paths, `root` is the SHA-256 of SHA256SUMS, and `obstacle` says
    why the dataset can be shown but not sent (None: it can be sent).
    """

    folder: Path
    version: str
    edition: str
    files: tuple[File, ...]
    root: str
    obstacle: str | None

    @property
    def tag(self) -> str:
        """The permanent name of the version."""
        return f"v{self.version}"

    @property
    def archive(self) -> str:
        """The file name of its archive."""
        return archive_name(self.version, self.edition)


def _check_open(folder: Path) -> None:
    """Raise NotAllowedError if the open edition contains text that it must withhold."""
    for table in schema().files:
        rows = pq.ParquetFile(folder / "data" / f"{table.name}.parquet").read()
        withheld = [column.name for column in table.columns if column.withheld]
        if filled := [name for name in withheld if rows[name].null_count < rows.num_rows]:
            raise NotAllowedError(
                f"{folder} is called the open edition, but {table.name} holds words of articles in: "
                f"{', '.join(filled)}. Build it again from the full edition: espress-build open FOLDER"
            )


def _check_full(folder: Path) -> None:
    """Raise NotAllowedError unless every article has a rights basis for publishing its text."""
    articles = pq.ParquetFile(folder / "data" / "articles.parquet").read(["article_id", "rights_basis"]).to_pylist()
    if without := [row["article_id"] for row in articles if not row["rights_basis"]]:
        raise NotAllowedError(
            f"The full edition holds texts, and these articles have no rights_basis: {join_few(without)}. Publish the "
            "open edition (--edition open), or state the basis in each article's record.toml."
        )


def _find_obstacle(release: Release | None, version: str, edition: str, root: str) -> str | None:
    """Return why a dataset may not be published as a release, or None if it may."""
    if release is None:
        return f"{version} is not in releases/releases.json. Cut a release first: espress-build release X.Y.Z"
    if release.status == "withdrawn":
        articles = ", ".join(one.article_id for one in release.withdrawn)
        return f"{version} was withdrawn because of {articles}. Publish the release that followed it."
    known = release.editions.get(edition)
    if known is None or known.root != root:
        return (
            f"the dataset's root hash is {root}, but the {edition} edition of {version} in releases/releases.json has "
            f"{known.root if known else 'none'}. Publish the unchanged release."
        )
    return None


def _check(folder: Path, project: Path, version: str | None, edition: str) -> Publication:
    if problems := compare_with_sums(folder):
        listed = join_few([f"{problem.path} {problem.what}" for problem in problems])
        raise DamagedDataError(f"{folder} differs from its SHA256SUMS: {listed}. Build or download it again.")
    found = identify(folder)
    if version not in (None, found.version):
        raise NotAllowedError(f"{folder} is version {found.version}, not {version}. Omit --version, or correct it.")
    if found.edition != edition:
        hint = f"Name that one, or add --edition {found.edition}."
        raise NotAllowedError(f"{folder} is the {found.edition} edition, not {edition}. {hint}")
    (_check_open if edition == "open" else _check_full)(folder)
    obstacle = _find_obstacle(read_ledger(project).get(found.version), found.version, edition, found.root)
    return Publication(folder, found.version, edition, list_files(folder), found.root, obstacle)


@contextmanager
def open_publication(project: Path, source: str | None, version: str | None, edition: str) -> Iterator[Publication]:
    """Yield the checked dataset: `source` (a folder or an archive), or a release of the project, by default its last.

    Raises:
        NotAllowedError: it is another version or edition, or contains texts that may not be published.
        DamagedDataError: a file differs from SHA256SUMS or releases.json.
        UnknownNameError: there is no such release.
    """
    if source is None:
        version = version or next(reversed(read_ledger(project)), None)
        if version is None:
            raise NotAllowedError(
                f"{project} has no release yet. Cut one: espress-build release X.Y.Z; or name a dataset: --from DIR."
            )
        source = f"{version}:{edition}"
    with open_dataset(source, project) as folder:
        yield _check(folder, project, version, edition)
