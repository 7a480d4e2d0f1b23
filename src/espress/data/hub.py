"""Fetch a release from a repository of the Hugging Face Hub, at the tag of its version."""

from __future__ import annotations

import errno
import glob
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from espress.data.integrity import root_hash
from espress.data.releases import SUMS
from espress.errors import DamagedDataError, DownloadError, require
from espress.installation import how_to_install
from espress.tables import join_few

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress.data.releases import Edition, Release


def name_tag(release: Release) -> str:
    """Return the tag that a release has in a repository; a tag is never moved."""
    return f"v{release.version}"


def _list_tags(repository: str) -> str:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined] # from httpx or httpx2

    try:
        names = [ref.name for ref in HfApi().list_repo_refs(repository, repo_type="dataset").tags]
    except (HTTPError, OSError):
        return "cannot be listed"
    return ", ".join(sorted(names)) or "none"


@contextmanager
def _translate_errors(repository: str, revision: str) -> Iterator[None]:
    """Turn errors of the client into DownloadError with a remedy; no message contains a token."""
    from huggingface_hub import constants, errors

    server = f"{repository} at {constants.ENDPOINT}"
    try:
        yield
    except errors.HFValidationError as error:
        raise DownloadError(f"{repository!r} is not the name of a repository. Give hub:OWNER/NAME.") from error
    except errors.RepositoryNotFoundError as error:
        raise DownloadError(
            f"There is no dataset {server}, or you have no access. Check the name; for a private or gated dataset type "
            "`hf auth login`."
        ) from error
    except errors.RevisionNotFoundError as error:
        raise DownloadError(
            f"{server} has no tag {revision}, so that release was not published there. Tags: {_list_tags(repository)}."
        ) from error
    except (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled) as error:
        raise _explain_unreachable(server) from error
    except errors.EntryNotFoundError as error:
        raise DownloadError(
            f"{server}, tag {revision}, lacks files of the release. Check the name of the repository."
        ) from error
    except errors.HfHubHTTPError as error:
        code = error.response.status_code
        raise DownloadError(
            f"{server} answers with status {code}. Try again later, or check `hf auth whoami`."
        ) from error
    except (errors.HTTPError, OSError) as error:  # type: ignore[attr-defined]
        if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise _explain_unreachable(server) from error


def _explain_unreachable(server: str) -> DownloadError:
    return DownloadError(
        f"{server} cannot be reached, or the download was interrupted; nothing was kept. Connect to the network "
        "(is HF_HUB_OFFLINE set?) and load again, or give the release's archive: "
        'espress.load(version="…", source="PATH/TO/ARCHIVE.tar.gz"). espress.whereabouts() lists local data.'
    )


def _identify_edition(folder: Path, repository: str, release: Release, wanted: str | None) -> str:
    """Return the edition of the fetched SHA256SUMS; raises DamagedDataError unless it is the wanted one."""
    root = root_hash(folder)
    found = next((name for name, edition in release.editions.items() if edition.root == root), None)
    where = f"{repository}, tag {name_tag(release)}"
    if found is None:
        raise DamagedDataError(
            f"{where}: {SUMS} has sha256 {root}, which belongs to no edition of release {release.version}. The dataset "
            "is a different one, or was changed. Check the name of the repository."
        )
    if wanted not in (None, found):
        raise DamagedDataError(f'{where} holds the edition {found!r}, not {wanted!r}. Pass edition="{found}".')
    return found


def _check_sizes(repository: str, revision: str, edition: Edition) -> None:
    """Raise DamagedDataError if the repository lacks a file or holds one of the wrong size."""
    from huggingface_hub import HfApi

    paths = [file.path for file in edition.files]
    entries = HfApi().get_paths_info(repository, paths, repo_type="dataset", revision=revision)
    sizes = {entry.path: getattr(entry, "size", None) for entry in entries}
    wrong = [
        f"{file.path}: {sizes.get(file.path)} bytes instead of {file.size}"
        for file in edition.files
        if sizes.get(file.path) != file.size
    ]
    if wrong:
        raise DamagedDataError(
            f"{repository}, tag {revision}, differs from the release: {join_few(wrong)}. Use another source."
        )


def fetch_edition(repository: str, release: Release, wanted: str | None, into: Path) -> str:
    """Fetch the SHA256SUMS of a repository into a folder and return its edition.

    Raises:
        MissingLibraryError: the Hub's client is not installed.
        DownloadError: no network, no such repository or no such tag.
        DamagedDataError: the file belongs to no edition of that release, or to an edition other than `wanted`.
    """
    require(["huggingface_hub"], 'source="hub:…"', how_to_install("hub"))
    from huggingface_hub import hf_hub_download

    with _translate_errors(repository, name_tag(release)):
        hf_hub_download(repository, SUMS, repo_type="dataset", revision=name_tag(release), local_dir=into)
    return _identify_edition(into, repository, release, wanted)


def fetch(repository: str, release: Release, edition: Edition, into: Path) -> None:
    """Fetch the files of a release, and no others, into a folder; raises as `fetch_edition` does."""
    from huggingface_hub import snapshot_download

    with _translate_errors(repository, name_tag(release)):
        _check_sizes(repository, name_tag(release), edition)
        snapshot_download(
            repository,
            repo_type="dataset",
            revision=name_tag(release),
            local_dir=into,
            allow_patterns=[glob.escape(file.path) for file in edition.files],
        )
    shutil.rmtree(into / ".cache")  # files that the client adds
