"""What the test Hub answers to each question of the protocol; `ROUTES` lists all that it speaks."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from tests.espress_build.release.publish.faulty_server import Answer, Question
from tests.espress_build.release.publish.hub_store import Blob, Repository, is_large, tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.espress_build.release.publish.hub_server import Hub

TOKEN = "hf_onlyForTestsOfPublishing"  # noqa: S105 - opens nothing
_PAGE = 7  # entries of a tree in one answer: few, so that clients must turn pages
_PART = 8_000  # bytes of one part of a file that is sent in several


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
