"""A server on loopback with the part of the Hub's protocol that publishing and loading use."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from tests.espress_build.release.publish.faulty_server import Answer, Asked, Fault, Question, Service, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pytest

__all__ = ["TOKEN", "Asked", "Fault", "Hub", "running_hub"]

TOKEN = "hf_onlyForTestsOfPublishing"  # noqa: S105 - opens nothing
_PAGE = 7  # entries of a tree in one answer: few, so that clients must turn pages
_PART = 8_000  # bytes of one part of a file that is sent in several


ATTRIBUTES = b"*.parquet filter=lfs diff=lfs merge=lfs -text\n"  # what a new dataset repository begins with


def git_hash(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0%s" % (len(data), data), usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Blob:
    """The bytes of one file; in large file storage the repository holds a pointer in their place."""

    data: bytes
    large: bool

    @property
    def sha256(self) -> str:
        """The name in large file storage."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def pointer(self) -> bytes:
        """What the repository holds in place of a large file."""
        text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\nsize {len(self.data)}\n"
        return text.encode()

    @property
    def oid(self) -> str:
        """Git's own name."""
        return git_hash(self.pointer if self.large else self.data)

    @property
    def etag(self) -> str:
        """What tells two contents apart over HTTP."""
        return self.sha256 if self.large else self.oid

    def record(self, path: str) -> dict[str, object]:
        """Return its line in a listing."""
        found: dict[str, object] = {"type": "file", "path": path, "oid": self.oid, "size": len(self.data)}
        if self.large:
            found["lfs"] = {"oid": self.sha256, "size": len(self.data), "pointerSize": len(self.pointer)}
        return found


@dataclass(frozen=True)
class Commit:
    """One state of a repository."""

    oid: str
    title: str
    parent: str | None
    files: dict[str, Blob]


def is_large(path: str) -> bool:
    return path.endswith(".parquet")  # as ATTRIBUTES says


