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


def is_large(path: str) -> bool:
    return path.endswith(".parquet")  # as ATTRIBUTES says


@dataclass(frozen=True)
class Blob:
    """The bytes of one file; if it is large, the repository holds a pointer to the large file storage instead."""

    data: bytes
    large: bool = False

    @property
    def sha256(self) -> str:
        """The name in the large file storage."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def oid(self) -> str:
        """Git's own name."""
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\nsize {len(self.data)}\n"
        return git_hash(pointer.encode() if self.large else self.data)

    @property
    def etag(self) -> str:
        """The identifier of the content over HTTP."""
        return self.sha256 if self.large else self.oid

    def describe(self, path: str) -> dict[str, object]:
        """Return its entry in a listing."""
        entry: dict[str, object] = {"type": "file", "path": path, "oid": self.oid, "size": len(self.data)}
        return entry | ({"lfs": {"oid": self.sha256, "size": len(self.data), "pointerSize": 1}} if self.large else {})


@dataclass
class Repository:
    """Commits (hash -> path -> file), and the branches and tags that name them."""

    name: str
    commits: dict[str, dict[str, Blob]] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.commit("main", {".gitattributes": Blob(ATTRIBUTES)})

    def find(self, revision: str) -> str:
        """Return the commit that a branch, a tag or a hash names."""
        return self.branches.get(revision) or self.tags.get(revision) or revision

    def commit(self, branch: str, files: dict[str, Blob]) -> str:
        """Replace the tree of a branch, in one step; returns the commit."""
        content = [self.name, self.branches.get(branch), [[path, blob.oid] for path, blob in sorted(files.items())]]
        oid = hashlib.sha1(json.dumps(content).encode(), usedforsecurity=False).hexdigest()
        self.commits[oid], self.branches[branch] = dict(files), oid
        return oid


def list_tree(files: dict[str, Blob], folder: str, *, recursive: bool) -> list[dict[str, object]]:
    """Return the files and folders below a folder, in order of their paths; none if there is no such folder."""
    prefix = f"{folder}/" if folder else ""
    found: dict[str, dict[str, object]] = {}
    for path, blob in sorted(files.items()):
        if not path.startswith(prefix):
            continue
        steps = path.removeprefix(prefix).split("/")
        for depth in range(1, len(steps) if recursive else min(len(steps), 2)):
            above = prefix + "/".join(steps[:depth])
            found[above] = {"type": "directory", "path": above, "oid": git_hash(above.encode()), "size": 0}
        if recursive or len(steps) == 1:
            found[path] = blob.describe(path)
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
    files, oid = hub.at(name, revision), hub.repository(name).find(revision)
    about = {"_id": "1", "id": name, "author": name.partition("/")[0], "private": False, "gated": False, "tags": []}
    return as_json(
        {**about, "sha": oid, "disabled": False, "siblings": [{"rfilename": path} for path in sorted(files)]}
    )


def _refs(hub: Hub, _question: Question, name: str) -> Answer:
    def listed(kind: str, points: dict[str, str]) -> list[dict[str, str]]:
        return [{"name": one, "ref": f"refs/{kind}/{one}", "targetCommit": oid} for one, oid in sorted(points.items())]

    repository = hub.repository(name)
    return as_json(
        {"branches": listed("heads", repository.branches), "tags": listed("tags", repository.tags), "converts": []}
    )


def _tree(hub: Hub, question: Question, name: str, revision: str, folder: str = "") -> Answer:
    entries = list_tree(hub.at(name, revision), folder, recursive=question.query.get("recursive", "").lower() == "true")
    if folder and not entries:
        raise Refused(404, "EntryNotFound", f"{folder} does not exist on {revision!r}")
    first = int(question.query.get("cursor", 0))
    more = f"{hub.url}{question.path}?recursive={question.query.get('recursive', '')}&cursor={first + _PAGE}"
    links = {"Link": f'<{more}>; rel="next"'} if first + _PAGE < len(entries) else None
    return as_json(entries[first : first + _PAGE], headers=links)


