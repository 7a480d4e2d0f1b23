"""Making the dataset: all stages, all checks, and one atomic exchange; a failure leaves the last good one untouched."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from espress.errors import EspressError
from espress.files import write_new
from espress.schema import schema
from espress_build.checks.validate import Outcome, all_checks, format_report, make_record, validate
from espress_build.inputs.params import Params, read_params
from espress_build.inputs.registries import read_registries
from espress_build.metadata.facts import describe_dataset
from espress_build.pipeline import dataset_exchange
from espress_build.pipeline.package import as_json, write_metadata, write_sums, write_tables
from espress_build.pipeline.runner import Inputs, run
from espress_build.pipeline.shortcuts import measure_shortcuts
from espress_build.pipeline.version_number import Number, holds, numbers

if TYPE_CHECKING:
    from pathlib import Path


class ChecksFailedError(EspressError):
    """The new dataset did not pass its checks and was not published; `outcome` holds the incidents."""

    def __init__(self, outcome: Outcome) -> None:
        """Say which checks failed, a line each."""
        self.outcome = outcome
        lines = [str(found) for found in outcome.errors]
        super().__init__("\n".join(["The new dataset fails its checks; the last one stays as it is.", *lines]))


class BuildStoppedError(EspressError):
    """The system refused something that the build needs: space, a permission, memory for a worker."""

    def __init__(self, dataset: Path, error: Exception) -> None:
        """Say what happened, where, what it means for the dataset and what to do."""
        super().__init__(
            f"The build stopped: {error}. It writes below {dataset.parent}; {dataset} stays as it was, whole. "
            "Mend the cause (free space or memory, allow writing), then type `espress-build run` again."
        )


@dataclass(frozen=True)
class Places:
    """Where a build reads and writes: the project's folder holds raw/, schema/ and dataset/."""

    project: Path
    dataset: Path

    @property
    def raw(self) -> Path:
        """What was received."""
        return self.project / "raw"

    @property
    def state(self) -> Path:
        """What releases froze."""
        return self.project / "state"

    @property
    def registries(self) -> Path:
        """Outlets, events, propositions and sources."""
        return self.project / "schema" / "registries"

    @property
    def data_docs(self) -> Path:
        """Great Expectations' own pages, with clocks and random ids: never in the dataset."""
        return self.project / "data-docs"


def places(project: Path, dataset: Path | None = None) -> Places:
    """Return the places of a project; raises EspressError if the folder is none."""
    if not (project / "raw").is_dir() or not (project / "schema").is_dir():
        raise EspressError(
            f"{project.resolve()} has no raw/ and schema/. Run in a clone of the project, or name one: --project DIR."
        )
    return Places(project, (dataset or project / "dataset").absolute())


def assemble(where: Places, params: Params, workers: int) -> Path:
    """Write all but incidents and sums of the new dataset into the staging folder, and return that folder."""
    staged = dataset_exchange.staging(where.dataset)
    registries = read_registries(where.registries)
    with dataset_exchange.scratch(where.dataset) as aside:
        batches = run(Inputs(where.raw, registries, where.state), params, aside, workers)
        shortcuts = measure_shortcuts(batches.tables, batches.splits, params.split)
        write_tables(batches, shortcuts, staged, params.package)
    describe(staged, where, numbers(staged)[0])
    return staged


def describe(staged: Path, where: Places, number: Number) -> None:
    """Write what tells of the tables, under this number, in place of what told of them before."""
    for path in staged.iterdir():
        if path.is_file():
            path.unlink()
    paths = {table.name: staged / "data" / f"{table.name}.parquet" for table in schema().tables}
    rows = {name: pq.read_metadata(path).num_rows for name, path in paths.items()}
    said = describe_dataset(staged, version=number.version, released=number.released)
    write_metadata(staged, rows, (where.project / "LICENSE-DATA").read_bytes(), said)


def _seal(staged: Path, outcome: Outcome, number: Number) -> None:
    """Write incidents and sums, the last two files."""
    write_new(staged / "incidents.json", as_json(make_record(outcome, number.version)))
    write_sums(staged)


def check(staged: Path, where: Places) -> Outcome:
    """Run all checks over the staged dataset, write incidents and sums into it, and settle its number.

    Incidents are a file of the dataset, so they hold levels 1 to 4 only, which see nothing but the dataset; that level
    1 holds is written before it is known, because it looks at the sums, and published only if it turns out true.

    Raises:
        ChecksFailedError: a check of level error failed.
    """
    before = where.dataset if where.dataset.is_dir() else None
    inside = validate(staged, range(2, 5), data_docs=where.data_docs)
    files = Outcome(tuple(one for one in all_checks() if one.level == 1), (), {})
    number, *otherwise = numbers(staged)
    _seal(staged, files + inside, number)
    if not holds(staged, number):  # the tables of a release, and other words about them
        describe(staged, where, otherwise[0])
        _seal(staged, files + inside, otherwise[0])
    outcome = inside if inside.errors else validate(staged, range(1, 2)) + inside
    if not outcome.errors:
        outcome = outcome + validate(staged, range(5, 6), before)
    if outcome.errors:
        raise ChecksFailedError(outcome)
    return outcome


def _replace(where: Places, params: Params, workers: int) -> Outcome:
    with dataset_exchange.only_build(where.dataset):
        dataset_exchange.recover(where.dataset)
        try:
            outcome = check(assemble(where, params, workers), where)
            where.data_docs.mkdir(exist_ok=True)
            (where.data_docs / "report.md").write_text(format_report(outcome), encoding="utf-8")
            dataset_exchange.exchange(
                where.dataset
            )  # the last step: whatever fails before it leaves the last good dataset
        finally:
            dataset_exchange.recover(where.dataset)
    return outcome


def make_dataset(where: Places, workers: int = 1) -> Outcome:
    """Build the dataset from `raw/` and put it in place of the last one.

    Raises:
        InputError: something in raw/ or schema/ is not as it must be; every fault is listed.
        ChecksFailedError: the new dataset fails a check.
        TargetError: something that is no dataset stands in the dataset's place.
        BuildRunningError: another build is at work on the same dataset.
        BuildStoppedError: the system refused something, such as space on the disk.
    """
    dataset_exchange.check_target(where.dataset)
    try:
        return _replace(where, read_params(), workers)
    except (OSError, BrokenExecutor) as error:
        raise BuildStoppedError(where.dataset, error) from error
