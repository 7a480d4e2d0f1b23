"""Find the dataset folder for a version, an edition and a source; unpack or fetch it into the cache if needed."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from espress.data.integrity import hash_once, identify, require_genuine
from espress.data.releases import EDITIONS, known_releases
from espress.errors import DamagedDataError, DatasetMissingError, UnknownNameError
from espress.installation import how_to_update, where_releases_are
from espress.paths import archives_folder, dataset_folder
from espress.tables import join_few

if TYPE_CHECKING:
    from collections.abc import Callable

    from espress.data.integrity import Identity
    from espress.data.releases import Edition, Release

HUB = "hub:"
_VERSION = re.compile(r"(\d+\.\d+\.\d+)([-+]dev)?")
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


def is_version(text: str) -> bool:
    """Return whether a text has the form of a version: three numbers, with `-dev` or `+dev` if unreleased."""
    return _VERSION.fullmatch(text) is not None


def _identify_bundled() -> Identity | None:
    try:
        return identify(dataset_folder())
    except DatasetMissingError:
        return None


def versions() -> list[str]:
    """Return the known versions: the bundled one, then all releases, the newest first."""
    here = _identify_bundled()
    return list(dict.fromkeys([*([here.version] if here else []), *reversed(known_releases())]))


def whereabouts() -> dict[str, dict[str, str]]:
    """Return version -> edition -> where it is: "bundled", "cached", "archive" (of a clone) or "not at hand"."""
    here = _identify_bundled()
    found: dict[str, dict[str, str]] = {version: {} for version in versions()}
    for version, release in known_releases().items():
        for name, edition in release.editions.items():
            archived = (archives_folder() / edition.archive.name).is_file()
            kept = _find_cached(release, name) is not None
            found[version][name] = "cached" if kept else "archive" if archived else "not at hand"
    if here:
        found[here.version][here.edition] = "bundled"
    return found


def _measure_distance(version: str, other: str) -> tuple[int, ...]:
    numbers, others = ([int(part) for part in text.split("+")[0].split("-")[0].split(".")] for text in (version, other))
    return tuple(abs(one - two) for one, two in zip(numbers, others, strict=True))


def _check_version(version: object) -> str:
    """Return the version if it is known; raises UnknownNameError, which lists the nearest ones first."""
    known = [name for name in versions() if is_version(name)]
    if version in known:
        return str(version)
    if isinstance(version, str) and is_version(version):
        known.sort(key=lambda name: (_measure_distance(version, name), name not in known_releases()))
        hint = f"A newer installation may know more versions. {how_to_update()}"
        raise UnknownNameError("version", version, known, hint, ordered=True)
    raise UnknownNameError("version", version, known, "A version is a string of three numbers, such as '0.1.0'.")


def _find_release(version: str, edition: str | None) -> Release:
    """Return a release, if it has the edition (None: any); raises DatasetMissingError or UnknownNameError."""
    release = known_releases().get(version)
    if release is None:
        raise DatasetMissingError(
            f"{version} is not a release: it exists only as the dataset that came with this installation, in one "
            "edition. Load it without naming a version, or name a release; espress.whereabouts() lists the releases."
        )
    if edition is not None and edition not in release.editions:
        raise UnknownNameError("edition", edition, list(release.editions), f"Release {version} has these.")
    return release


def _name_folder(release: Release, edition: str) -> str:
    return f"{release.version}-{edition}"


def _find_cached(release: Release, edition: str) -> Path | None:
    """Return the folder of the cache that has the release's SHA256SUMS; each file is checked when it is read."""
    from espress.data.cache import find_cached

    folder = find_cached(_name_folder(release, edition))
    try:
        return folder if folder and identify(folder).root == release.editions[edition].root else None
    except (DatasetMissingError, DamagedDataError):
        return None


def _fill_cache(release: Release, edition: str, fill: Callable[[Path], None]) -> Identity:
    """Return the release's folder in the cache; `fill` writes it if it is missing or damaged."""
    from espress.data import cache

    folder = _find_cached(release, edition)
    if folder is None:
        name = _name_folder(release, edition)
        folder = cache.put(name, fill, instead_of=cache.find_cached(name))
    return require_genuine(identify(folder))


def _find_in_archive(path: Path, version: str | None, edition: str | None) -> Identity:
    """Unpack an archive of a release; raises DamagedDataError if its hash is not that of a known archive."""
    from espress.data.release_archive import check_archive, unpack

    known = [
        (release, name)
        for release in known_releases().values()
        for name in release.editions
        if version in (None, release.version) and edition in (None, name)
    ]
    size, found = path.stat().st_size, hash_once(path)
    for release, name in known:
        archive = release.editions[name].archive
        if (archive.sha256, archive.size) == (found, size):
            return _fill_cache(release, name, partial(unpack, path, release.editions[name]))
    for release, name in known:
        if release.editions[name].archive.name == path.name:
            check_archive(path, release.editions[name])
    asked = " ".join(part for part in (version, edition) if part) or "any release"
    raise DamagedDataError(
        f"{path} (sha256 {found}) is not the archive of {asked} that this installation knows: {', '.join(versions())}. "
        f"Give an archive of one of these versions, or update espress. {how_to_update()}"
    )