def _paths(hub: Hub, question: Question, name: str, revision: str) -> Answer:
    everything = {str(one["path"]): one for one in list_tree(hub.at(name, revision), "", recursive=True)}
    wanted = parse_qs(question.body.decode()).get("paths", [])
    return as_json([everything[path] for path in wanted if path in everything])


def _preupload(hub: Hub, question: Question, name: str, revision: str) -> Answer:
    there = hub.branch(question, name, revision)
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
    files, head = dict(hub.branch(question, name, revision)), hub.repository(name).find(revision)
    header, *operations = [json.loads(line) for line in question.body.splitlines()]
    if header["value"].get("parentCommit", head) != head:
        raise Refused(412, "", "A commit has happened since. Please refresh and try again.")
    for operation in operations:
        value = operation["value"]
        if operation["key"] == "file":
            files[value["path"]] = Blob(base64.b64decode(value["content"]))
        elif operation["key"] == "lfsFile":
            if value["oid"] not in hub.stored:
                raise Refused(400, "", f"{value['path']}: the object {value['oid']} was never uploaded")
            files[value["path"]] = Blob(hub.stored[value["oid"]], large=True)
        else:
            files.pop(value["path"])
    oid = hub.repository(name).commit(revision, files)
    there = {"commitUrl": f"{hub.url}/datasets/{name}/commit/{oid}", "commitOid": oid}
    return as_json({"success": True, "hookOutput": "", **there})


def _branch(hub: Hub, question: Question, name: str, branch: str) -> Answer:
    authorize(question)
    branches = hub.repository(name).branches
    if question.method == "DELETE":
        branches.pop(branch, None)
        return Answer(200)
    if branch in branches:
        raise Refused(409, "", f"Reference {branch} already exists")
    branches[branch] = hub.repository(name).find(json.loads(question.body).get("startingPoint", "main"))
    return Answer(201)


def _tag(hub: Hub, question: Question, name: str, revision: str) -> Answer:
    authorize(question)
    tag, tags = json.loads(question.body)["tag"], hub.repository(name).tags
    if tag in tags:
        raise Refused(409, "", f"Tag {tag} already exists")
    tags[tag] = hub.repository(name).find(revision)
    return Answer(201)


def _resolve(hub: Hub, question: Question, name: str, revision: str, path: str) -> Answer:
    files = hub.at(name, revision)
    if path not in files:
        raise Refused(404, "EntryNotFound", "Entry not found")
    blob, oid = files[path], hub.repository(name).find(revision)
    about = {"X-Repo-Commit": oid, "ETag": f'"{blob.etag}"', "Accept-Ranges": "bytes"}
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
            paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
            blobs = {name: Blob(path.read_bytes(), is_large(name)) for name, path in paths.items()}
            oid = repository.commit(branch, {".gitattributes": Blob(ATTRIBUTES)} | blobs)
            if tag:
                repository.tags[tag] = oid
            return oid

    def files(self, name: str, revision: str) -> dict[str, bytes]:
        """Return the files of a revision, without `.gitattributes`."""
        return {path: blob.data for path, blob in self.at(name, revision).items() if path != ".gitattributes"}

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

    def at(self, name: str, revision: str) -> dict[str, Blob]:
        """Return the files of the commit that a branch, a tag or a hash names."""
        repository = self.repository(name)
        if repository.find(revision) not in repository.commits:
            raise Refused(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return repository.commits[repository.find(revision)]

    def branch(self, question: Question, name: str, branch: str) -> dict[str, Blob]:
        """Return the files of a branch that may be written."""
        authorize(question)
        if branch not in self.repository(name).branches:
            raise Refused(404, "RevisionNotFound", f"Invalid rev id: {branch}")
        return self.at(name, branch)


@contextmanager
def running_hub() -> Iterator[Hub]:
    """Run an empty Hub for as long as it is needed."""
    with serving(Hub()) as hub:
        yield hub
