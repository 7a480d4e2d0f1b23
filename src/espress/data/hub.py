"""Fetching a release from a repository of the Hub, at the tag of its version, through the Hub's own client."""

from __future__ import annotations

import errno
import glob
import hashlib
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from espress.data.releases import SUMS
from espress.errors import DamagedDataError, DownloadError, MissingLibraryError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress.data.releases import Edition, Release


def tag(release: Release) -> str:
    """Return the tag that a release has in a repository; a tag is never moved."""
    return f"v{release.version}"


def _tags(repository: str) -> str:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined] # httpx or httpx2, as the client has it

    try:
        names = [ref.name for ref in HfApi().list_repo_refs(repository, repo_type="dataset").tags]
    except (HTTPError, OSError):
        return "cannot be listed"
    return ", ".join(sorted(names)) or "none"


@contextmanager
def _told(repository: str, revision: str) -> Iterator[None]:
    """Turn what the client raises into one error that says what to do; nothing of a token is ever in it."""
    from huggingface_hub import constants, errors

    server = f"{repository} at {constants.ENDPOINT}"
    try:
        yield
    except errors.HFValidationError as error:
        raise DownloadError(f"{repository!r} is no name of a repository. Give hub:OWNER/NAME.") from error
    except errors.RepositoryNotFoundError as error:
        raise DownloadError(
            f"There is no dataset {server}, or you may not see it. Check the name; for a private or gated one type "
            "`hf auth login`."
        ) from error
    except errors.RevisionNotFoundError as error:
        raise DownloadError(
            f"{server} has no tag {revision}, so that release was not published there. Tags: {_tags(repository)}."
        ) from error
    except (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled) as error:
        raise _unreached(server) from error
    except errors.EntryNotFoundError as error:
        raise DownloadError(f"{server}, tag {revision}, lacks files of the release: is it another dataset?") from error
    except errors.HfHubHTTPError as error:
        code = error.response.status_code
        raise DownloadError(
            f"{server} answers with status {code}. Try again later, or check `hf auth whoami`."
        ) from error
    except (errors.HTTPError, OSError) as error:  # type: ignore[attr-defined]
        if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise _unreached(server) from error


def _unreached(server: str) -> DownloadError:
    return DownloadError(
        f"{server} cannot be reached, or the download broke off; nothing of it was kept. Connect to the network (is "
        "HF_HUB_OFFLINE set?) and load again, or give the release's archive: "
        'espress.load(version="…", source="PATH/TO/ARCHIVE.tar.gz"). espress.whereabouts() says what is here.'
    )


def _edition(folder: Path, repository: str, release: Release, wanted: str | None) -> str:
    """Return which edition the fetched SHA256SUMS is of; raises DamagedDataError unless it is the one wanted."""
    root = hashlib.sha256((folder / SUMS).read_bytes()).hexdigest()
    found = next((name for name, edition in release.editions.items() if edition.root == root), None)
    where = f"{repository}, tag {tag(release)}"
    if found is None:
        raise DamagedDataError(
            f"{where}: {SUMS} has sha256 {root}, which is that of no edition of release {release.version}. It is "
            "another dataset, or was changed. Check the name of the repository."
        )
    if wanted not in (None, found):
        raise DamagedDataError(f'{where} holds the edition {found!r}, not {wanted!r}. Pass edition="{found}".')
    return found


def _check_sizes(repository: str, revision: str, edition: Edition) -> None:
    """Refuse, before anything large is fetched, a repository that lacks a file or holds one of another size."""
    from huggingface_hub import HfApi

    paths = [file.path for file in edition.files]
    entries = HfApi().get_paths_info(repository, paths, repo_type="dataset", revision=revision)
    sizes = {entry.path: getattr(entry, "size", None) for entry in entries}
    wrong = [f"{file.path}: {sizes.get(file.path)} bytes, not {file.size}" for file in edition.files]
    wrong = [text for text, file in zip(wrong, edition.files, strict=True) if sizes.get(file.path) != file.size]
    if wrong:
        more = f"; and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        raise DamagedDataError(
            f"{repository}, tag {revision}, differs from the release: {'; '.join(wrong[:5])}{more}. Use another source."
        )


def fetch_edition(repository: str, release: Release, wanted: str | None, into: Path) -> str:
    """Fetch the SHA256SUMS of a repository into a folder and return which edition it is of.

    Raises:
        DownloadError: no network, no such repository or no such tag.
        DamagedDataError: it is of no edition of that release, or of another than `wanted`.
    """
    _require_client()
    from huggingface_hub import hf_hub_download

    with _told(repository, tag(release)):
        hf_hub_download(repository, SUMS, repo_type="dataset", revision=tag(release), local_dir=into)
    return _edition(into, repository, release, wanted)


def fetch(repository: str, release: Release, edition: Edition, into: Path) -> None:
    """Fetch the files that a release names, and no others, into a folder; raises as `fetch_edition` does."""
    _require_client()
    from huggingface_hub import snapshot_download

    with _told(repository, tag(release)):
        _check_sizes(repository, tag(release), edition)
        snapshot_download(
            repository,
            repo_type="dataset",
            revision=tag(release),
            local_dir=into,
            allow_patterns=[glob.escape(file.path) for file in edition.files],
        )
    shutil.rmtree(into / ".cache")  # the client's own notes


def _require_client() -> None:
    try:
        import huggingface_hub  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingLibraryError("huggingface_hub", 'source="hub:…"', "pip install 'espress[hub]'") from error
