"""Build the dataset: run stages and checks, then exchange folders. A failure leaves the old dataset unchanged."""

from __future__ import annotations

import shutil
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from espress.errors import EspressError
from espress.files import write_new
from espress.paths import schema_folder
from espress.text import escape_for_terminal
from espress_build.checks.against_raw import state_version
from espress_build.checks.last_release import open_last_release
from espress_build.checks.validate import Outcome, all_checks, format_report, make_record, validate
from espress_build.constructed import tables as constructed
from espress_build.inputs.params import Params, read_params
from espress_build.inputs.registries import read_registries
from espress_build.metadata.dataset_facts import describe_dataset
from espress_build.pipeline import dataset_swap
from espress_build.pipeline.package import as_json, write_metadata, write_sums, write_tables
from espress_build.pipeline.result_cache import ResultCache
from espress_build.pipeline.runner import Inputs, UnitTexts, run
from espress_build.pipeline.shortcut_scores import measure_shortcuts
from espress_build.pipeline.version_number import Number, candidate_numbers, fits_release

if TYPE_CHECKING:
    from pathlib import Path

    from espress.schema import Edition
    from espress_build.inputs.registries import Registries


def read_dropped(dataset: Path) -> dict[str, dict[str, str]]:
    """Return the rows of `rejects` by id; empty if there is no such table."""
    path = dataset / "data" / "rejects.parquet"
    return {row["id"]: row for row in pq.ParquetFile(path).read().to_pylist()} if path.is_file() else {}


def find_newly_dropped(before: dict[str, dict[str, str]], after: dict[str, dict[str, str]]) -> list[str]:
    """Return the ids of articles that only the new dataset drops; withdrawn articles do not count."""
    return [key for key, row in after.items() if key not in before and row["reason"] != "withdrawn"]


def make_report(outcome: Outcome, dataset: Path) -> str:
    """Return the report for people on a new dataset: levels, incidents and dropped articles."""
    dropped = [
        escape_for_terminal(f"- {row['id']}: {row['reason']} ({row['stage']}): {row['detail']}")
        for row in read_dropped(dataset).values()
    ]
    return format_report(outcome) + ("\n".join(["\n## Dropped articles\n", *dropped, ""]) if dropped else "")


class ChecksFailedError(EspressError):
    """The new dataset failed its checks and was not published; `report` lists the incidents and dropped articles."""

    def __init__(self, outcome: Outcome, dataset: Path) -> None:
        """List the failed checks, one per line, and make the report on a dataset that failed."""
        self.outcome, self.report = outcome, make_report(outcome, dataset)
        lines = [str(found) for found in outcome.errors]
        super().__init__("\n".join(["The new dataset fails its checks; the previous one is unchanged.", *lines]))


class BuildStoppedError(EspressError):
    """The system refused a resource that the build needs: disk space, a permission, memory for a worker."""

    def __init__(self, dataset: Path, error: Exception) -> None:
        """Name the cause, the folder, the state of the dataset and the next step."""
        super().__init__(
            f"The build stopped: {error}. It writes below {dataset.parent}; {dataset} is unchanged. Free disk space or "
            "memory, or allow writing, then type `espress-build run` again."
        )


@dataclass(frozen=True)
class Places:
    """Where a build reads and writes. The project folder holds raw/, schema/, state/ and dataset/."""

    project: Path
    dataset: Path
    bundled: bool = False  # whether the registries of the installed package are read, because there is no project

    @property
    def raw(self) -> Path:
        """The folder with received sources and hand-written facts."""
        return self.project / "raw"

    @property
    def state(self) -> Path:
        """The folder with the state that releases freeze."""
        return self.project / "state"

    @property
    def schema(self) -> Path:
        """The folder with registries and constructed material."""
        return schema_folder() if self.bundled else self.project / "schema"

    @property
    def registries(self) -> Path:
        """The folder with the registries of outlets, events, propositions and sources."""
        return self.schema / "registries"

    @property
    def cache(self) -> Path:
        """The folder with the tables of batches of earlier builds; it may be deleted at any time."""
        return self.project / ".make" / "cache"

    @property
    def data_docs(self) -> Path:
        """The folder for the report and Great Expectations' own pages, which contain times, outside the dataset."""
        return self.project / "data-docs"

    @property
    def site(self) -> Path:
        """The folder of the static site."""
        return self.project / "site"

    @property
    def node_modules(self) -> Path:
        """The folder in which `make site` installs the libraries from npm."""
        return self.project / ".make" / "site"


