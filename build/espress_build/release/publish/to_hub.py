"""Publish to the Hub: upload to a draft branch, read it back as users would, then update `main` and set the tag."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow.parquet as pq

from espress.data.content_hash import content_hash
from espress.data.releases import parse_number
from espress.errors import MissingLibraryError, UnknownNameError
from espress.installation import how_to_install
from espress.tables import join_few
from espress_build.release.publish.errors import RETRY_HINT, PublishError, ReadBackError, ServerError, TakenError, retry

if TYPE_CHECKING:
    from collections.abc import Callable

    from espress_build.release.publish.publication import Publication

T = TypeVar("T")
_NOT_OURS = frozenset({".gitattributes"})  # files of a repository that are not part of the dataset
_READ_BACK_ATTEMPTS = 3  # number of attempts; the client retries most failures of a download, but not all
_UNTAGGED = "Nothing was tagged, and `main` is unchanged. Try again; if it fails again, the server is at fault."


@dataclass(frozen=True)
class Repository:
    """A dataset repository on the Hub; `api` is the Hub's own client, which holds the token."""

    name: str
    token: str = field(repr=False)
    api: Any

    def ask(self, act: Callable[..., T], **arguments: Any) -> T:
        """Call a method of the client for this repository, with retries; raises ServerError, without the token."""
        from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]  # whichever HTTP library it uses

        def attempt() -> T:
            try:
                return act(repo_id=self.name, repo_type="dataset", **arguments)
            except (HTTPError, ConnectionError, RuntimeError, ValueError) as error:
                cause = error.__cause__ if type(error) is RuntimeError and error.__cause__ else error
                message = f"The Hub failed: {str(cause).replace(self.token, '***')}\n{RETRY_HINT}"
                answer = getattr(cause, "response", None)
                if answer is not None:
                    raise ServerError(message, answer.status_code, answer.headers.get("Retry-After")) from None
                if isinstance(cause, ValueError) and not isinstance(cause, json.JSONDecodeError):
                    raise PublishError(message) from None  # the client refuses the arguments
                raise ServerError(message) from None

        return retry(attempt)

    def list_refs(self, kind: str) -> dict[str, str]:
        """Return name -> commit of the `branches` or `tags`; empty if there is no repository."""
        if not self.ask(self.api.repo_exists):
            return {}
        return {ref.name: ref.target_commit for ref in getattr(self.ask(self.api.list_repo_refs), kind)}

    def upload(self, branch: str, publication: Publication) -> str:
        """Replace the content of a branch by the dataset in one commit, if it differs; return the commit."""
        self.ask(self.api.create_branch, branch=branch, exist_ok=True)
        done = self.ask(
            self.api.upload_folder,
            folder_path=publication.folder,
            revision=branch,
            delete_patterns="*",
            commit_message=f"{publication.tag}, {publication.edition} edition",
            commit_description=f"sha256 of SHA256SUMS: {publication.root}",
        )
        return str(done.oid)

    def delete_branch(self, branch: str) -> None:
        """Delete a branch if it exists."""

        def delete(**named: Any) -> None:
            if branch in self.list_refs("branches"):
                self.api.delete_branch(branch=branch, **named)

        self.ask(delete)

    def read_back(self, kind: str, commit: str) -> dict[str, str]:
        """Return the hashes of the `files` or `tables` that a user gets, in another process with empty caches.

        Raises:
            ReadBackError: the clients cannot read the commit.
        """
        command = [sys.executable, "-m", "espress_build.release.publish.readback", kind, self.name, commit]
        variables = {name: value for name, value in os.environ.items() if not name.startswith("HF_")} | {
            "HF_ENDPOINT": self.api.endpoint,
            "HF_TOKEN": self.token,
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
        }
        with TemporaryDirectory(prefix="espress-", ignore_cleanup_errors=True) as home:
            for _ in range(_READ_BACK_ATTEMPTS):
                done = subprocess.run(  # noqa: S603 - our own module
                    command, env=variables | {"HF_HOME": home}, capture_output=True, text=True, check=False
                )
                if done.returncode == 0:
                    found: dict[str, str] = json.loads(done.stdout)
                    return {name: digest for name, digest in found.items() if name not in _NOT_OURS}
        reason = " ".join(done.stderr.replace(self.token, "***").strip().splitlines()[-1:])
        raise ReadBackError(f"The {kind} sent to {self.name} cannot be read back: {reason} {_UNTAGGED}")


