"""Publishing to Zenodo: a draft with the archive, every file read back; the DOI counts once the draft is published."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from espress.data.integrity import SUMS
from espress.errors import DamagedDataError
from espress.files import hash_file
from espress_build.release.publish.errors import PublishError, ReadBackError, ServerError, TakenError
from espress_build.release.publish.retry import insist
from espress_build.release.publish.zenodo_api import Deposits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress_build.release.publish.edition_to_publish import Offer

ZENODO = "https://zenodo.org"
_HOME = "/api/deposit/depositions"
_PAGE = 100  # deposits in one answer


@dataclass(frozen=True)
class Piece:
    """One file of a deposit; Zenodo knows no folders, and checks by MD5."""

    name: str
    path: Path
    sha256: str
    md5: str


def _piece(path: Path, name: str) -> Piece:
    with path.open("rb") as file:
        return Piece(name, path, hash_file(path), hashlib.file_digest(file, _md5).hexdigest())


def _md5() -> Any:
    return hashlib.md5(usedforsecurity=False)


@contextmanager
def parcel(offer: Offer) -> Iterator[tuple[Piece, ...]]:
    """Yield the files of a deposit for as long as they are needed: the archive, and the sums of what is in it."""
    with offer.archive() as archive:
        sums = archive.with_name(SUMS)
        shutil.copyfile(offer.folder / SUMS, sums)
        yield _piece(sums, SUMS), _piece(archive, archive.name)


def described(offer: Offer) -> dict[str, Any]:
    """Return Zenodo's metadata of a deposit, from the dataset's own datacite.json.

    Raises:
        DamagedDataError: the dataset has none that can be read.
    """
    path = offer.folder / "datacite.json"
    try:
        about = json.loads(path.read_bytes())
        texts = [f"<p>{one['description']}</p>" for one in about["descriptions"]]
        licences = [right["rightsIdentifier"] for right in about["rightsList"] if "rightsIdentifier" in right]
        issued = [one["date"] for one in about.get("dates", []) if one["dateType"] == "Issued"]
        return {
            "upload_type": "dataset",
            "title": about["titles"][0]["title"],
            "version": about["version"],
            "creators": [{"name": one["name"]} for one in about["creators"]],
            "description": "".join(texts),
            "keywords": [one["subject"] for one in about["subjects"]],
            "access_right": "open",
            "license": licences[0].lower(),
            **({"publication_date": issued[0]} if issued else {}),
            "notes": f"{_edition(offer.edition)}; sha256 of SHA256SUMS: {offer.root}",
        }
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise DamagedDataError(f"{path} does not describe the dataset. Build or fetch it anew.") from error


def _edition(edition: str) -> str:
    return f"{edition} edition"


def _depositions(zenodo: Deposits) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for page in range(1, 1000):
        entries = zenodo.ask("GET", f"{_HOME}?size={_PAGE}&page={page}&all_versions=true")
        found += entries
        if len(entries) < _PAGE:
            break
    return found


def _ours(zenodo: Deposits, about: dict[str, Any], edition: str) -> list[dict[str, Any]]:
    """Return this corpus's deposits of this edition, the oldest first."""

    def same(one: dict[str, Any]) -> bool:
        data = one.get("metadata", {})
        return data.get("title") == about["title"] and str(data.get("notes", "")).startswith(f"{_edition(edition)};")

    return sorted((one for one in _depositions(zenodo) if same(one)), key=lambda one: int(one["id"]))


def _at(zenodo: Deposits, deposit: dict[str, Any]) -> dict[str, Any]:
    """Return a deposit as it is now."""
    found: dict[str, Any] = zenodo.ask("GET", f"{_HOME}/{deposit['id']}")
    return found


def _published(deposits: list[dict[str, Any]]) -> set[str | None]:
    return {None, ""} | {one["metadata"].get("version") for one in deposits if one["submitted"]}


def _draft(zenodo: Deposits, about: dict[str, Any], edition: str) -> dict[str, Any]:
    """Return the deposit of this version: the one that is there, else a new version of the last one, else a new one."""
    ours = _ours(zenodo, about, edition)
    for one in ours:
        if one["metadata"].get("version") == about["version"]:
            return _at(zenodo, one)
    for one in [one for one in ours if not one["submitted"]]:
        if one["metadata"].get("version") not in _published(ours):
            raise PublishError(
                f"{zenodo.endpoint} holds an unpublished draft of another version: deposit {one['id']}, version "
                f"{one['metadata'].get('version')}. Publish or discard it there first."
            )
        return _described(zenodo, one, about)  # begun from the last version, and not described yet
    if not ours:
        made: dict[str, Any] = zenodo.ask("POST", _HOME, {"metadata": about})
        return made
    last = zenodo.ask("POST", f"{_HOME}/{ours[-1]['id']}/actions/newversion")
    draft: dict[str, Any] = zenodo.ask("GET", last["links"]["latest_draft"])
    return _described(zenodo, draft, about)  # so that a second run knows it for this version


