"""A server on loopback with the part of Zenodo's deposit interface that publishing uses."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from tests.espress_build.release.publish.faulty_server import FaultyServer, Refused, as_json, query, route
from tests.web_server import response

if TYPE_CHECKING:
    from tests.web_server import Request

TOKEN = "zenodoOnlyForTestsOfPublishing"  # noqa: S105 - opens nothing
_HOME = r"/api/deposit/depositions"
_DEPOSIT = rf"{_HOME}/(?P<number>\d+)"
_FILE = r"/api/files/bucket-(?P<number>\d+)/(?P<name>[^/]+)"


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


class Zenodo(FaultyServer):
    """Deposits by number, and the bytes of their files; a published one takes no more changes."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self.deposits: dict[int, dict[str, Any]] = {}
        self.files: dict[int, dict[str, bytes]] = {}

    def answer(self, request: Request) -> bytes:
        """Obey requests that carry the token."""
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return as_json({"message": "Permission denied."}, 403)
        return super().answer(request)

    def show(self, number: int) -> dict[str, Any]:
        """Return a deposit as the server shows it."""
        home = f"{self.root}/api/deposit/depositions/{number}"
        files = [
            {"id": f"f{place}", "filename": name, "filesize": len(data), "checksum": _md5(data)}
            for place, (name, data) in enumerate(sorted(self.files[number].items()))
        ]
        links = {"self": home, "bucket": f"{self.root}/api/files/bucket-{number}", "publish": f"{home}/actions/publish"}
        return {**self.deposits[number], "id": number, "files": files, "links": links}

    def add(self, metadata: dict[str, Any], files: dict[str, bytes]) -> int:
        """Make a draft; returns its number."""
        number = 1000 + len(self.deposits)
        doi = {"prereserve_doi": {"doi": f"10.5072/zenodo.{number}", "recid": number}}
        self.deposits[number] = {"submitted": False, "state": "unsubmitted", "metadata": {**metadata, **doi}}
        self.files[number] = dict(files)
        return number

    def _open(self, number: str) -> int:
        """Return the number of a deposit that is not published."""
        if self.deposits[int(number)]["submitted"]:
            raise Refused(403, {"message": "The deposit is published and cannot be changed."})
        return int(number)

    @route("GET", _HOME)
    def _list(self, request: Request) -> bytes:
        asked = query(request)
        size, page = int(asked["size"]), int(asked["page"])
        numbers = sorted(self.deposits, reverse=True)[size * (page - 1) : size * page]
        return as_json([self.show(number) for number in numbers])

    @route("POST", _HOME)
    def _create(self, request: Request) -> bytes:
        return as_json(self.show(self.add(json.loads(request.body).get("metadata", {}), {})), 201)

    @route("GET", _DEPOSIT)
    def _get(self, _request: Request, number: str) -> bytes:
        if int(number) not in self.deposits:
            raise Refused(404, {"message": "PID does not exist."})
        return as_json(self.show(int(number)))

    @route("PUT", _DEPOSIT)
    def _describe(self, request: Request, number: str) -> bytes:
        deposit = self.deposits[self._open(number)]
        kept = deposit["metadata"]["prereserve_doi"]
        deposit["metadata"] = {**json.loads(request.body)["metadata"], "prereserve_doi": kept}
        return as_json(self.show(int(number)))

    @route("POST", f"{_DEPOSIT}/actions/publish")
    def _publish(self, _request: Request, number: str) -> bytes:
        deposit = self.deposits[int(number)]
        if deposit["submitted"] or not self.files[int(number)]:
            raise Refused(400, {"message": "Validation error."})
        deposit |= {"submitted": True, "state": "done", "doi": deposit["metadata"]["prereserve_doi"]["doi"]}
        return as_json(self.show(int(number)), 202)

    @route("POST", f"{_DEPOSIT}/actions/newversion")
    def _new_version(self, _request: Request, number: str) -> bytes:
        old = self.deposits[int(number)]["metadata"]
        new = self.add({key: old[key] for key in old if key != "prereserve_doi"}, self.files[int(number)])
        seen = self.show(int(number))
        seen["links"]["latest_draft"] = f"{self.root}/api/deposit/depositions/{new}"
        return as_json(seen, 201)

    @route("DELETE", rf"{_DEPOSIT}/files/f(?P<file>\d+)")
    def _delete(self, _request: Request, number: str, file: str) -> bytes:
        files = self.files[self._open(number)]
        del files[sorted(files)[int(file)]]
        return response(status=204, kind=None)

    @route("PUT", _FILE)
    def _put(self, request: Request, number: str, name: str) -> bytes:
        self.files[self._open(number)][name] = request.body
        return as_json({"key": name, "size": len(request.body), "checksum": f"md5:{_md5(request.body)}"}, 201)

    @route("GET", _FILE)
    def _fetch(self, _request: Request, number: str, name: str) -> bytes:
        return response(self.files[int(number)][name], kind=None)
