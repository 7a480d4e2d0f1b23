"""What is to be published: a dataset folder whose every byte is checked, and which may be shown."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from espress.data.content_hash import content_hash
from espress.data.integrity import by_sums, root_hash
from espress.data.releases import File, number_of
from espress.errors import DamagedDataError
from espress.files import hash_file
from espress.schema import schema
from espress_build.release.archive import archive_name, write_archive
from espress_build.release.dataset_source import found
from espress_build.release.publish.errors import NotAllowedError
from espress_build.release.releases_json import recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress.data.releases import Release

_NAMED = 5  # articles or files that a message names


@dataclass(frozen=True)
class Offer:
    """One edition of one version, sound; `why_not` says why it can only be tried, null where it may be published.

    `files` are all of the folder, in order of paths; `root` is the SHA-256 of SHA256SUMS.
    """

    folder: Path
    version: str
    edition: str
    files: tuple[File, ...]
    root: str
    why_not: str | None

    @property
    def tag(self) -> str:
        """The name under which it is found forever."""
        return f"v{self.version}"

    @property
    def name(self) -> str:
        """The name of its archive, or of its folder, without ending."""
        return archive_name(self.version, self.edition).removesuffix(".tar.gz")

    def hashes(self) -> dict[str, str]:
        """Return table -> content hash, of the tables that have rows: those without cannot be loaded from the Hub."""
        tables = {path.stem: pq.ParquetFile(path).read() for path in sorted(self.folder.glob("data/*.parquet"))}
        return {name: content_hash(table) for name, table in tables.items() if table.num_rows}

    @contextmanager
    def archive(self) -> Iterator[Path]:
        """Pack it into one file for as long as it is needed; the same bytes as the release's own archive."""
        with TemporaryDirectory(prefix="espress-") as folder:
            path = Path(folder) / archive_name(self.version, self.edition)
            write_archive(self.folder, path)
            yield path


def _stated(folder: Path) -> tuple[str, str]:
    """Return version and edition as the dataset says; raises DamagedDataError."""
    path = folder / "datapackage.json"
    try:
        about = json.loads(path.read_bytes())
        return str(about["version"]), str(about.get("edition", "full"))
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise DamagedDataError(
            f"{path} does not say which version this is. Build or fetch the dataset anew."
        ) from error


def _require_no_texts(folder: Path) -> None:
    """Raise NotAllowedError if the open edition holds what it must withhold."""
    for table in schema().tables:
        data = pq.ParquetFile(folder / "data" / f"{table.name}.parquet").read()
        columns = [column.name for column in table.columns if column.withheld]
        filled = [name for name in columns if data[name].null_count < data.num_rows]
        if filled:
            raise NotAllowedError(
                f"{folder} calls itself the open edition, but {table.name} holds words of articles in: "
                f"{', '.join(filled)}. Make it anew: python -m espress_build.open_edition.edition FULL OPEN"
            )


def _require_grounds(folder: Path) -> None:
    """Raise NotAllowedError unless every article has a ground for passing on its text."""
    articles = pq.ParquetFile(folder / "data" / "articles.parquet").read().to_pylist()
    without = [row["article_id"] for row in articles if not row["rights_basis"]]
    if without:
        more = f" and {len(without) - _NAMED} more" if len(without) > _NAMED else ""
        raise NotAllowedError(
            f"The full edition holds texts, and these have no rights_basis: {', '.join(without[:_NAMED])}{more}. "
            "Publish the open edition (--edition open), or state the ground in each article's record.toml."
        )


def _why_not(release: Release | None, version: str, edition: str, root: str) -> str | None:
    """Return why a dataset is no release that may be published, null where it is one."""
    if release is None:
        return f"{version} is no release: releases/releases.json does not know it. Type `espress-build release X.Y.Z`."
    if release.status == "withdrawn":
        gone = ", ".join(one.article_id for one in release.withdrawn)
        return f"{version} was withdrawn, because of: {gone}. Publish the release that followed it."
    known = release.editions.get(edition)
    if known is None or known.root != root:
        said = known.root if known else "no such edition"
        return f"the dataset's root is {root}, and releases/releases.json says of {version} {edition}: {said}."
    return None


def _offer(folder: Path, project: Path, version: str | None, edition: str) -> Offer:
    if problems := by_sums(folder):
        lines = [f"{problem.path}: {problem.what}" for problem in problems[:_NAMED]]
        more = [f"and {len(problems) - _NAMED} more"] if len(problems) > _NAMED else []
        lines = [f"{folder} is not as its SHA256SUMS says. Build or fetch it anew.", *lines, *more]
        raise DamagedDataError("\n  ".join(lines))
    stated, kind = _stated(folder)
    if version not in (None, stated):
        raise NotAllowedError(f"{folder} is version {stated}, not {version}. Leave --version away, or name another.")
    if kind != edition:
        raise NotAllowedError(
            f"{folder} is the {kind} edition, not {edition}. Name that one, or type --edition {kind}."
        )
    (_require_no_texts if edition == "open" else _require_grounds)(folder)
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    files = tuple(File(path, (folder / path).stat().st_size, hash_file(folder / path)) for path in paths)
    root = root_hash(folder)
    return Offer(folder, stated, edition, files, root, _why_not(recorded(project).get(stated), stated, edition, root))


@contextmanager
def offered(project: Path, source: str | None, version: str | None, edition: str) -> Iterator[Offer]:
    """Yield what is to be published: `source`, a folder or an archive, else a release of the project, else its last.

    Raises:
        NotAllowedError: it is another version or edition, or holds texts that may not be shown.
        DamagedDataError: a file is not as SHA256SUMS or releases.json says.
        UnknownNameError: there is no such release.
    """
    if source is None:
        releases = recorded(project)
        if version is None and not releases:
            raise NotAllowedError(
                f"{project} has no release yet. Cut one: `espress-build release X.Y.Z`. To try: --from DIR."
            )
        version = version or max(releases, key=number_of)
        source = f"{version}:{edition}"
    with found(source, project) as folder:
        yield _offer(folder, project, version, edition)
