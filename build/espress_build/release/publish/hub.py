"""Publish to the Hub: upload to a draft branch, read it back as users would, then update `main` and set the tag."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow.parquet as pq

from espress.data.content_hash import content_hash
from espress.data.releases import number_of
from espress.errors import MissingLibraryError, UnknownNameError
from espress.tables import join_few
from espress_build.release.publish.errors import (
    RETRY_HINT,
    PublishError,
    ReadBackError,
    ServerError,
    TakenError,
    retry,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from espress_build.release.publish.publication import Publication

T = TypeVar("T")
_NOT_OURS = frozenset({".gitattributes"})  # what a repository holds beside the dataset
_READ_BACK_ATTEMPTS = 3  # the clients retry most failures of a download, but not all
_UNTAGGED = "Nothing was tagged, and `main` is as it was. Try again; if it fails again, the server is at fault."
_KEPT_VARIABLES = (
    "PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "LANG", "SSL_CERT_FILE", "HTTPS_PROXY", "NO_PROXY", "PYTHONPATH",
)  # fmt: skip


@dataclass(frozen=True)
class Repository:
    """A dataset repository on the Hub; `api` is the Hub's own client, which holds the token."""

    name: str
    token: str = field(repr=False)
    api: Any

    def ask(self, act: Callable[..., T], **arguments: Any) -> T:
        """Call a method of the client for this repository, with retries; raises PublishError."""

        def attempt() -> T:
            with self._translate_errors():
                return act(repo_id=self.name, repo_type="dataset", **arguments)

        return retry(attempt)

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        """Raise our errors for those of the client, without the token."""
        from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]  # whichever HTTP library it uses

        try:
            yield
        except (HTTPError, ConnectionError, RuntimeError, json.JSONDecodeError) as error:
            cause = error.__cause__ if type(error) is RuntimeError and error.__cause__ else error
            message = f"The Hub failed: {self._hide_token(cause)}\n{RETRY_HINT}"
            answer = getattr(cause, "response", None)
            if answer is None:
                raise ServerError(message) from None
            raise ServerError(message, answer.status_code, answer.headers.get("Retry-After")) from None
        except ValueError as error:
            raise PublishError(f"The Hub refuses it: {self._hide_token(error)}") from None

    def _hide_token(self, text: object) -> str:
        return str(text).replace(self.token, "***")

    def list_refs(self, kind: str) -> dict[str, str]:
        """Return name -> commit of the `branches` or `tags`; empty if there is no repository."""
        from huggingface_hub.errors import RepositoryNotFoundError

        def list_refs(**arguments: Any) -> Any:
            try:
                return getattr(self.api.list_repo_refs(**arguments), kind)
            except RepositoryNotFoundError:
                return []

        return {ref.name: ref.target_commit for ref in self.ask(list_refs)}

    def find_differences(self, commit: str, publication: Publication) -> list[str]:
        """Return the files of a commit that are missing, superfluous or different, by the Hub's own hashes."""

        def list_entries(**arguments: Any) -> list[Any]:
            return list(self.api.list_repo_tree(recursive=True, revision=commit, **arguments))

        files = [entry for entry in self.ask(list_entries) if hasattr(entry, "blob_id")]  # the others are folders
        there = {file.path: file for file in files if file.path not in _NOT_OURS}
        wanted = {file.path: file for file in publication.files}
        differing = there.keys() ^ wanted.keys()
        for path in there.keys() & wanted.keys():
            large = there[path].lfs
            digest = wanted[path].sha256 if large else _hash_blob((publication.folder / path).read_bytes())
            if digest != (large.sha256 if large else there[path].blob_id):
                differing.add(path)
        return sorted(differing)

    def upload(self, branch: str, publication: Publication) -> str:
        """Replace the content of a branch with the dataset, in one commit unless it is there; return that commit.

        Raises:
            ReadBackError: the commit has other bytes.
        """
        self.ask(self.api.create_branch, branch=branch, exist_ok=True)
        done = self.ask(
            self.api.upload_folder,
            folder_path=publication.folder,
            revision=branch,
            delete_patterns="*",
            commit_message=f"{publication.tag}, {publication.edition} edition",
            commit_description=f"sha256 of SHA256SUMS: {publication.root}",
        )
        if differing := self.find_differences(done.oid, publication):
            raise ReadBackError(
                f"{branch} of {self.name} holds other bytes than were sent: {join_few(differing)}. {_UNTAGGED}"
            )
        return str(done.oid)

    def create_tag(self, tag: str, commit: str) -> None:
        """Create a tag; raises TakenError if it exists and points to another commit, because a tag never moves."""
        self.ask(self.api.create_tag, tag=tag, revision=commit, exist_ok=True)
        if self.list_refs("tags").get(tag) != commit:
            raise TakenError(f"The tag {tag} of {self.name} was set to another commit just now. Who else publishes?")

    def delete_branch(self, branch: str) -> None:
        """Delete a branch if it exists."""

        def delete(**arguments: Any) -> None:
            if branch in self.list_refs("branches"):
                self.api.delete_branch(branch=branch, **arguments)

        self.ask(delete)

    def read_back(self, kind: str, commit: str) -> dict[str, str]:
        """Return the hashes of the `files` or `tables` that a user gets, in another process with empty caches.

        Raises:
            ReadBackError: the clients cannot read the commit.
        """
        command = [sys.executable, "-m", "espress_build.release.publish.readback", kind, self.name, commit]
        with TemporaryDirectory(prefix="espress-", ignore_cleanup_errors=True) as home:
            variables = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ} | {
                "HF_ENDPOINT": self.api.endpoint,
                "HF_HOME": home,
                "HF_TOKEN": self.token,
                "HF_HUB_DISABLE_XET": "1",
                "HF_HUB_DISABLE_TELEMETRY": "1",
                "HF_HUB_DISABLE_PROGRESS_BARS": "1",
                "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
            }
            for _ in range(_READ_BACK_ATTEMPTS):
                done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
                if done.returncode == 0:
                    found: dict[str, str] = json.loads(done.stdout)
                    return {name: digest for name, digest in found.items() if name not in _NOT_OURS}
        reason = " ".join(self._hide_token(done.stderr).strip().splitlines()[-1:])
        raise ReadBackError(f"The {kind} sent to {self.name} cannot be read back: {reason} {_UNTAGGED}")