def check_name(dataset: Path) -> None:
    """Raise EspressError unless the path of a dataset is UTF-8; pyarrow and DuckDB cannot open other paths."""
    try:
        str(dataset).encode()
    except UnicodeEncodeError as error:
        raise EspressError(
            f"{dataset}: the name of this folder is not UTF-8, so pyarrow and DuckDB cannot open the files in it. "
            "Rename the folder, or name another one: --dataset DIR."
        ) from error


# The files of a schema that describe the dataset; registries and constructed material belong to each project.
_DESCRIBED = ("dataset.toml", "labels.toml", "vocabularies.toml", "tables/*.toml")


def _check_schema(project: Path) -> None:
    """Raise EspressError if a project's schema differs from that of the running code; registries may differ."""
    ours, theirs = schema_folder(), project / "schema"
    if ours.resolve() == theirs.resolve():
        return
    compared = (ours, theirs) if (theirs / "tables").is_dir() else (theirs,)  # otherwise the project uses our schema
    names = {path.relative_to(folder) for folder in compared for glob in _DESCRIBED for path in folder.glob(glob)}
    for name in sorted(names):
        own, other = (
            path.read_text("utf-8").splitlines() if path.is_file() else None for path in (ours / name, theirs / name)
        )
        if own != other:
            lines = zip_longest(own or [], other or [])
            at = next(number for number, (one, two) in enumerate(lines, 1) if one != two)
            raise EspressError(
                f"{theirs / name}, line {at}, differs from {ours / name}, with which this `espress-build` works. Only "
                f"the registries of another project may differ. Use the code of that project: make corpus in {project}."
            )


def places(project: Path, dataset: Path | None = None) -> Places:
    """Return the places of a project; raises EspressError if the folder is not a project."""
    if not (project / "raw").is_dir() or not (project / "schema").is_dir():
        raise EspressError(
            f"{project.resolve()} has no raw/ and schema/. "
            "Run the command in a clone of the project, or name one: --project DIR."
        )
    _check_schema(project)
    return Places(project, (dataset or project / "dataset").absolute())


def constructed_inputs(where: Places, registries: Registries, params: Params) -> constructed.Inputs:
    """Return the inputs from which the constructed sets of a project are made."""
    return constructed.Inputs(where.schema, where.raw, where.state, registries, params.label.fewest_passes)


def assemble(where: Places, params: Params, workers: int, cache: Path | None = None) -> Path:
    """Write the new dataset except incidents and sums into the staging folder, which is returned.

    With a folder as `cache`, batches that an earlier build computed from the same input are taken from there.
    """
    staged = dataset_swap.staging(where.dataset)
    registries = read_registries(where.registries)
    with dataset_swap.scratch(where.dataset) as aside:
        batches = run(Inputs(where.raw, registries, where.state, cache=cache), params, aside, workers)
        shortcuts = measure_shortcuts(batches.tables, batches.splits, params.split)
        sets = constructed.make_constructed(constructed_inputs(where, registries, params), UnitTexts(batches))
        kept = ResultCache(cache) if cache else None
        write_tables(batches, shortcuts, sets, staged, params.package, kept)
    if kept:
        kept.prune()
    describe(staged, where, candidate_numbers(staged)[0])
    return staged


def describe(staged: Path, where: Places, number: Number) -> None:
    """Write the files that describe the tables under this version number; existing ones are replaced."""
    for path in staged.iterdir():
        if path.is_file():
            path.unlink()
    about = describe_dataset(staged, version=number.version, released=number.released)
    write_metadata(staged, (where.project / "LICENSE-DATA").read_bytes(), about)


