"""A server on loopback with the part of Zenodo's deposit interface that publishing uses."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.espress_build.release.publish.faulty_server import Answer, Question, Service, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOKEN = "zenodoOnlyForTestsOfPublishing"  # noqa: S105 - opens nothing


def _json(content: object, status: int = 200) -> Answer:
    return Answer(status, json.dumps(content).encode(), {"Content-Type": "application/json"})


class Zenodo(Service):
    """Deposits by number, and the bytes of their files; a published one takes no more changes."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self.deposits: dict[int, dict[str, Any]] = {}
        self.files: dict[int, dict[str, bytes]] = {}

    def answer(self, question: Question) -> Answer:
        """Do what was asked, for who brings the token."""
        if question.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _json({"message": "Permission denied."}, 403)
        for method, pattern, act in _ROUTES:
            match = re.fullmatch(pattern, question.path)
            if match and method == question.method:
                return act(self, question, *match.groups())
        return _json({"message": "not implemented"}, 404)

    def show(self, number: int) -> dict[str, Any]:
        """Return a deposit as the server shows it."""
        home = f"{self.url}/api/deposit/depositions/{number}"
        files = [
            {"id": f"f{place}", "filename": name, "filesize": len(data), "checksum": _md5(data)}
            for place, (name, data) in enumerate(sorted(self.files[number].items()))
        ]
        links = {"self": home, "bucket": f"{self.url}/api/files/bucket-{number}", "publish": f"{home}/actions/publish"}
        return {**self.deposits[number], "id": number, "files": files, "links": links}

    def add(self, metadata: dict[str, Any], files: dict[str, bytes]) -> int:
        """Make a draft; returns its number."""
        number = 1000 + len(self.deposits)
        doi = {"prereserve_doi": {"doi": f"10.5072/zenodo.{number}", "recid": number}}
        self.deposits[number] = {"submitted": False, "state": "unsubmitted", "metadata": {**metadata, **doi}}
        self.files[number] = dict(files)
        return number


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _list(zenodo: Zenodo, question: Question) -> Answer:
    size, page = int(question.query["size"]), int(question.query["page"])
    numbers = sorted(zenodo.deposits, reverse=True)[size * (page - 1) : size * page]
    return _json([zenodo.show(number) for number in numbers])


def _create(zenodo: Zenodo, question: Question) -> Answer:
    return _json(zenodo.show(zenodo.add(json.loads(question.body).get("metadata", {}), {})), 201)


def _get(zenodo: Zenodo, _question: Question, number: str) -> Answer:
    known = int(number) in zenodo.deposits
    return _json(zenodo.show(int(number))) if known else _json({"message": "PID does not exist."}, 404)


def _open(zenodo: Zenodo, number: str) -> bool:
    return not zenodo.deposits[int(number)]["submitted"]


_CLOSED = _json({"message": "The deposit is published and cannot be changed."}, 403)


def _describe(zenodo: Zenodo, question: Question, number: str) -> Answer:
    if not _open(zenodo, number):
        return _CLOSED
    kept = zenodo.deposits[int(number)]["metadata"]["prereserve_doi"]
    zenodo.deposits[int(number)]["metadata"] = {**json.loads(question.body)["metadata"], "prereserve_doi": kept}
    return _json(zenodo.show(int(number)))


def _publish(zenodo: Zenodo, _question: Question, number: str) -> Answer:
    deposit = zenodo.deposits[int(number)]
    if deposit["submitted"] or not zenodo.files[int(number)]:
        return _json({"message": "Validation error."}, 400)
    deposit |= {"submitted": True, "state": "done", "doi": deposit["metadata"]["prereserve_doi"]["doi"]}
    return _json(zenodo.show(int(number)), 202)


def _new_version(zenodo: Zenodo, _question: Question, number: str) -> Answer:
    old = zenodo.deposits[int(number)]["metadata"]
    new = zenodo.add({key: value for key, value in old.items() if key != "prereserve_doi"}, zenodo.files[int(number)])
    seen = zenodo.show(int(number))
    seen["links"]["latest_draft"] = f"{zenodo.url}/api/deposit/depositions/{new}"
    return _json(seen, 201)


def _delete(zenodo: Zenodo, _question: Question, number: str, file: str) -> Answer:
    if not _open(zenodo, number):
        return _CLOSED
    del zenodo.files[int(number)][sorted(zenodo.files[int(number)])[int(file)]]
    return Answer(204)


def _put(zenodo: Zenodo, question: Question, number: str, name: str) -> Answer:
    if not _open(zenodo, number):
        return _CLOSED
    zenodo.files[int(number)][name] = question.body
    return _json({"key": name, "size": len(question.body), "checksum": f"md5:{_md5(question.body)}"}, 201)


def _fetch(zenodo: Zenodo, _question: Question, number: str, name: str) -> Answer:
    return Answer(200, zenodo.files[int(number)][name])


_HOME = r"/api/deposit/depositions"
_BUCKET = r"/api/files/bucket-(\d+)/([^/]+)"
_ROUTES: list[tuple[str, str, Callable[..., Answer]]] = [
    ("GET", _HOME, _list),
    ("POST", _HOME, _create),
    ("GET", rf"{_HOME}/(\d+)", _get),
    ("PUT", rf"{_HOME}/(\d+)", _describe),
    ("POST", rf"{_HOME}/(\d+)/actions/publish", _publish),
    ("POST", rf"{_HOME}/(\d+)/actions/newversion", _new_version),
    ("DELETE", rf"{_HOME}/(\d+)/files/f(\d+)", _delete),
    ("PUT", _BUCKET, _put),
    ("GET", _BUCKET, _fetch),
]


@contextmanager
def running_zenodo() -> Iterator[Zenodo]:
    """Run an empty Zenodo for as long as it is needed."""
    with serving(Zenodo()) as zenodo:
        yield zenodo