def _hash_blob(data: bytes) -> str:
    """Return the name that git gives to a file's content."""
    return hashlib.sha1(b"blob %d\0%s" % (len(data), data), usedforsecurity=False).hexdigest()


def connect(name: str) -> Repository:
    """Return the repository, with the token of HF_TOKEN or of the client's own store.

    The client's chunked transfer (xet) is switched off: only the plain one is tested.
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
        raise PublishError("Publishing on the Hub needs a token. Set HF_TOKEN, or type `hf auth login`.")
    if name.count("/") != 1:
        raise PublishError("Name the repository on the Hub: --repo OWNER/NAME.")
    return Repository(name, token, client.HfApi(token=token))


def compare(hub: Repository, commit: str, publication: Publication) -> None:
    """Raise ReadBackError unless all files, and all tables that have rows, come back as they were sent."""
    tables = {path.stem: pq.ParquetFile(path).read() for path in publication.folder.glob("data/*.parquet")}
    sent = {
        "files": {file.path: file.sha256 for file in publication.files},
        "tables": {name: content_hash(table) for name, table in tables.items() if table.num_rows},
    }
    for kind, wanted in sent.items():
        differing = dict(wanted.items() ^ hub.read_back(kind, commit).items())
        if differing:
            raise ReadBackError(
                f"These {kind} come back with other content than was sent: {join_few(sorted(differing))}. {_UNTAGGED}"
            )


def _is_highest(version: str, tags: dict[str, str]) -> bool:
    """Return whether no tag names a higher version."""
    for tag in tags:
        try:
            if number_of(tag.removeprefix("v")) > number_of(version):
                return False
        except UnknownNameError:  # not a tag of a release
            continue
    return True


def publish(publication: Publication, name: str) -> str:
    """Publish on the Hub and return a message.

    The tag is set last, so that whoever sees it sees everything. Killed anywhere, a second run finishes the work; once
    the tag is set, a second run changes nothing. `main` holds the highest version.

    Raises:
        TakenError: the tag exists with other bytes.
        ReadBackError: the server returns other bytes than were sent; nothing is tagged then.
        ServerError: the Hub refused, or failed too often.
    """
    hub = connect(name)
    tags, draft = hub.list_refs("tags"), f"draft-{publication.version}"
    if publication.tag in tags:
        if differing := hub.find_differences(tags[publication.tag], publication):
            raise TakenError(
                f"{name} has {publication.tag} with other bytes: {join_few(differing)}. A published version never "
                "changes: publish another number, or another edition in a repository of its own."
            )
        hub.delete_branch(draft)  # left if an earlier run was killed after setting the tag
        return f"{name} has {publication.tag} already, with the same bytes; nothing was done."
    hub.ask(hub.api.create_repo, exist_ok=True)
    commit = hub.upload(draft, publication)
    compare(hub, commit, publication)
    if _is_highest(publication.version, tags):
        commit = hub.upload("main", publication)
    hub.create_tag(publication.tag, commit)
    hub.delete_branch(draft)
    return (
        f"Published {publication.tag} at {hub.api.endpoint}/datasets/{name}, commit {commit}; read back and compared."
    )