def _find_on_hub(repository: str, version: str | None, edition: str | None) -> Identity:
    """Fetch a release from the Hub, or take it from the cache without using the network."""
    from tempfile import TemporaryDirectory

    from espress.data import hub

    if not _REPOSITORY.fullmatch(repository):
        raise UnknownNameError("repository", HUB + repository, [], "Give hub:OWNER/NAME; the version names the tag.")
    published = [release.version for release in known_releases().values() if release.status == "published"]
    if version is None and not published:
        raise DatasetMissingError(f"This installation knows no releases. {how_to_update()}")
    release = _find_release(published[-1] if version is None else _check_version(version), edition)
    if edition is None:
        with TemporaryDirectory(prefix="espress-") as folder:
            edition = hub.fetch_edition(repository, release, None, Path(folder))
    name = edition

    def fill(folder: Path) -> None:
        hub.fetch_edition(repository, release, name, folder)
        hub.fetch(repository, release, release.editions[name], folder)
        _check_files(folder, release.editions[name], f"{HUB}{repository}")

    return _fill_cache(release, name, fill)


def _check_files(folder: Path, edition: Edition, source: str) -> None:
    wrong = [file.path for file in edition.files if hash_once(folder / file.path) != file.sha256]
    if wrong:
        raise DamagedDataError(
            f"{source}: {join_few(wrong)} differ from the files of the release. Load again; if that does not help, use "
            "another source."
        )


def _find_in_source(source: str | Path, version: str | None, edition: str | None) -> Identity:
    text = str(source)
    if text.startswith(HUB):
        return _find_on_hub(text.removeprefix(HUB), version, edition)
    path = Path(source).expanduser()
    if path.is_file():
        return _find_in_archive(path, version, edition)
    if not path.is_dir():
        hint = "Download it first. " if "://" in text else ""
        raise DatasetMissingError(f"There is no {text}. {hint}A source is a folder, an archive or hub:OWNER/NAME.")
    found = require_genuine(identify(path))
    for kind, asked, holds in (("version", version, found.version), ("edition", edition, found.edition)):
        if asked not in (None, holds):
            raise UnknownNameError(kind, asked, [holds], f"{path} holds only this one.")
    return found


def _find_locally(version: str, edition: str) -> Identity:
    """Return the bundled dataset if it is that version, else the cached one, else the one in a clone's archive."""
    here = _identify_bundled()
    if here and (here.version, here.edition) == (version, edition):
        return require_genuine(here)
    release = _find_release(version, edition)
    said = release.editions[edition]
    if kept := _find_cached(release, edition):
        return identify(kept)
    archive = archives_folder() / said.archive.name
    if archive.is_file():
        return _find_in_archive(archive, version, edition)
    raise DatasetMissingError(
        f"Release {version} ({edition}) is known but not on this machine, and nothing is downloaded unless you ask for "
        f"it. Its archive {said.archive.name} (sha256 {said.archive.sha256}) is in {where_releases_are(release.doi)}. "
        f'Download it and give it: espress.load(version="{version}", source="PATH/{said.archive.name}"); or name a '
        'repository of the Hub: source="hub:OWNER/NAME".'
    )


def find(version: str | None = None, source: str | Path | None = None, edition: str | None = None) -> Identity:
    """Return the identity of the wanted dataset folder; unpacked and downloaded datasets are in the cache.

    Args:
        version: None means the bundled version or the version of the source; on the Hub, the newest known release.
        source: a dataset folder, an archive, or `hub:OWNER/NAME`; None means bundled, cached, or a clone's archives.
        edition: None means the edition of the bundled dataset or of the source, or "full" if a version is given.

    Raises:
        UnknownNameError: there is no such version or edition, or the source holds another.
        DatasetMissingError: there is no dataset, or the release is not on this machine.
        DamagedDataError: the bytes differ from the release.
        DownloadError: the Hub cannot be reached or does not have the release.
        CacheError: there is no disk space.
    """
    if edition is not None and edition not in EDITIONS:
        raise UnknownNameError("edition", edition, list(EDITIONS))
    if source is not None:
        return _find_in_source(source, version, edition)
    if version is not None:
        return _find_locally(_check_version(version), edition or "full")
    here = require_genuine(identify(dataset_folder()))
    return here if edition in (None, here.edition) else _find_locally(here.version, str(edition))
