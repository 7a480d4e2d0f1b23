"""Run every client over the published tables and over the same tables full of hard characters: `make interop`.

Prints `client version rows hash PASS|FAIL|SKIP reason`, a line each: hash stands for all that the client had to read.
With STRICT=1 a skipped client counts as failed. When none failed or was skipped, it writes
benchmarks/results/interop.json, from which the tables in docs/user/interop.md are made.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from tests.helpers import DATASET, PROJECT
from tests.interop.analysis import compare_numbers, run_r
from tests.interop.readers import READERS, ClientError, Reader, Seen, explain_missing, find_differences, read
from tests.interop.subjects import OFFSETS, expected, hard, published

from espress.data.integrity import identify

Expected = dict[str, tuple[int, str]]


@dataclass(frozen=True)
class Result:
    """One line: what a client read, how much of it, and whether that is what Python's PyArrow reads."""

    name: str
    version: str
    reads: str
    rows: int
    sha256: str
    status: Literal["PASS", "FAIL", "SKIP"]
    reason: str
    restores: str = ""

    def __str__(self) -> str:
        """Return the line that is printed."""
        said = self.reason or (f"restored: {self.restores}" if self.restores else "")
        return f"{self.name} {self.version} {self.rows} {self.sha256 or '-'} {self.status} {said}".rstrip()


def hash_all(tables: Expected) -> str:
    """Return one hash for all tables with rows: SHA-256 over `name rows hash` lines in the order of names."""
    lines = [f"{name} {rows} {sha256}\n" for name, (rows, sha256) in sorted(tables.items()) if rows]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def run_client(reader: Reader, subjects: dict[Path, Expected], aside: Path) -> Result:
    """Run a client over the subjects, the published one first, and compare."""
    reason = explain_missing(reader.command[0])
    if reason:
        return Result(reader.name, "-", reader.reads, 0, "", "SKIP", reason)
    try:
        seen = [read(reader, subject, aside) for subject in subjects]
    except ClientError as error:
        return Result(reader.name, "-", reader.reads, 0, "", "FAIL", str(error))
    pairs = zip(subjects, seen, subjects.values(), strict=True)
    wrong = [
        f"{place.name}: {', '.join(found)}"
        for place, one, all_ in pairs
        if (found := find_differences(reader, one, all_))
    ]
    return _compare(reader, seen[0], wrong)


def _compare(reader: Reader, seen: Seen, wrong: list[str]) -> Result:
    numbers = [number for number, _ in seen.tables.values()]
    rows = max(numbers) if reader.also else sum(numbers)
    reason = f"other content in {'; '.join(wrong)}" if wrong else ""
    status: Literal["PASS", "FAIL"] = "FAIL" if wrong else "PASS"
    return Result(reader.name, seen.version, reader.reads, rows, hash_all(seen.tables), status, reason, reader.restores)


def _run_analysis(subject: Path, aside: Path) -> Result:
    reads = "docs/user/analysis.R"
    reason = explain_missing("Rscript")
    if reason:
        return Result("analysis-r", "-", reads, 0, "", "SKIP", reason)
    try:
        version, printed = run_r(subject, aside)
    except ClientError as error:
        return Result("analysis-r", "-", reads, 0, "", "FAIL", str(error))
    wrong = compare_numbers(printed)
    sha256 = hashlib.sha256(printed.encode()).hexdigest()
    rows = len(printed.splitlines())
    return Result("analysis-r", version, reads, rows, sha256, "FAIL" if wrong else "PASS", wrong or "")


def _write_results(results: list[Result], tables: Expected) -> None:
    held = {
        "version": identify(DATASET).version,
        "tables": {
            name: {"rows": rows, "sha256": sha256} for name, (rows, sha256) in tables.items() if name not in OFFSETS
        },
        "clients": [asdict(result) for result in results],
    }
    text = json.dumps(held, ensure_ascii=False, indent=1)
    (PROJECT / "benchmarks" / "results" / "interop.json").write_text(text + "\n", encoding="utf-8")


def main() -> int:
    """Return 0 when all agree, 1 otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        aside = Path(folder)
        places = [published(aside / "published"), hard(aside / "hard")]
        subjects = {place: expected(place) for place in places}
        results = []
        for reader in READERS:
            results.append(run_client(reader, subjects, aside))
            print(results[-1], flush=True)
        results.append(_run_analysis(places[0], aside))
        print(results[-1])
    statuses = {result.status for result in results}
    if statuses == {"PASS"}:
        _write_results(results, subjects[places[0]])
    failing = {"FAIL", "SKIP"} if os.environ.get("STRICT") == "1" else {"FAIL"}
    return 1 if statuses & failing else 0


if __name__ == "__main__":
    sys.exit(main())
