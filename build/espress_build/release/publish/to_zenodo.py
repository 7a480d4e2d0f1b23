"""Publish to Zenodo: fill a draft with the archive, read every file back, and publish the draft."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx

from espress.data.releases import SUMS
from espress.errors import DamagedDataError
from espress.tables import join_few
from espress_build.release.pack_archive import write_archive
from espress_build.release.publish.errors import RETRY_HINT, PublishError, ReadBackError, ServerError, TakenError, retry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.release.publish.publication import Publication

    Deposit = dict[str, Any]

ZENODO = "https://zenodo.org"
_DEPOSITS = "/api/deposit/depositions"
_PAGE = 100  # number of deposits in one answer
_TIMEOUT = 120.0  # seconds without data after which a connection counts as dead
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@contextmanager
def pack(publication: Publication) -> Iterator[tuple[Path, ...]]:
    """Yield the temporary files of a deposit: SHA256SUMS, and an archive with the bytes of the release's archive."""
    with TemporaryDirectory(prefix="espress-") as folder:
        archive = Path(folder) / publication.archive
        write_archive(publication.folder, archive)
        yield Path(shutil.copy(publication.folder / SUMS, folder)), archive


def _describe(publication: Publication) -> dict[str, Any]:
    """Return Zenodo's metadata of a deposit, from the dataset's own datacite.json; raises DamagedDataError."""
    path = publication.folder / "datacite.json"
    try:
        record = json.loads(path.read_bytes())
        licences = [right["rightsIdentifier"] for right in record["rightsList"] if "rightsIdentifier" in right]
        issued = [one["date"] for one in record.get("dates", []) if one["dateType"] == "Issued"]
        return {
            "upload_type": "dataset",
            "title": record["titles"][0]["title"],
            "version": record["version"],
            "creators": [{"name": one["name"]} for one in record["creators"]],
            "description": "".join(f"<p>{one['description']}</p>" for one in record["descriptions"]),
            "keywords": [one["subject"] for one in record["subjects"]],
            "access_right": "open",
            "license": licences[0].lower(),
            **({"publication_date": issued[0]} if issued else {}),
            "notes": f"{publication.edition} edition; sha256 of SHA256SUMS: {publication.root}",
        }
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise DamagedDataError(f"{path} does not describe the dataset. Build or download the dataset again.") from error


def _connect(endpoint: str) -> httpx.Client:
    """Return a client that sends the token of ZENODO_TOKEN to this server only; raises PublishError."""
    token = os.environ.get("ZENODO_TOKEN", "").strip()
    if not token or not token.isascii():
        raise PublishError("Publishing at Zenodo needs a token. Set ZENODO_TOKEN to one that may write deposits.")
    url = httpx.URL(endpoint)
    if url.scheme != "https" and not (url.scheme == "http" and url.host in _LOOPBACK):
        raise PublishError(f"--endpoint {endpoint} is not https, so others could read the token. Use an https address.")
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=_TIMEOUT)


def _ask(client: httpx.Client, method: str, url: str, **content: Any) -> httpx.Response:
    """Return a successful answer; redirects are not followed, because the token would go along.

    Raises:
        ServerError: the server refused, or its answer was incomplete.
        PublishError: the address belongs to another server.
    """
    request = client.build_request(method, url, **content)
    if (request.url.scheme, request.url.netloc) != (client.base_url.scheme, client.base_url.netloc):
        raise PublishError(
            f"{client.base_url} refers to another server, {request.url.host}, which must not get the token."
        )
    status, wait = None, None
    try:
        answer = client.send(request)
        if answer.is_success:
            return answer
        status, wait, problem = answer.status_code, answer.headers.get("Retry-After"), answer.text[:500]
    except httpx.HTTPError as error:
        problem = f"incomplete answer, {error}"
    problem = problem.replace(client.headers["Authorization"].removeprefix("Bearer "), "***")
    raise ServerError(f"{method} {request.url} failed ({status or 'no status'}): {problem}\n{RETRY_HINT}", status, wait)


def _ask_json(client: httpx.Client, method: str, url: str, **content: Any) -> Any:
    """Return the JSON of a successful answer; raises as `_ask`."""
    answer = _ask(client, method, url, **content)
    try:
        return answer.json()
    except ValueError:
        raise ServerError(f"{method} {answer.url} was not answered with JSON.\n{RETRY_HINT}") from None


def _read(client: httpx.Client, deposit: Deposit) -> Any:
    """Return a deposit as it is now."""
    return _ask_json(client, "GET", f"{_DEPOSITS}/{deposit['id']}")


def _write_metadata(client: httpx.Client, deposit: Deposit, metadata: dict[str, Any]) -> Any:
    return _ask_json(client, "PUT", f"{_DEPOSITS}/{deposit['id']}", json={"metadata": metadata})


def _list_deposits(client: httpx.Client, metadata: dict[str, Any]) -> list[Deposit]:
    """Return this corpus's deposits of the same edition, the oldest first."""
    deposits: list[Deposit] = []
    for page in count(1):
        query = {"size": _PAGE, "page": page, "all_versions": "true"}
        deposits += (found := _ask_json(client, "GET", _DEPOSITS, params=query))
        if len(found) < _PAGE:
            break
    edition = metadata["notes"].partition(";")[0]
    known = [(deposit, deposit.get("metadata", {})) for deposit in deposits]
    ours = [deposit for deposit, about in known if about.get("title") == metadata["title"]
            and str(about.get("notes", "")).startswith(f"{edition};")]  # fmt: skip
    return sorted(ours, key=lambda deposit: int(deposit["id"]))