def _described(zenodo: Deposits, draft: dict[str, Any], about: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = zenodo.ask("PUT", f"{_HOME}/{draft['id']}", {"metadata": about})
    return found


def _sums(deposit: dict[str, Any]) -> dict[str, str]:
    """Return file name -> MD5 as the server says."""
    return {one["filename"]: one["checksum"].removeprefix("md5:") for one in deposit["files"]}


def _fill(zenodo: Deposits, draft: dict[str, Any], pieces: tuple[Piece, ...]) -> dict[str, Any]:
    """Let a draft hold exactly these files; what is there already stays. Returns the draft as it is then."""
    draft = _at(zenodo, draft)
    wanted, there = {piece.name: piece for piece in pieces}, _sums(draft)
    for one in draft["files"]:
        if one["filename"] not in wanted:
            zenodo.ask("DELETE", f"{_HOME}/{draft['id']}/files/{one['id']}")
    for name, piece in wanted.items():
        if there.get(name) != piece.md5:
            zenodo.send(f"{draft['links']['bucket']}/{quote(name)}", piece.path)
    return _at(zenodo, draft)


def _fetched(zenodo: Deposits, draft: dict[str, Any], piece: Piece) -> str:
    """Return the SHA-256 of a file as the server gives it back."""
    data = insist(lambda: zenodo.fetch(f"{draft['links']['bucket']}/{quote(piece.name)}"))
    return hashlib.sha256(data).hexdigest()


def _compare(zenodo: Deposits, draft: dict[str, Any], pieces: tuple[Piece, ...]) -> None:
    """Raise ReadBackError unless the server holds and gives back exactly these bytes."""
    there, wanted = _sums(draft), {piece.name: piece.md5 for piece in pieces}
    wrong = sorted(name for name in there.keys() | wanted.keys() if there.get(name) != wanted.get(name))
    wrong = wrong or [piece.name for piece in pieces if _fetched(zenodo, draft, piece) != piece.sha256]
    if wrong:
        raise ReadBackError(
            f"Deposit {draft['id']} does not hold what was sent: {', '.join(wrong)}. It stays a draft; try again."
        )


def _publish(zenodo: Deposits, draft: dict[str, Any]) -> dict[str, Any]:
    """Publish a draft unless it is; returns it as it is then."""
    if not _at(zenodo, draft)["submitted"]:
        zenodo.ask("POST", f"{_HOME}/{draft['id']}/actions/publish")
    done = _at(zenodo, draft)
    if not done["submitted"]:
        raise ServerError(f"Deposit {draft['id']} is not published yet, although it was asked for.")
    return done


def _doi(deposit: dict[str, Any]) -> str:
    return str(deposit.get("doi") or deposit["metadata"]["prereserve_doi"]["doi"])


def _to_write(offer: Offer, doi: str) -> str:
    return f"Write it down: espress-build release {offer.version} --doi {doi}"


def publish(offer: Offer, endpoint: str, *, for_good: bool) -> str:
    """Put a release into a draft at Zenodo and, `for_good`, publish the draft; returns what was done.

    Killed anywhere, a second run finds the draft and finishes it; once published, it does nothing.

    Raises:
        TakenError: this version is published there, with other bytes.
        ReadBackError: the server holds other bytes than were sent; the draft stays a draft.
        ServerError: the server refused, or failed too often.
    """
    token = os.environ.get("ZENODO_TOKEN", "").strip()
    if not token or not token.isascii():
        raise PublishError("Zenodo wants to know who publishes. Set ZENODO_TOKEN to a token that may write deposits.")
    zenodo, about = Deposits(endpoint, token), described(offer)
    with parcel(offer) as pieces:
        draft = insist(lambda: _draft(zenodo, about, offer.edition))
        if draft["submitted"]:
            if _sums(draft) != {piece.name: piece.md5 for piece in pieces}:
                raise TakenError(
                    f"{endpoint} has {offer.version} with other bytes, as {_doi(draft)}. Publish another number."
                )
            doi = _doi(draft)
            return f"{endpoint} has {offer.version} already, as {doi}; nothing was done. {_to_write(offer, doi)}"
        insist(lambda: _described(zenodo, draft, about))
        draft = insist(lambda: _fill(zenodo, draft, pieces))
        _compare(zenodo, draft, pieces)
    if not for_good:
        page = f"{endpoint}/deposit/{draft['id']}"
        return f"Draft {page}, read back and compared; its DOI will be {_doi(draft)}. Look at it, then add --publish."
    doi = _doi(insist(lambda: _publish(zenodo, draft)))
    return f"Published {offer.version} at {endpoint} as {doi}. {_to_write(offer, doi)}"
