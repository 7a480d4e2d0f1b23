"""Publishing to the Hub: onto a draft branch, read back as users would, and only then onto `main` and under a tag."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from espress.data.releases import number_of
from espress.errors import MissingLibraryError, UnknownNameError
from espress_build.release.publish.errors import AGAIN, PublishError, ReadBackError, ServerError, TakenError
from espress_build.release.publish.retry import insist

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.release.publish.edition_to_publish import Offer

_OWN = frozenset({".gitattributes"})  # what a repository holds beside the dataset
_NAMED = 5  # files that a message names
_READ_BACK = 3  # times; the clients try again by themselves, but not everywhere


@contextmanager
def _refusals(token: str) -> Iterator[None]:
    """Turn what the client raises into errors of ours, without the token: ServerError where it was the server."""
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]  # whichever HTTP library it uses

    try:
        yield
    except (HTTPError, ConnectionError, RuntimeError, json.JSONDecodeError) as error:
        cause = error.__cause__ if type(error) is RuntimeError and error.__cause__ else error
        answer = getattr(cause, "response", None)
        wait = answer.headers.get("Retry-After", "") if answer is not None else ""
        message = f"The Hub could not do it: {str(cause).replace(token, '***')}\n{AGAIN}"
        status = None if answer is None else answer.status_code
        raise ServerError(message, status, float(wait) if wait.isdigit() else None) from None
    except ValueError as error:
        raise PublishError(f"The Hub will not have it: {str(error).replace(token, '***')}") from None


def _git_hash(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0%s" % (len(data), data), usedforsecurity=False).hexdigest()


def _number(tag: str) -> tuple[int, int, int] | None:
    try:
        return number_of(tag.removeprefix("v"))
    except UnknownNameError:
        return None


def _some(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")


@dataclass(frozen=True)
class Repository:
    """A dataset repository of the Hub, seen through the Hub's own client; `api` holds the token, and never shows it."""

    name: str
    token: str = field(repr=False)
    api: Any

    def points(self, kind: str) -> dict[str, str]:
        """Return name -> commit of its `branches` or `tags`; none of both where there is no repository."""
        from huggingface_hub.errors import RepositoryNotFoundError

        with _refusals(self.token):
            try:
                refs = self.api.list_repo_refs(self.name, repo_type="dataset")
            except RepositoryNotFoundError:
                return {}
        return {ref.name: ref.target_commit for ref in getattr(refs, kind)}

    def differing(self, commit: str, offer: Offer) -> list[str]:
        """Return the files of a commit that are missing, too many or other than offered, by the Hub's own hashes."""
        with _refusals(self.token):
            entries = list(self.api.list_repo_tree(self.name, recursive=True, revision=commit, repo_type="dataset"))
        there = {one.path: one for one in entries if hasattr(one, "blob_id") and one.path not in _OWN}
        wanted = {file.path: file for file in offer.files}
        found = sorted(there.keys() ^ wanted.keys())
        for path in sorted(there.keys() & wanted.keys()):
            large = there[path].lfs
            mine = wanted[path].sha256 if large else _git_hash((offer.folder / path).read_bytes())
            if mine != (large.sha256 if large else there[path].blob_id):
                found.append(path)
        return found

    def create(self) -> None:
        """Make the repository unless it is there."""
        with _refusals(self.token):
            self.api.create_repo(self.name, repo_type="dataset", exist_ok=True)

    def head(self, branch: str) -> str:
        """Return the commit that a branch points at; a branch that is missing is made where `main` is."""
        if branch not in self.points("branches"):
            with _refusals(self.token):
                self.api.create_branch(self.name, branch=branch, repo_type="dataset", exist_ok=True)
        head = self.points("branches").get(branch)
        if head is None:
            raise ServerError(f"{self.name} has no branch {branch}, although it was made just now.")
        return head

    def bring(self, branch: str, offer: Offer) -> str:
        """Let a branch hold exactly what is offered, in one commit, unless it does; returns that commit."""
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        head = self.head(branch)
        differing = self.differing(head, offer)
        if not differing:
            return head
        wanted = {file.path for file in offer.files}
        work = [
            CommitOperationAdd(path, offer.folder / path) if path in wanted else CommitOperationDelete(path)
            for path in differing
        ]
        with _refusals(self.token):
            message = f"{offer.tag}, {offer.edition} edition\n\nsha256 of SHA256SUMS: {offer.root}"
            self.api.create_commit(
                self.name, work, commit_message=message, repo_type="dataset", revision=branch, parent_commit=head
            )
        head = self.head(branch)
        if differing := self.differing(head, offer):
            raise ReadBackError(
                f"{self.name}, {branch} holds other bytes than were sent: {_some(differing)}. {_UNSEEN}"
            )
        return head

    def put_tag(self, tag: str, commit: str) -> None:
        """Point a new tag at a commit; one that is there is never moved: raises TakenError if it points elsewhere."""
        there = self.points("tags").get(tag)
        if there is None:
            with _refusals(self.token):
                self.api.create_tag(self.name, tag=tag, revision=commit, repo_type="dataset")
            there = self.points("tags").get(tag)
        if there != commit:
            raise TakenError(
                f"{self.name} has a tag {tag} since just now, and it points elsewhere. Who else publishes?"
            )

    def drop(self, branch: str) -> None:
        """Remove a branch if it is there."""
        if branch in self.points("branches"):
            with _refusals(self.token):
                self.api.delete_branch(self.name, branch=branch, repo_type="dataset")