def _find_draft(client: httpx.Client, metadata: dict[str, Any]) -> Any:
    """Return the deposit of this version if there is one, else a new version of the last deposit, else a new deposit.

    Raises:
        PublishError: there is an unpublished draft of another version.
    """
    ours = _list_deposits(client, metadata)
    for deposit in ours:
        if deposit["metadata"].get("version") == metadata["version"]:
            return _read(client, deposit)
    # A draft without a version, or with a published one, was begun from the last version and has no metadata yet.
    begun = {None, ""} | {deposit["metadata"].get("version") for deposit in ours if deposit["submitted"]}
    for deposit in [deposit for deposit in ours if not deposit["submitted"]]:
        version = deposit["metadata"].get("version")
        if version not in begun:
            raise PublishError(
                f"{client.base_url} holds an unpublished draft of another version: deposit {deposit['id']}, version "
                f"{version}. Publish or discard it there first."
            )
        return _write_metadata(client, deposit, metadata)
    if not ours:
        return _ask_json(client, "POST", _DEPOSITS, json={"metadata": metadata})
    last = _ask_json(client, "POST", f"{_DEPOSITS}/{ours[-1]['id']}/actions/newversion")
    draft = _ask_json(client, "GET", last["links"]["latest_draft"])
    return _write_metadata(client, draft, metadata)  # at once, so that a second run finds it by its version


def _list_sums(deposit: Deposit) -> dict[str, str]:
    """Return file name -> MD5 as stated by the server; Zenodo has no other hash."""
    return {one["filename"]: one["checksum"].removeprefix("md5:") for one in deposit["files"]}


def _hash_files(files: tuple[Path, ...]) -> dict[str, str]:
    """Return file name -> MD5 of the files to send."""
    return {path.name: hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() for path in files}


def _fill(client: httpx.Client, draft: Deposit, files: tuple[Path, ...]) -> Any:
    """Upload missing files into a draft and delete others; return the updated draft."""
    draft, wanted = _read(client, draft), _hash_files(files)
    there = _list_sums(draft)
    for one in draft["files"]:
        if one["filename"] not in wanted:
            _ask(client, "DELETE", f"{_DEPOSITS}/{draft['id']}/files/{one['id']}")
    for path in files:
        if there.get(path.name) != wanted[path.name]:
            _ask(client, "PUT", f"{draft['links']['bucket']}/{quote(path.name)}", content=path.read_bytes())
    return _read(client, draft)


def _compare(client: httpx.Client, draft: Deposit, files: tuple[Path, ...]) -> None:
    """Raise ReadBackError unless the server holds and returns exactly these bytes."""
    wrong = sorted(dict(_list_sums(draft).items() ^ _hash_files(files).items()))
    for path in files if not wrong else ():
        answer = retry(_ask, client, "GET", f"{draft['links']['bucket']}/{quote(path.name)}")
        if answer.content != path.read_bytes():
            wrong.append(path.name)
    if wrong:
        names = join_few(wrong)
        raise ReadBackError(
            f"Deposit {draft['id']} does not hold what was sent: {names}. It is still a draft; try again."
        )


def _publish_draft(client: httpx.Client, draft: Deposit) -> Any:
    """Publish a draft unless it is published; return the updated deposit."""
    if not _read(client, draft)["submitted"]:
        _ask(client, "POST", f"{_DEPOSITS}/{draft['id']}/actions/publish")
    done = _read(client, draft)
    if not done["submitted"]:
        raise ServerError(
            f"Zenodo accepted the request to publish deposit {draft['id']}, but has not published it yet."
        )
    return done


def _read_doi(deposit: Deposit) -> str:
    return str(deposit.get("doi") or deposit["metadata"]["prereserve_doi"]["doi"])


def publish(publication: Publication, endpoint: str, *, final: bool) -> str:
    """Put a release into a draft at Zenodo and, if `final`, publish the draft; return a message.

    After a kill at any point, a second run finds the draft and finishes it; once it is published, a second run changes
    nothing.

    Raises:
        TakenError: this version is already published with other bytes.
        ReadBackError: the server returns other bytes than were sent; the draft is not published.
        ServerError: the server refused, or failed too often.
    """
    metadata = _describe(publication)
    with _connect(endpoint) as client, pack(publication) as files:
        draft = retry(_find_draft, client, metadata)
        doi = _read_doi(draft)
        hint = f"Record the DOI: espress-build release {publication.version} --doi"
        if draft["submitted"]:
            if _list_sums(draft) != _hash_files(files):
                raise TakenError(
                    f"{endpoint} has {publication.version} with other bytes, as {doi}. Publish another number."
                )
            return f"{endpoint} has {publication.version} already, as {doi}; nothing was done. {hint} {doi}"
        retry(_write_metadata, client, draft, metadata)
        draft = retry(_fill, client, draft, files)
        _compare(client, draft, files)
        if not final:
            page = f"{endpoint}/deposit/{draft['id']}"
            return f"Draft {page}, read back and compared; its DOI will be {doi}. Look at it, then add --publish."
        doi = _read_doi(retry(_publish_draft, client, draft))
    return f"Published {publication.version} at {endpoint} as {doi}. {hint} {doi}"