def connect(name: str) -> Repository:
    """Return the repository, with the token from HF_TOKEN or from the client's own store.

    The client's chunked transfer (xet) is switched off, because only the plain transfer is tested.
    """
    try:
        import huggingface_hub as client
        from huggingface_hub.utils.tqdm import disable_progress_bars
    except ModuleNotFoundError as error:
        raise MissingLibraryError("huggingface_hub", "publish --to hub", how_to_install("hub")) from error
    client.constants.HF_HUB_DISABLE_XET = True
    disable_progress_bars()
    token = client.get_token()
    if not token:
        raise PublishError("Publishing on the Hub needs a token. Set HF_TOKEN, or type `hf auth login`.")
    if name.count("/") != 1:
        raise PublishError("Name the repository on the Hub: --repo OWNER/NAME.")
    return Repository(name, token, client.HfApi(token=token))


def find_differences(hub: Repository, commit: str, publication: Publication, *kinds: str) -> str:
    """Return the `files` or `tables` that a user would get with different content, or ""; skips empty tables."""
    sent = {file.path: file.sha256 for file in publication.files}
    if "tables" in kinds:
        tables = {path.stem: pq.ParquetFile(path).read() for path in publication.folder.glob("data/*.parquet")}
        sent |= {name: content_hash(table) for name, table in tables.items() if table.num_rows}
    got: dict[str, str] = {}
    for kind in kinds:
        got |= hub.read_back(kind, commit)
    return join_few(sorted(dict(sent.items() ^ got.items())))


def _is_highest(version: str, tags: dict[str, str]) -> bool:
    """Return whether no tag names a higher version."""
    numbers = []
    for tag in tags:
        try:
            numbers.append(parse_number(tag.removeprefix("v")))
        except UnknownNameError:  # not a tag of a release
            continue
    return parse_number(version) >= max(numbers, default=(0, 0, 0))


def publish(publication: Publication, name: str) -> str:
    """Publish on the Hub and return a message.

    The tag is set last, so that a visible tag means a complete release. After a kill at any point, a second run
    finishes the work; once the tag is set, a second run changes nothing. `main` holds the highest version.

    Raises:
        TakenError: the tag exists with other bytes.
        ReadBackError: the server returns other bytes than were sent; nothing is tagged then.
        ServerError: the Hub refused, or failed too often.
    """
    hub, tag, draft = connect(name), publication.tag, f"draft-{publication.version}"
    tags = hub.list_refs("tags")
    if tag in tags:
        if differing := find_differences(hub, tags[tag], publication, "files"):
            raise TakenError(
                f"{name} has {tag} with other bytes: {differing}. A published version never changes: publish another "
                "number, or another edition in a repository of its own."
            )
        hub.delete_branch(draft)  # left if an earlier run was killed after setting the tag
        return f"{name} has {tag} already, with the same bytes; nothing was done."
    hub.ask(hub.api.create_repo, exist_ok=True)
    commit = hub.upload(draft, publication)
    if differing := find_differences(hub, commit, publication, "files", "tables"):
        raise ReadBackError(f"{name} returns content other than was sent: {differing}. {_UNTAGGED}")
    if _is_highest(publication.version, tags):
        commit = hub.upload("main", publication)
        if differing := find_differences(hub, commit, publication, "files"):
            raise ReadBackError(f"`main` of {name} has other bytes than the draft: {differing}. Nothing was tagged.")
    hub.ask(hub.api.create_tag, tag=tag, revision=commit, exist_ok=True)
    if hub.list_refs("tags").get(tag) != commit:  # a tag never moves
        raise TakenError(
            f"The tag {tag} of {name} was just set to another commit. Check whether somebody else is publishing."
        )
    hub.delete_branch(draft)
    return f"Published {tag} at {hub.api.endpoint}/datasets/{name}, commit {commit}; read back and compared."