@dataclass
class Repository:
    """Commits, and what points at them."""

    name: str
    commits: dict[str, Commit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.commit("main", "initial commit", {".gitattributes": Blob(ATTRIBUTES, large=False)})

    def at(self, revision: str) -> Commit | None:
        """Return the commit that a branch, a tag or a hash names."""
        oid = self.branches.get(revision) or self.tags.get(revision) or revision
        return self.commits.get(oid)

    def commit(self, branch: str, title: str, files: dict[str, Blob]) -> Commit:
        """Put a whole new tree on a branch, in one step."""
        parent = self.branches.get(branch)
        content = [[path, blob.oid] for path, blob in sorted(files.items())]
        oid = hashlib.sha1(json.dumps([self.name, parent, title, content]).encode(), usedforsecurity=False).hexdigest()
        self.commits[oid] = Commit(oid, title, parent, dict(files))
        self.branches[branch] = oid
        return self.commits[oid]


def tree(commit: Commit, folder: str, *, recursive: bool) -> list[dict[str, object]]:
    """Return the files and folders below a folder, in order of their paths; none if there is no such folder."""
    prefix = f"{folder}/" if folder else ""
    found: dict[str, dict[str, object]] = {}
    for path, blob in sorted(commit.files.items()):
        if not path.startswith(prefix):
            continue
        steps = path.removeprefix(prefix).split("/")
        for depth in range(1, len(steps) if recursive else min(len(steps), 2)):
            above = prefix + "/".join(steps[:depth])
            found[above] = {"type": "directory", "path": above, "oid": git_hash(above.encode()), "size": 0}
        if recursive or len(steps) == 1:
            found[path] = blob.record(path)
    return list(found.values())


class Refused(Exception):  # noqa: N818 - an answer, not a fault of ours
    """What the Hub answers when it does not do what was asked."""

    def __init__(self, status: int, code: str, message: str) -> None:
        """Compose the answer, whose code the clients turn into an error of its own."""
        self.answer = as_json({"error": message}, status, {"X-Error-Code": code, "X-Error-Message": message})
        super().__init__(message)


def as_json(content: object, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, json.dumps(content).encode(), {"Content-Type": "application/json", **(headers or {})})


def authorize(question: Question) -> None:
    if question.headers.get("Authorization") != f"Bearer {TOKEN}":
        raise Refused(401, "", "Invalid credentials in Authorization header")


def _whoami(_hub: Hub, question: Question) -> Answer:
    authorize(question)
    return as_json({"type": "user", "name": "someone", "orgs": [], "auth": {"type": "access_token"}})


def _validate(_hub: Hub, _question: Question) -> Answer:
    return as_json({"errors": [], "warnings": []})


def _create(hub: Hub, question: Question) -> Answer:
    authorize(question)
    asked = json.loads(question.body)
    name = f"{asked['organization'] or 'someone'}/{asked['name']}"
    there = {"url": f"{hub.url}/datasets/{name}", "id": name}
    if name in hub.repositories:
        return as_json({"error": "You already created this dataset repo", **there}, 409)
    hub.repositories[name] = Repository(name)
    return as_json(there)


def _info(hub: Hub, _question: Question, name: str, revision: str = "main") -> Answer:
    commit = hub.at(name, revision)
    siblings = [{"rfilename": path} for path in sorted(commit.files)]
    about = {
        "_id": "1",
        "id": name,
        "author": name.partition("/")[0],
        "private": False,
        "gated": False,
        "disabled": False,
    }
    return as_json({**about, "sha": commit.oid, "tags": [], "downloads": 0, "likes": 0, "siblings": siblings})


def _refs(hub: Hub, _question: Question, name: str) -> Answer:
    def listed(kind: str, points: dict[str, str]) -> list[dict[str, str]]:
        return [{"name": one, "ref": f"refs/{kind}/{one}", "targetCommit": oid} for one, oid in sorted(points.items())]

    repository = hub.repository(name)
    return as_json(
        {"branches": listed("heads", repository.branches), "tags": listed("tags", repository.tags), "converts": []}
    )


def _tree(hub: Hub, question: Question, name: str, revision: str, folder: str = "") -> Answer:
    entries = tree(hub.at(name, revision), folder, recursive=question.query.get("recursive", "").lower() == "true")
    if folder and not entries:
        raise Refused(404, "EntryNotFound", f"{folder} does not exist on {revision!r}")
    first = int(question.query.get("cursor", 0))
    more = f"{hub.url}{question.path}?recursive={question.query.get('recursive', '')}&cursor={first + _PAGE}"
    links = {"Link": f'<{more}>; rel="next"'} if first + _PAGE < len(entries) else None
    return as_json(entries[first : first + _PAGE], headers=links)


def _paths(hub: Hub, question: Question, name: str, revision: str) -> Answer:
    everything = {str(one["path"]): one for one in tree(hub.at(name, revision), "", recursive=True)}
    wanted = parse_qs(question.body.decode()).get("paths", [])
    return as_json([everything[path] for path in wanted if path in everything])


def _preupload(hub: Hub, question: Question, name: str, revision: str) -> Answer:
    there = hub.branch(question, name, revision).files
    paths = [file["path"] for file in json.loads(question.body)["files"]]
    modes = {path: "lfs" if is_large(path) else "regular" for path in paths}
    oids = {path: there[path].etag for path in paths if path in there}
    return as_json(
        {"files": [{"path": p, "uploadMode": modes[p], "shouldIgnore": False, "oid": oids.get(p)} for p in paths]}
    )


def _batch(hub: Hub, question: Question, name: str) -> Answer:
    authorize(question)
    hub.repository(name)
    return as_json(
        {"transfer": "basic", "objects": [_instructions(hub, one) for one in json.loads(question.body)["objects"]]}
    )


def _instructions(hub: Hub, wanted: dict[str, Any]) -> dict[str, Any]:
    """Say where to send an object: in one piece, in parts if it is large, nowhere if it is here already."""
    oid, size = wanted["oid"], wanted["size"]
    if oid in hub.stored:
        return {"oid": oid, "size": size}
    upload: dict[str, Any] = {"href": f"{hub.elsewhere}/storage/{oid}"}
    if size > _PART:
        parts = {str(n + 1): f"{hub.elsewhere}/storage/{oid}/{n + 1}" for n in range(-(-size // _PART))}
        upload = {"href": f"{hub.url}/complete/{oid}", "header": {"chunk_size": str(_PART), **parts}}
    return {"oid": oid, "size": size, "actions": {"upload": upload, "verify": {"href": f"{hub.url}/verify/{oid}"}}}


def _store(hub: Hub, question: Question, oid: str, part: str = "") -> Answer:
    if part:
        hub.parts[oid, int(part)] = question.body
        return Answer(200, headers={"ETag": f'"{hashlib.md5(question.body, usedforsecurity=False).hexdigest()}"'})
    if hashlib.sha256(question.body).hexdigest() != oid:
        return Answer(400, b"sha256 differs")
    hub.stored[oid] = question.body
    return Answer(200)


def _complete(hub: Hub, question: Question, oid: str) -> Answer:
    numbers = [part["partNumber"] for part in json.loads(question.body)["parts"]]
    data = b"".join(hub.parts[oid, number] for number in numbers)
    if hashlib.sha256(data).hexdigest() != oid:
        return as_json({"error": "sha256 differs"}, 400)
    hub.stored[oid] = data
    return as_json({"success": True})


def _verify(hub: Hub, question: Question, oid: str) -> Answer:
    authorize(question)
    return as_json({}, 200 if oid in hub.stored else 404)


def _commit(hub: Hub, question: Question, name: str, revision: str) -> Answer:
    head = hub.branch(question, name, revision)
    header, *operations = [json.loads(line) for line in question.body.splitlines()]
    if header["value"].get("parentCommit", head.oid) != head.oid:
        raise Refused(412, "", "A commit has happened since. Please refresh and try again.")
    files = dict(head.files)
    for operation in operations:
        value = operation["value"]
        if operation["key"] == "file":
            files[value["path"]] = Blob(base64.b64decode(value["content"]), large=False)
        elif operation["key"] == "lfsFile":
            if value["oid"] not in hub.stored:
                raise Refused(400, "", f"{value['path']}: the object {value['oid']} was never uploaded")
            files[value["path"]] = Blob(hub.stored[value["oid"]], large=True)
        else:
            files.pop(value["path"])
    made = hub.repository(name).commit(revision, header["value"]["summary"], files)
    there = {"commitUrl": f"{hub.url}/datasets/{name}/commit/{made.oid}", "commitOid": made.oid}
    return as_json({"success": True, "hookOutput": "", **there})


def _branch(hub: Hub, question: Question, name: str, branch: str) -> Answer:
    authorize(question)
    branches = hub.repository(name).branches
    if question.method == "DELETE":
        branches.pop(branch, None)
        return Answer(200)
    if branch in branches:
        raise Refused(409, "", f"Reference {branch} already exists")
    branches[branch] = hub.at(name, json.loads(question.body).get("startingPoint", "main")).oid
    return Answer(201)


def _tag(hub: Hub, question: Question, name: str, revision: str) -> Answer:
    authorize(question)
    tag, tags = json.loads(question.body)["tag"], hub.repository(name).tags
    if tag in tags:
        raise Refused(409, "", f"Tag {tag} already exists")
    tags[tag] = hub.at(name, revision).oid
    return Answer(201)


def _resolve(hub: Hub, question: Question, name: str, revision: str, path: str) -> Answer:
    commit = hub.at(name, revision)
    if path not in commit.files:
        raise Refused(404, "EntryNotFound", "Entry not found")
    blob = commit.files[path]
    about = {"X-Repo-Commit": commit.oid, "ETag": f'"{blob.etag}"', "Accept-Ranges": "bytes"}
    if not blob.large:
        return _ranged(question, blob.data, about)
    hub.stored[blob.sha256] = blob.data
    linked = {"X-Linked-ETag": f'"{blob.sha256}"', "X-Linked-Size": str(len(blob.data))}
    return Answer(302, headers={**about, **linked, "Location": f"{hub.elsewhere}/storage/{blob.sha256}"})


def _stored(hub: Hub, question: Question, oid: str) -> Answer:
    return _ranged(question, hub.stored[oid], {"ETag": f'"{oid}"'})


def _ranged(question: Question, data: bytes, headers: dict[str, str]) -> Answer:
    match = re.fullmatch(r"bytes=(\d+)-(\d*)", question.headers.get("Range", ""))
    if not match:
        return Answer(200, data, headers)
    first, last = int(match[1]), min(int(match[2] or len(data) - 1), len(data) - 1)
    if first >= len(data):
        return Answer(416, headers={**headers, "Content-Range": f"bytes */{len(data)}"})
    return Answer(206, data[first : last + 1], {**headers, "Content-Range": f"bytes {first}-{last}/{len(data)}"})


_REPO = r"/api/datasets/(?P<name>[^/]+/[^/]+)"
_OID = r"(?P<oid>[0-9a-f]{64})"
ROUTES: list[tuple[str, str, Callable[..., Answer]]] = [
    ("GET", r"/api/whoami-v2", _whoami),
    ("POST", r"/api/validate-yaml", _validate),
    ("POST", r"/api/repos/create", _create),
    ("GET", _REPO, _info),
    ("GET", _REPO + r"/revision/(?P<revision>[^/]+)", _info),
    ("GET", _REPO + r"/refs", _refs),
    ("GET", _REPO + r"/tree/(?P<revision>[^/]+)(?:/(?P<folder>.+))?", _tree),
    ("POST", _REPO + r"/paths-info/(?P<revision>[^/]+)", _paths),
    ("POST", _REPO + r"/preupload/(?P<revision>[^/]+)", _preupload),
    ("POST", _REPO + r"/commit/(?P<revision>[^/]+)", _commit),
    ("POST|DELETE", _REPO + r"/branch/(?P<branch>[^/]+)", _branch),
    ("POST", _REPO + r"/tag/(?P<revision>[^/]+)", _tag),
    ("POST", r"/datasets/(?P<name>[^/]+/[^/]+)\.git/info/lfs/objects/batch", _batch),
    ("GET|HEAD", r"/datasets/(?P<name>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)", _resolve),
    ("PUT", rf"/storage/{_OID}(?:/(?P<part>\d+))?", _store),
    ("GET|HEAD", rf"/storage/{_OID}", _stored),
    ("POST", rf"/complete/{_OID}", _complete),
    ("POST", rf"/verify/{_OID}", _verify),
]


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
        return as_json({"error": "not implemented"}, 404)

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