def seal(folder: Path, outcome: Outcome, version: str, edition: Edition = "full") -> None:
    """Write incidents.json and SHA256SUMS, the last two files of a dataset.

    The checks of level 1 compare the hashes, one of which is that of incidents.json. Therefore incidents.json records
    these checks as passed before they run.
    """
    files = Outcome(tuple(one for one in all_checks(edition) if one.level == 1), (), {})
    write_new(folder / "incidents.json", as_json(make_record(files + outcome, version)))
    write_sums(folder)


def check(staged: Path, where: Places, cache: Path | None = None, *, pages: bool = False) -> Outcome:
    """Run all checks on the staged dataset, write incidents.json and SHA256SUMS, and choose the version number.

    incidents.json is a file of the dataset, so it covers only levels 1 to 4, which depend on the dataset alone. The
    dataset is published only if level 1 passes as well. With `pages`, Great Expectations checks levels 2 and 3 a second
    time and writes its own pages. With a `cache`, row groups that passed a check of level 4 before are not checked
    again.

    Raises:
        ChecksFailedError: a check of level error failed.
    """
    inside = validate(staged, range(2, 5), data_docs=where.data_docs if pages else None, cache=cache)
    number, *others = candidate_numbers(staged)
    seal(staged, inside, number.version)
    if not fits_release(staged, number):  # the tables equal those of a release, but the metadata differs
        describe(staged, where, others[0])
        seal(staged, inside, others[0].version)
    outcome = inside if inside.errors else validate(staged, range(1, 2)) + inside
    if not outcome.errors:
        with open_last_release(where.project) as (before, obstacle):
            outcome += validate(staged, range(5, 6), before) if before else Outcome((), (), {5: obstacle})
    if outcome.errors:
        raise ChecksFailedError(outcome, staged)
    return outcome


def build_beside(where: Places, folder: Path) -> Path:
    """Build the dataset again below an empty folder, without checks, and return its folder; `where` stays unchanged.

    The version number is the candidate that the present dataset states, otherwise the first candidate.
    """
    staged = assemble(Places(where.project, folder / "dataset"), read_params(), 1)
    stated = state_version(where.dataset)
    for number in candidate_numbers(staged)[1:]:
        if number.version == stated:
            describe(staged, where, number)
    return staged


def _replace(where: Places, params: Params, workers: int, cache: Path | None, *, pages: bool) -> Outcome:
    with dataset_swap.only_build(where.dataset):
        dataset_swap.recover(where.dataset)
        try:
            outcome = check(assemble(where, params, workers, cache), where, cache, pages=pages)
            for old in () if pages else where.data_docs.glob("level-*"):  # pages of the previous dataset
                shutil.rmtree(old)
            where.data_docs.mkdir(exist_ok=True)
            report = make_report(outcome, dataset_swap.staging(where.dataset))
            (where.data_docs / "report.md").write_text(report, encoding="utf-8")
            dataset_swap.exchange(where.dataset)  # the last step, so that any failure leaves the previous dataset
        finally:
            dataset_swap.recover(where.dataset)
    return outcome


def make_dataset(where: Places, workers: int = 1, cache: Path | None = None, *, pages: bool = False) -> Outcome:
    """Build the dataset from `raw/` and replace the previous one.

    The result depends neither on the number of workers nor on the `cache`, the folder of earlier results. With `pages`,
    Great Expectations checks the values a second time and writes its own pages, which takes seconds.

    Raises:
        InputError: something in raw/, schema/ or state/ is not valid; every fault is listed.
        ChecksFailedError: the new dataset fails a check.
        TargetError: the target folder holds something that is not a dataset.
        BuildRunningError: another build of the same dataset is running.
        BuildStoppedError: the system refused a resource, such as disk space, or a worker process was lost.
    """
    dataset_swap.check_target(where.dataset)
    try:
        return _replace(where, read_params(), workers, cache, pages=pages)
    except (OSError, BrokenExecutor) as error:
        raise BuildStoppedError(where.dataset, error) from error
