"""A server on loopback with those parts of the Hub's protocol that publishing and loading use."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from tests.espress_build.release.publish.faulty_server import Fault, FaultyServer, Refused, as_json, query, route
from tests.web_server import response

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from tests.web_server import Request

__all__ = ["TOKEN", "Fault", "Hub"]

TOKEN = "hf_onlyForTestsOfPublishing"  # noqa: S105 - opens nothing
ATTRIBUTES = b"*.parquet filter=lfs diff=lfs merge=lfs -text\n"  # what a new dataset repository begins with
_PAGE = 7  # entries of a tree in one answer: few, so that clients must turn pages
_PART = 8_000  # bytes of one part of a file that is sent in several
_REPO = r"/api/datasets/(?P<name>[^/]+/[^/]+)"
_REVISION = r"/(?P<revision>[^/]+)"
_OID = r"(?P<oid>[0-9a-f]{64})"


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


def refuse(status: int, code: str, message: str) -> Refused:
    """Return a refusal that the Hub's clients turn into a specific error."""
    return Refused(status, {"error": message}, X_Error_Code=code, X_Error_Message=message)


def authorize(request: Request) -> None:
    if request.headers.get("authorization") != f"Bearer {TOKEN}":
        raise refuse(401, "", "Invalid credentials in Authorization header")


def send_range(request: Request, data: bytes, **headers: str) -> bytes:
    match = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
    if not match:
        return response(data, 200, None, **headers)
    first, last = int(match[1]), min(int(match[2] or len(data) - 1), len(data) - 1)
    if first >= len(data):
        return response(b"", 416, None, **headers, Content_Range=f"bytes */{len(data)}")
    return response(data[first : last + 1], 206, None, **headers, Content_Range=f"bytes {first}-{last}/{len(data)}")


