"""A server on loopback with the part of the Hub's protocol that we use; docs/maintain/publishing.md lists it."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tests.espress_build.release.publish.faulty_server import Answer, Asked, Fault, Question, Service, serving
from tests.espress_build.release.publish.hub_routes import ROUTES, TOKEN, Refused, as_json, authorize
from tests.espress_build.release.publish.hub_store import Blob, Commit, Repository, is_large

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

__all__ = ["TOKEN", "Asked", "Fault", "Hub", "running_hub"]


class Hub(Service):
    """Repositories of datasets and a large file storage beside them."""

    def __init__(self) -> None:
        """Begin with no repository."""
        super().__init__()
        self.repositories: dict[str, Repository] = {}
        self.stored: dict[str, bytes] = {}
        self.parts: dict[tuple[str, int], bytes] = {}

    def put(self, name: str, folder: Path, *, branch: str = "main", tag: str | None = None) -> str:
        """Commit a folder as the whole tree of a branch, without the protocol; returns the commit's hash."""
        with self.lock:
            repository = self.repositories.setdefault(name, Repository(name))
            files = {
                path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
            }
            kept = {".gitattributes": repository.commits[repository.branches["main"]].files[".gitattributes"]}
            blobs = {path: Blob(data, is_large(path)) for path, data in files.items()}
            commit = repository.commit(branch, "put", kept | blobs)
            if tag:
                repository.tags[tag] = commit.oid
            return commit.oid

    def files(self, name: str, revision: str) -> dict[str, bytes]:
        """Return what a revision holds, `.gitattributes` left aside."""
        commit = self.repositories[name].at(revision)
        assert commit, f"no {revision}"
        return {path: blob.data for path, blob in commit.files.items() if path != ".gitattributes"}

    def environment(self, home: Path) -> dict[str, str]:
        """Return the variables that point the clients of another process here."""
        return {
            "HF_ENDPOINT": self.url,
            "HF_HOME": str(home),
            "HF_TOKEN": TOKEN,
            "HF_HUB_OFFLINE": "0",
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
        }

    def point(self, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
        """Point the clients of this process here, whether they were imported already or not."""
        for name, value in self.environment(home).items():
            monkeypatch.setenv(name, value)
        import datasets.config
        import huggingface_hub.constants as hub
        import huggingface_hub.utils._http as http

        for name, there in {"ENDPOINT": self.url, "HF_HOME": str(home), "HF_HUB_CACHE": str(home / "hub")}.items():
            monkeypatch.setattr(hub, name, there)
        monkeypatch.setattr(hub, "HUGGINGFACE_CO_URL_TEMPLATE", self.url + "/{repo_id}/resolve/{revision}/{filename}")
        monkeypatch.setattr(hub, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(hub, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setattr(datasets.config, "HF_ENDPOINT", self.url)
        monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(datasets.config, "HF_DATASETS_OFFLINE", False)
        monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", home / "datasets")
        monkeypatch.setattr(http, "time", SimpleNamespace(**vars(time) | {"sleep": lambda _seconds: None}))

    def answer(self, question: Question) -> Answer:
        """Do what was asked, or say why not."""
        for method, pattern, act in ROUTES:
            match = re.fullmatch(pattern, question.path)
            if match and question.method in method.split("|"):
                named = {name: unquote(value or "") for name, value in match.groupdict().items()}
                try:
                    return act(self, question, **named)
                except Refused as refused:
                    return refused.answer
        return as_json({"error": "not spoken here"}, 404)

    def repository(self, name: str) -> Repository:
        """Return a repository that exists."""
        if name not in self.repositories:
            raise Refused(404, "RepoNotFound", "Repository not found")
        return self.repositories[name]

    def at(self, name: str, revision: str) -> Commit:
        """Return the commit that a branch, a tag or a hash names."""
        commit = self.repository(name).at(revision)
        if commit is None:
            raise Refused(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return commit

    def branch(self, question: Question, name: str, branch: str) -> Commit:
        """Return the head of a branch that may be written."""
        authorize(question)
        if branch not in self.repository(name).branches:
            raise Refused(404, "RevisionNotFound", f"Invalid rev id: {branch}")
        return self.at(name, branch)


@contextmanager
def running_hub() -> Iterator[Hub]:
    """Run an empty Hub for as long as it is needed."""
    with serving(Hub()) as hub:
        yield hub
