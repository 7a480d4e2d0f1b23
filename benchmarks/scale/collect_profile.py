"""Collect in one process, and write the processor time of each step, and how often two ways to find a language agree.

python collect_profile.py ARCHIVES OUT 1 PROFILE.json
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
from benchmarks.scale.collect_parts import collect_with, load_reader, read_file

from espress_build.add import draft
from espress_build.collect import merge, reading, stored_batches
from espress_build.pages import dom, propose
from espress_build.pipeline import language, stages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

# Step -> its functions, in the modules that call them. If one step calls another, the time counts for the other one.
STEPS: dict[str, list[tuple[ModuleType | type, str]]] = {
    "decode the page": [(reading, "read_page")],
    "parse and lay out the page": [(dom, "_parse"), (vars(dom)["_Reader"], "read")],
    "facts: title, authors, dates, outlet, address": [(propose, "find_facts")],
    "body": [(propose, "find_body"), (propose, "body_of_text")],
    "language, by two detectors": [(language, "detect")],
    "places of the words in the source": [(draft, "freeze")],
    "record": [(draft, "assemble")],
    "store the results of a batch": [(stored_batches.StoredBatches, "store")],
    "join the parts, link near-duplicates, write Parquet": [(merge, "write_tables")],
}
_OTHER = "archives, and what is between the steps"


class _Clock:
    """Seconds of each step, without those of the steps inside."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._open, self._since = [_OTHER], time.process_time()

    def turn(self, name: str | None) -> None:
        """Begin a step; None only ends the current step."""
        now = time.process_time()
        self.seconds[self._open[-1]] += now - self._since
        self._since = now
        if name is None:
            self._open.pop()
        else:
            self._open.append(name)

    def measure(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that counts its time for a step."""

        @wraps(function)
        def measured(*args: Any, **named: Any) -> Any:
            self.turn(name)
            try:
                return function(*args, **named)
            finally:
                self.turn(None)

        return measured


def _count_languages(out: Path) -> dict[str, int]:
    """Return how many articles have a language that their page states, and how many of them langdetect confirms."""
    columns = [pq.read_table(path, columns=["language_declared", "language"]) for path in out.glob("data/articles-*")]
    rows = [row for table in columns for row in table.to_pylist() if row["language_declared"] and row["language"]]
    same = sum(row["language_declared"] == row["language"].partition("-")[0] for row in rows)
    return {"stated_languages": len(rows), "confirmed_languages": same}


def main() -> None:
    """Measure each step."""
    target, out = Path(sys.argv.pop()), Path(sys.argv[2])
    language.detect("Both detectors load their tables at the first call.", load_reader().params.language)
    clock = _Clock()
    for step, functions in STEPS.items():
        for owner, name in functions:
            setattr(owner, name, clock.measure(step, vars(owner)[name]))
    named = [replace(one, run=one.run and clock.measure(f"stage `{one.name}`", one.run)) for one in stages.STAGES]
    vars(stages)["STAGES"] = tuple(named)

    def read(units: list[bytes], _workers: int) -> Iterator[bytes]:
        for unit in units:
            yield from read_file(unit)

    collect_with(read)
    clock.turn(None)
    steps = {name: round(seconds, 4) for name, seconds in clock.seconds.items()}
    target.write_text(json.dumps({"steps": steps, **_count_languages(out)}), encoding="utf-8")


if __name__ == "__main__":
    main()