class Hub(FaultyServer):
    """Repositories of datasets and a large file storage beside them."""

    def __init__(self) -> None:
        """Begin with no repository."""
        super().__init__()
        self.repositories: dict[str, Repository] = {}
        self.stored: dict[str, bytes] = {}
        self.parts: dict[tuple[str, int], bytes] = {}

    # ---- what tests do with it

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
        switches = {"HF_HUB_OFFLINE": "0", "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
        return {"HF_ENDPOINT": self.root, "HF_HOME": str(home), "HF_TOKEN": TOKEN, **switches}

    def point(self, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
        """Point the clients of this process here, whether they were imported already or not."""
        for name, value in self.environment(home).items():
            monkeypatch.setenv(name, value)
        import datasets.config
        import huggingface_hub.constants as hub
        import huggingface_hub.utils._http as http

        for name, there in {"ENDPOINT": self.root, "HF_HOME": str(home), "HF_HUB_CACHE": str(home / "hub")}.items():
            monkeypatch.setattr(hub, name, there)
        monkeypatch.setattr(hub, "HUGGINGFACE_CO_URL_TEMPLATE", self.root + "/{repo_id}/resolve/{revision}/{filename}")
        monkeypatch.setattr(hub, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(hub, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setattr(datasets.config, "HF_ENDPOINT", self.root)
        monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(datasets.config, "HF_DATASETS_OFFLINE", False)
        monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", home / "datasets")
        monkeypatch.setattr(http, "time", SimpleNamespace(**vars(time) | {"sleep": lambda _seconds: None}))

    # ---- what it holds

    def repository(self, name: str) -> Repository:
        """Return a repository that exists."""
        if name not in self.repositories:
            raise refuse(404, "RepoNotFound", "Repository not found")
        return self.repositories[name]

    def at(self, name: str, revision: str) -> dict[str, Blob]:
        """Return the files of the commit that a branch, a tag or a hash names."""
        repository = self.repository(name)
        if repository.find(revision) not in repository.commits:
            raise refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return repository.commits[repository.find(revision)]

    def branch(self, request: Request, name: str, branch: str) -> dict[str, Blob]:
        """Return the files of a branch that may be written."""
        authorize(request)
        if branch not in self.repository(name).branches:
            raise refuse(404, "RevisionNotFound", f"Invalid rev id: {branch}")
        return self.at(name, branch)

    # ---- its protocol

    @route("GET", "/api/whoami-v2")
    def _whoami(self, request: Request) -> bytes:
        authorize(request)
        return as_json({"type": "user", "name": "someone", "orgs": [], "auth": {"type": "access_token"}})

    @route("POST", "/api/validate-yaml")
    def _validate(self, _request: Request) -> bytes:
        return as_json({"errors": [], "warnings": []})

    @route("POST", "/api/repos/create")
    def _create(self, request: Request) -> bytes:
        authorize(request)
        asked = json.loads(request.body)
        name = f"{asked['organization'] or 'someone'}/{asked['name']}"
        there = {"url": f"{self.root}/datasets/{name}", "id": name}
        if name in self.repositories:
            return as_json({"error": "You already created this dataset repo", **there}, 409)
        self.repositories[name] = Repository(name)
        return as_json(there)

    @route("GET", f"{_REPO}(?:/revision{_REVISION})?")
    def _info(self, _request: Request, name: str, revision: str) -> bytes:
        revision = revision or "main"
        files, oid = self.at(name, revision), self.repository(name).find(revision)
        about = {"_id": "1", "id": name, "author": name.partition("/")[0], "private": False, "gated": False, "tags": []}
        siblings = [{"rfilename": path} for path in sorted(files)]
        return as_json({**about, "sha": oid, "disabled": False, "siblings": siblings})

    @route("GET", f"{_REPO}/refs")
    def _refs(self, _request: Request, name: str) -> bytes:
        def describe(kind: str, points: dict[str, str]) -> list[dict[str, str]]:
            return [
                {"name": one, "ref": f"refs/{kind}/{one}", "targetCommit": oid} for one, oid in sorted(points.items())
            ]

        there = self.repository(name)
        branches, tags = describe("heads", there.branches), describe("tags", there.tags)
        return as_json({"branches": branches, "tags": tags, "converts": []})

    @route("GET", f"{_REPO}/tree{_REVISION}(?:/(?P<folder>.+))?")
    def _tree(self, request: Request, name: str, revision: str, folder: str) -> bytes:
        asked = query(request)
        recursive = asked.get("recursive", "").lower()
        entries = list_tree(self.at(name, revision), folder, recursive=recursive == "true")
        if folder and not entries:
            raise refuse(404, "EntryNotFound", f"{folder} does not exist on {revision!r}")
        first = int(asked.get("cursor", 0))
        more = f"{self.root}{request.target.partition('?')[0]}?recursive={recursive}&cursor={first + _PAGE}"
        links = {"Link": f'<{more}>; rel="next"'} if first + _PAGE < len(entries) else {}
        return as_json(entries[first : first + _PAGE], **links)  # type: ignore[arg-type]

    @route("POST", f"{_REPO}/paths-info{_REVISION}")
    def _paths(self, request: Request, name: str, revision: str) -> bytes:
        everything = {str(one["path"]): one for one in list_tree(self.at(name, revision), "", recursive=True)}
        wanted = parse_qs(request.body.decode()).get("paths", [])
        return as_json([everything[path] for path in wanted if path in everything])

    @route("POST", f"{_REPO}/preupload{_REVISION}")
    def _preupload(self, request: Request, name: str, revision: str) -> bytes:
        there = self.branch(request, name, revision)
        files = [
            {
                "path": path,
                "uploadMode": "lfs" if is_large(path) else "regular",
                "shouldIgnore": False,
                "oid": there[path].etag if path in there else None,
            }
            for path in (file["path"] for file in json.loads(request.body)["files"])
        ]
        return as_json({"files": files})

    @route("POST", r"/datasets/(?P<name>[^/]+/[^/]+)\.git/info/lfs/objects/batch")
    def _batch(self, request: Request, name: str) -> bytes:
        authorize(request)
        self.repository(name)
        objects = [self._instruct(one["oid"], one["size"]) for one in json.loads(request.body)["objects"]]
        return as_json({"transfer": "basic", "objects": objects})

    def _instruct(self, oid: str, size: int) -> dict[str, Any]:
        """Return where to send an object: in one piece or in parts; nowhere if it is stored already."""
        if oid in self.stored:
            return {"oid": oid, "size": size}
        upload: dict[str, Any] = {"href": f"{self.elsewhere}/storage/{oid}"}
        if size > _PART:
            parts = {str(n + 1): f"{self.elsewhere}/storage/{oid}/{n + 1}" for n in range(-(-size // _PART))}
            upload = {"href": f"{self.root}/complete/{oid}", "header": {"chunk_size": str(_PART), **parts}}
        verify = {"href": f"{self.root}/verify/{oid}"}
        return {"oid": oid, "size": size, "actions": {"upload": upload, "verify": verify}}

    @route("PUT", rf"/storage/{_OID}(?:/(?P<part>\d+))?")
    def _store(self, request: Request, oid: str, part: str) -> bytes:
        if part:
            self.parts[oid, int(part)] = request.body
            return response(ETag=f'"{hashlib.md5(request.body, usedforsecurity=False).hexdigest()}"')
        return self._keep(oid, request.body)

    @route("POST", f"/complete/{_OID}")
    def _complete(self, request: Request, oid: str) -> bytes:
        numbers = [part["partNumber"] for part in json.loads(request.body)["parts"]]
        return self._keep(oid, b"".join(self.parts[oid, number] for number in numbers))

    def _keep(self, oid: str, data: bytes) -> bytes:
        if hashlib.sha256(data).hexdigest() != oid:
            return as_json({"error": "sha256 differs"}, 400)
        self.stored[oid] = data
        return as_json({"success": True})

    @route("POST", f"/verify/{_OID}")
    def _verify(self, request: Request, oid: str) -> bytes:
        authorize(request)
        return as_json({}, 200 if oid in self.stored else 404)

    @route("POST", f"{_REPO}/commit{_REVISION}")
    def _commit(self, request: Request, name: str, revision: str) -> bytes:
        files, head = dict(self.branch(request, name, revision)), self.repository(name).find(revision)
        header, *operations = [json.loads(line) for line in request.body.splitlines()]
        if header["value"].get("parentCommit", head) != head:
            raise refuse(412, "", "A commit has happened since. Please refresh and try again.")
        for operation in operations:
            value = operation["value"]
            if operation["key"] == "file":
                files[value["path"]] = Blob(base64.b64decode(value["content"]))
            elif operation["key"] == "lfsFile":
                if value["oid"] not in self.stored:
                    raise refuse(400, "", f"{value['path']}: the object {value['oid']} was never uploaded")
                files[value["path"]] = Blob(self.stored[value["oid"]], large=True)
            else:
                files.pop(value["path"])
        oid = self.repository(name).commit(revision, files)
        there = {"commitUrl": f"{self.root}/datasets/{name}/commit/{oid}", "commitOid": oid}
        return as_json({"success": True, "hookOutput": "", **there})

    @route("POST|DELETE", f"{_REPO}/branch/(?P<branch>[^/]+)")
    def _branch(self, request: Request, name: str, branch: str) -> bytes:
        authorize(request)
        repository = self.repository(name)
        if request.method == "DELETE":
            repository.branches.pop(branch, None)
            return response()
        return self._name(repository.branches, branch, json.loads(request.body).get("startingPoint", "main"), name)

    @route("POST", f"{_REPO}/tag{_REVISION}")
    def _tag(self, request: Request, name: str, revision: str) -> bytes:
        authorize(request)
        return self._name(self.repository(name).tags, json.loads(request.body)["tag"], revision, name)

    def _name(self, points: dict[str, str], point: str, revision: str, name: str) -> bytes:
        if point in points:
            raise refuse(409, "", f"{point} already exists")
        points[point] = self.repository(name).find(revision)
        return response(status=201)

    @route("GET|HEAD", rf"/datasets/(?P<name>[^/]+/[^/]+)/resolve{_REVISION}/(?P<path>.+)")
    def _resolve(self, request: Request, name: str, revision: str, path: str) -> bytes:
        files = self.at(name, revision)
        if path not in files:
            raise refuse(404, "EntryNotFound", "Entry not found")
        blob, oid = files[path], self.repository(name).find(revision)
        about = {"X_Repo_Commit": oid, "ETag": f'"{blob.etag}"', "Accept_Ranges": "bytes"}
        if not blob.large:
            return send_range(request, blob.data, **about)
        self.stored[blob.sha256] = blob.data
        linked = {"X_Linked_ETag": f'"{blob.sha256}"', "X_Linked_Size": str(len(blob.data))}
        return response(b"", 302, None, **about, **linked, Location=f"{self.elsewhere}/storage/{blob.sha256}")

    @route("GET|HEAD", f"/storage/{_OID}")
    def _stored(self, request: Request, oid: str) -> bytes:
        return send_range(request, self.stored[oid], ETag=f'"{oid}"')
