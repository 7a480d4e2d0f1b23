"""Run the checks of all levels in order, and report the outcome."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from espress.schema import schema
from espress_build.checks import dataset_files, real_world, recomputed
from espress_build.checks.catalogue import generated_checks, withheld_checks, written_checks
from espress_build.checks.dataset_files import edition_of, find_difference
from espress_build.checks.incident import Check, Incident, report_incident
from espress_build.checks.sql_checks import connect, find_obstacle, run_queries
from espress_build.pipeline.batch_cache import hash_code
from espress_build.pipeline.package import as_json
from espress_build.pipeline.result_cache import ResultCache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress.schema import Edition

LEVELS = {
    1: "files", 2: "schema", 3: "values", 4: "across tables", 5: "release to release", 6: "compared with raw/",
}  # fmt: skip
FUNCTIONS = dataset_files.FUNCTIONS | real_world.FUNCTIONS | recomputed.FUNCTIONS


_DANGLING = "because rows refer to rows that do not exist"
# Run by `espress-build open`, which has the texts, and listed in the incidents of an open edition.
QUOTES_NOTHING = Check(
    "open-quotes-nothing", 4, "the open edition is published without permission to use the words of the articles",
    python="open_quotes_nothing",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """The checks that ran, the incidents they found, and the levels that did not run, each with the reason."""

    ran: tuple[Check, ...]
    incidents: tuple[Incident, ...]
    skipped: dict[int, str]

    @property
    def errors(self) -> list[Incident]:
        """The incidents that prevent publication; the others are warnings."""
        return [found for found in self.incidents if found.severity == "error"]

    def __add__(self, other: Outcome) -> Outcome:
        """Combine the outcomes of different levels."""
        return Outcome(self.ran + other.ran, self.incidents + other.incidents, self.skipped | other.skipped)


def all_checks(edition: Edition = "full") -> list[Check]:
    """Return every check of an edition, in order of levels; within a level, those from the schema come first."""
    written = [check for check in written_checks() if edition == "full" or not check.reads_text]
    withheld = withheld_checks(schema()) if edition == "open" else []
    generated = generated_checks(schema().select_edition(edition))
    return sorted([*generated, *withheld, *written], key=lambda check: check.level)


def _run_functions(folder: Path, checks: list[Check], cache: ResultCache | None) -> list[Incident]:
    found = []
    for check in checks:
        name = str(check.python)
        pairs = recomputed.FUNCTIONS[name](folder, cache) if name in recomputed.FUNCTIONS else FUNCTIONS[name](folder)
        found.append(report_incident(check, list(pairs)))
    return [one for one in found if one]


def _run_level(
    folder: Path, checks: list[Check], before: Path | None, data_docs: Path | None, cache: ResultCache | None
) -> Outcome:
    """Run all checks of one level; the last three arguments are those of `validate`."""
    first, last = [check for check in checks if not check.last], [check for check in checks if check.last]
    found = _run_functions(folder, [check for check in first if check.python], cache)
    if expectations := [check for check in first if check.gx]:
        from espress_build.checks.expectations import run_expectations

        found += run_expectations(folder, expectations, data_docs / f"level-{checks[0].level}" if data_docs else None)
    queries = [check for check in first if check.sql]
    incidents, withheld = _run_queries(folder, queries, before) if queries else ([], [])
    found += incidents
    reason = _DANGLING if withheld else "because others failed"
    if any(one.severity == "error" for one in found):
        withheld += last
    else:
        found += _run_functions(folder, [check for check in last if check.python in FUNCTIONS], cache)
    skipped = {checks[0].level: f"{len(withheld)} of its checks, {reason}"} if withheld else {}
    return Outcome(tuple(check for check in checks if check not in withheld), tuple(found), skipped)


def _run_queries(folder: Path, queries: list[Check], before: Path | None) -> tuple[list[Incident], list[Check]]:
    """Return incidents and the checks that were not run: if references are dangling, those that join rows."""
    references = [check for check in queries if check.id.endswith(".references")]
    rest = [check for check in queries if check not in references]
    with connect(folder, before) as connection:
        dangling = run_queries(connection, references)
        return (dangling, rest) if dangling else (run_queries(connection, rest), [])


def _reason_to_skip(level: int, outcome: Outcome, before: Path | None) -> str | None:
    if outcome.errors:
        return f"level {outcome.errors[0].level} failed"
    if level < 5:
        return None
    return find_obstacle(before) if before else "there is no earlier dataset to compare with"


def validate(
    folder: Path, levels: range = range(1, 6), before: Path | None = None, data_docs: Path | None = None,
    cache: Path | None = None,
) -> Outcome:  # fmt: skip
    """Run the checks of these levels over a dataset folder; stop after the first level with an error.

    Args:
        folder: the dataset. For an open edition, checks that need article text are skipped.
        levels: the levels to run, from 1 to 5.
        before: the previous dataset; without it level 5 is skipped.
        data_docs: a folder for Great Expectations' own pages.
        cache: a folder that remembers which row groups passed a check of level 4; they are not checked again if they,
            the code, the schema and all libraries are the same.
    """
    edition, everything, outcome = edition_of(folder), all_checks(), Outcome((), (), {})
    need_text = [check.level for check in everything if check.reads_text] if edition == "open" else []
    everything = everything if edition == "full" else all_checks(edition)
    kept = ResultCache(cache, hash_code()) if cache else None
    for level in levels:
        checks = [check for check in everything if check.level == level]
        if reason := _reason_to_skip(level, outcome, before):
            outcome += Outcome((), (), {level: reason})
        else:
            if skipped := need_text.count(level):
                outcome += Outcome((), (), {level: f"{skipped} of its checks, because this edition withholds texts"})
            outcome += _run_level(folder, checks, before, data_docs, kept)
        if level == 4 and levels.start == 1 and not outcome.errors:
            outcome += Outcome((), tuple(_compare_record(folder, outcome, checks)), {})
    return outcome


def _compare_record(folder: Path, outcome: Outcome, checks: list[Check]) -> Iterator[Incident]:
    """Yield an incident if incidents.json is not the record of this outcome of levels 1 to 4."""
    beside = Outcome((QUOTES_NOTHING,) if edition_of(folder) == "open" else (), (), {})
    version = str(json.loads((folder / "datapackage.json").read_bytes())["version"])
    wanted = as_json(make_record(outcome + beside, version))
    what = find_difference((folder / "incidents.json").read_bytes(), wanted, "these checks give")
    own = next(check for check in checks if check.python == "incidents_current")
    if what and (found := report_incident(own, [("incidents.json", what)])):
        yield found


def make_record(outcome: Outcome, version: str | None = None) -> dict[str, Any]:
    """Return the content of incidents.json: every check with its reason and result, and the incidents.

    `version` is that of the dataset, by default the one in schema/dataset.toml.
    """
    failed = {found.check for found in outcome.incidents}
    return {
        "version": version or schema().about["version"],
        "checks": [
            {"id": check.id, "level": check.level, "why": check.why, "held": check.id not in failed}
            for check in outcome.ran
        ],
        "incidents": [asdict(found) for found in outcome.incidents],
    }


def format_report(outcome: Outcome) -> str:
    """Return the report for people: a table of levels, then each incident."""
    lines = ["# Validation report", "", "| level | checks | errors | warnings |", "| --- | ---: | ---: | ---: |"]
    for level, name in LEVELS.items():
        own = [found for found in outcome.incidents if found.level == level]
        errors = sum(found.severity == "error" for found in own)
        ran = sum(check.level == level for check in outcome.ran)
        note = f" (skipped: {outcome.skipped[level]})" if level in outcome.skipped else ""
        lines.append(f"| {level} {name}{note} | {ran} | {errors} | {len(own) - errors} |")
    lines += ["", *(f"- {found}" for found in outcome.incidents)]
    return "\n".join(lines).rstrip() + "\n"
