"""roc-validator and rocrate: the folder is a valid RO-Crate 1.1 with every file in it, and the library reads it.

The validator fetches the specification's context from the web. Here it finds it in its cache, where the copy is put
that the rocrate package ships.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
from importlib import import_module
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

_CONTEXT = "https://w3id.org/ro/crate/1.1/context"
_ACCEPT = {"Accept": "application/ld+json, application/json, */*;q=0.1"}
# A recommendation that nobody can follow yet: the maintainers have no page of their own.
_WITHOUT = "ro-crate-1.1_31.2"


def fill_cache(cache: Path) -> None:
    """Put the official context where the validator looks before it goes to the web."""
    requests, urllib3 = import_module("requests"), import_module("urllib3")
    content = (files("rocrate") / "data" / "ro-crate.jsonld").read_bytes()
    if json.loads(content)["@id"] != _CONTEXT:
        raise SystemExit("this rocrate ships another context; see tests/espress_build/metadata/rocrate.in")
    response = requests.Response()
    response.status_code, response.url, response._content = 200, _CONTEXT, content
    response.headers["Content-Type"] = "application/ld+json"
    response.request = requests.Request("GET", _CONTEXT, headers=_ACCEPT).prepare()
    response.raw = urllib3.HTTPResponse(io.BytesIO(content), status=200, preload_content=False)
    import_module("requests_cache").CachedSession(str(cache), backend="sqlite").cache.save_response(response)


def complaints(folder: Path) -> list[str]:
    """Return the requirements and recommendations that are not met, and files that the library does not know."""
    with tempfile.TemporaryDirectory() as aside:
        cache, report = Path(aside) / "cache", Path(aside) / "report.json"
        fill_cache(cache)
        command = [
            str(Path(sys.executable).parent / "rocrate-validator"), "-y", "validate", "--offline", "--cache-path",
            str(cache), "-p", "ro-crate-1.1", "-l", "recommended", "-s", _WITHOUT, "--no-paging", "-f", "json",
            "-o", str(report), str(folder),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if not report.is_file():
            return [done.stdout + done.stderr]
        result = json.loads(report.read_text(encoding="utf-8"))
    found = [f"{issue['check']['identifier']}: {issue['message']}" for issue in result["issues"]]
    if not result["passed"] and not found:
        found.append(f"exit code {done.returncode}")
    crate = import_module("rocrate.rocrate").ROCrate(str(folder))
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    known = {entity.id for entity in crate.data_entities} | {crate.metadata.id}
    return found + [f"{path}: only in the crate or only in the folder" for path in sorted(there ^ known)]


if __name__ == "__main__":
    print(f"{version('roc-validator')}, rocrate {version('rocrate')}")
    wrong = complaints(Path(sys.argv[1]))
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)