_UNSEEN = "Nothing was tagged, and `main` is as it was. Try again; if it stays so, the server is at fault."


def connect(name: str) -> Repository:
    """Return the repository, to be reached with the token of HF_TOKEN or of the client's own store.

    The chunked transfer that the client prefers is switched off: ours is tested with the plain one.
    """
    try:
        import huggingface_hub as client
        from huggingface_hub.utils.tqdm import disable_progress_bars
    except ModuleNotFoundError as error:
        raise MissingLibraryError("huggingface_hub", "publish --to hub", "pip install 'espress[hub]'") from error
    client.constants.HF_HUB_DISABLE_XET = True
    disable_progress_bars()
    token = client.get_token()
    if not token:
        raise PublishError("The Hub wants to know who publishes. Set HF_TOKEN, or type `hf auth login`.")
    if name.count("/") != 1:
        raise PublishError("Say where on the Hub: --repo OWNER/NAME.")
    return Repository(name, token, client.HfApi(token=token))


def _environment(hub: Repository, home: str) -> dict[str, str]:
    """Return the environment of a process that knows nothing but the server and the token."""
    names = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "LANG", "SSL_CERT_FILE", "HTTPS_PROXY", "NO_PROXY", "PYTHONPATH")
    return {
        **{name: os.environ[name] for name in names if name in os.environ},
        "HF_ENDPOINT": hub.api.endpoint,
        "HF_HOME": home,
        "HF_TOKEN": hub.token,
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    }


def read_back(kind: str, hub: Repository, commit: str) -> dict[str, str]:
    """Return what a user gets at a commit, with empty caches, in another process: `files` or `tables`, by hash.

    Raises:
        ReadBackError: the clients cannot read it.
    """
    with TemporaryDirectory(prefix="espress-", ignore_cleanup_errors=True) as home:
        command = [sys.executable, "-m", "espress_build.release.publish.readback", kind, hub.name, commit]
        for _ in range(_READ_BACK):
            done = subprocess.run(  # noqa: S603 - our own module
                command, env=_environment(hub, home), capture_output=True, text=True, check=False
            )
            if done.returncode == 0:
                found: dict[str, str] = json.loads(done.stdout)
                return found
    said = done.stderr.replace(hub.token, "***").strip().splitlines()[-1:]
    raise ReadBackError(f"The {kind} sent to {hub.name} cannot be read back: {' '.join(said)} {_UNSEEN}")


def compare(hub: Repository, commit: str, offer: Offer) -> None:
    """Raise ReadBackError unless all files and all tables come back as they were sent."""
    for kind, wanted in {"files": {one.path: one.sha256 for one in offer.files}, "tables": offer.hashes()}.items():
        got = {name: digest for name, digest in read_back(kind, hub, commit).items() if name not in _OWN}
        differing = sorted(name for name in wanted.keys() | got.keys() if wanted.get(name) != got.get(name))
        if differing:
            raise ReadBackError(
                f"Read back over HTTP, these {kind} differ from what was sent: {_some(differing)}. {_UNSEEN}"
            )


def publish(offer: Offer, name: str) -> str:
    """Publish on the Hub; returns what was done.

    The tag comes last: whoever sees it sees all. Killed anywhere, a second run finishes the work; once the tag is
    there, it does nothing. `main` follows the highest version only.

    Raises:
        TakenError: the tag is there, with other bytes.
        ReadBackError: what comes back is not what was sent; nothing is tagged then.
        ServerError: the Hub refused, or failed too often.
    """
    hub = connect(name)
    tags, draft = insist(lambda: hub.points("tags")), f"draft-{offer.version}"
    if offer.tag in tags:
        if differing := insist(lambda: hub.differing(tags[offer.tag], offer)):
            raise TakenError(
                f"{name} has {offer.tag} with other bytes: {_some(differing)}. A published version is never changed: "
                "publish another number, or another edition in a repository of its own."
            )
        insist(lambda: hub.drop(draft))  # left over where a run was killed behind the tag
        return f"{name} has {offer.tag} already, the same bytes; nothing was done."
    insist(hub.create)
    commit = insist(lambda: hub.bring(draft, offer))
    compare(hub, commit, offer)
    others = [number for tag in tags if (number := _number(tag))]
    if all(number < number_of(offer.version) for number in others):
        commit = insist(lambda: hub.bring("main", offer))
    insist(lambda: hub.put_tag(offer.tag, commit))
    insist(lambda: hub.drop(draft))
    return f"Published {offer.tag} in {hub.api.endpoint}/datasets/{name}, commit {commit}; read back and compared."
