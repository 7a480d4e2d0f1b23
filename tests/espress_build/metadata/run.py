"""Run every official validator over both editions with a release's metadata: `make metadata-test`.

Prints `name version PASS|FAIL|SKIP reason`, a line each. With STRICT=1 what is skipped counts as failed. When all pass,
benchmarks/results/validators.json is written, which the table in docs/maintain/metadata.md is made from.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tests.espress_build.metadata.validators import PROJECT, VALIDATORS, Result, Validator, released, run

if TYPE_CHECKING:
    from espress.schema import Edition


def _over_both(validator: Validator, folders: dict[str, Path]) -> Result:
    """Return the worst of what the validator says of the editions."""
    results = {edition: run(validator, folder) for edition, folder in folders.items()}
    if validator.of_project or not validator.python.is_file():
        return results["full"]
    failed = [f"{edition}: {result.reason}" for edition, result in results.items() if result.status == "FAIL"]
    return replace(results["full"], status="FAIL" if failed else "PASS", reason=" | ".join(failed))


def main() -> int:
    """Return 0 when all pass, 1 otherwise."""
    results = []
    with tempfile.TemporaryDirectory() as aside:
        editions: tuple[Edition, ...] = ("full", "open")
        folders: dict[str, Path] = {edition: released(Path(aside) / edition, edition) for edition in editions}
        for validator in VALIDATORS:
            results.append(_over_both(validator, folders))
            said = results[-1]
            print(f"{said.name} {said.version} {said.status} {said.reason}".rstrip(), flush=True)
    statuses = {result.status for result in results}
    if statuses == {"PASS"}:
        text = json.dumps([asdict(result) for result in results], ensure_ascii=False, indent=1)
        (PROJECT / "benchmarks" / "results" / "validators.json").write_text(text + "\n", encoding="utf-8")
    failing = {"FAIL", "SKIP"} if os.environ.get("STRICT") == "1" else {"FAIL"}
    return 1 if statuses & failing else 0


if __name__ == "__main__":
    sys.exit(main())
