"""Cut a release: build a commit twice, compare, check and number the result, and write it into the project."""

from __future__ import annotations

import re
import shutil
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
from tqdm import tqdm

from espress.data.releases import Release, format_releases
from espress.errors import EspressError
from espress.files import replace_file
from espress.schema import schema
from espress.tables import join_few
from espress_build.constructed.splits import collect_splits, freeze_splits
from espress_build.inputs.folds import freeze_folds
from espress_build.release import git, ledger
from espress_build.release.changelog import add_release, summarise, summarise_first
from espress_build.release.diff import diff, find_judged, find_moves
from espress_build.release.fresh_build import FreshBuild, compare_builds, install, start_build
from espress_build.release.pack_archive import archive_name, open_release, write_archive
from espress_build.release.plan import Plan, ReleaseStoppedError, carry_out, finished_files, make_plan, read_plan
from espress_build.release.version_rule import NumberError, check_number, parse_version

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from espress_build.release.diff import TableDiff

    Environment = Callable[[FreshBuild], FreshBuild]

_DOI = re.compile(r"10\.\d{4,9}/\S+")
# The two builds run under different time zones, locales and hash seeds, which must not change a byte.
_FIRST = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"}
_SECOND = {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "random"}
_STEPS = 5  # environment, first build, checks, archives and documents, second build


@dataclass(frozen=True)
class Request:
    """The release to cut: its number, its day (None means the day of the commit), and its DOI if it is known."""

    version: str
    day: str | None = None
    doi: str | None = None

    def check(self) -> None:
        """Raise EspressError unless number, day and DOI have the right form."""
        parse_version(self.version)
        if self.doi and not _DOI.fullmatch(self.doi):
            raise EspressError(f"{self.doi!r} is not a DOI. Write it without an address: 10.5281/zenodo.1234567.")
        if self.day is not None:
            ledger.check_day(self.day)


def _require_committed(project: Path, spared: set[str]) -> None:
    if paths := [path for path in git.list_uncommitted(project) if path not in spared]:
        raise git.GitError(
            f"Not committed: {join_few(paths)}. A release is made from a commit; commit or remove these changes."
        )


def _name_release(folder: Path, request: Request) -> None:
    """Write number, day and year into schema/dataset.toml of a fresh build."""
    path = folder / "schema" / "dataset.toml"
    text = re.sub(r"(?m)^released = .*\n", "", path.read_text(encoding="utf-8"))
    named = f'version = "{request.version}"\nreleased = "{request.day}"'
    text, found = re.subn(r"(?m)^version = .*$", named, text)
    if found != 1:
        raise EspressError('schema/dataset.toml must have one line `version = "X.Y.Z"`. Restore it.')
    path.write_text(re.sub(r"(?m)^year = .*$", f"year = {str(request.day)[:4]}", text), encoding="utf-8")


def _summarise(before: Path | None, after: Path, differences: list[TableDiff], command: str) -> str:
    """Return the changelog's section on the release; `command` compares it with the last one."""
    if before:
        return summarise(differences, find_moves(before, after), command)
    paths = {table.name: after / "data" / f"{table.name}.parquet" for table in schema().files}
    rows = {name: pq.read_metadata(path).num_rows for name, path in paths.items() if path.is_file()}
    articles = pq.ParquetFile(paths["articles"]).read(["article_id"])
    return summarise_first(rows, articles["article_id"].to_pylist())


def _write_archives(build: FreshBuild, request: Request, releases: dict[str, Release]) -> None:
    """Write the archives of both editions, and the list of releases with the new one."""
    editions = {}
    for name, folder in build.editions.items():
        path = build.folder / "releases" / "archives" / archive_name(request.version, name)
        path.unlink(missing_ok=True)
        write_archive(folder, path)
        editions[name] = ledger.describe_edition(folder, path)
    new = ledger.new_release(request.version, str(request.day), request.doi, editions)
    replace_file(ledger.ledger_path(build.folder), format_releases(releases | {request.version: new}).encode())


def _write_documents(build: FreshBuild, request: Request, summary: str) -> None:
    """Write changelog and frozen folds, and generate the documents and the citation."""
    changelog = build.folder / "CHANGELOG.md"
    text = add_release(changelog.read_text(encoding="utf-8"), request.version, str(request.day), summary)
    changelog.write_text(text, encoding="utf-8")
    splits = pq.ParquetFile(build.editions["full"] / "data" / "splits.parquet").read()
    freeze_folds(build.folder / "state", splits, request.version)
    freeze_splits(build.folder / "state", collect_splits(build.editions["full"]), request.version)
    build.run("generate")


def _build_again(project: Path, work: Path, first: FreshBuild, log: Path, environment: Environment) -> None:
    """Build again in another folder, with the new list of releases, as later builds of the release do."""
    second = start_build(project, work / "elsewhere" / "second", log, _SECOND, environment)
    for name in ("schema/dataset.toml", "releases/releases.json"):
        (second.folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(first.folder / name, second.folder / name)
    second.make_editions()
    compare_builds(first, second)


def _advance(bar: Any, step: str) -> None:
    """Count the step that ended, and name the one that begins."""
    bar.update()
    bar.set_description(step)


def _prepare(project: Path, work: Path, request: Request, environment: Environment) -> Plan:
    """Make all files of a release in the working folder, without changing the project."""
    releases, head = ledger.read_ledger(project), git.read_head(project)
    ledger.check_errata(project / "releases" / "errata.toml", [*releases, request.version])
    wanted, newest = parse_version(request.version), next(reversed(releases), None)
    last = parse_version(newest) if newest else None
    logs = [work / "logs" / f"{request.version}-{number}.log" for number in (1, 2)]
    with ExitStack() as stack:
        before = stack.enter_context(open_release(project, newest, "full")) if newest else None
        if before and (project / "dataset").is_dir():  # so that a wrong number is refused before the builds
            check_number(wanted, last, diff(before, project / "dataset"), find_judged(before, project / "dataset"))
        bar = stack.enter_context(tqdm(total=_STEPS, desc="environment", unit=" step", disable=None))
        first = start_build(project, finished_files(work), logs[0], _FIRST, environment)
        _name_release(first.folder, request)
        _advance(bar, "first build")
        first.make_editions()
        _advance(bar, "checks")
        differences = diff(before, first.editions["full"]) if before else []
        check_number(wanted, last, differences, find_judged(before, first.editions["full"]) if before else ())
        for folder in first.editions.values():
            first.run("--dataset", str(folder), "validate", *(["--before", str(before)] if before else []))
        _advance(bar, "archives and documents")
        _write_archives(first, request, releases)
        command = f"espress-build diff {newest} {request.version}"
        _write_documents(first, request, _summarise(before, first.editions["full"], differences, command))
        _advance(bar, "second build")
        _build_again(project, work, first, logs[1], environment)
        bar.update()
    shutil.copytree(work / "logs", first.folder / "releases" / "logs", dirs_exist_ok=True)
    return make_plan(project, work, request.version, head)


def _read_stopped(project: Path, work: Path, request: Request) -> Plan | None:
    """Return the plan of the same release if one was stopped while it wrote.

    Raises:
        ReleaseStoppedError: the plan belongs to another release or commit.
        GitError: the project has changes that the plan does not explain.
    """
    plan = read_plan(work)
    if plan is None:
        return None
    if plan.version != request.version or plan.head != git.read_head(project):
        raise ReleaseStoppedError(
            f"Release {plan.version} of commit {plan.head[:12]} was stopped while it wrote. To finish it, type on that "
            f"commit: espress-build release {plan.version}. To abandon it: git checkout . and rm -r {work}"
        )
    replaced = {path for path in git.list_uncommitted(project) if path.startswith("dataset/")}
    _require_committed(project, plan.files.keys() | replaced)
    return plan


def _record_doi(project: Path, releases: dict[str, Release], request: Request) -> str:
    """Write the DOI of an earlier release into the list; it can be written once."""
    old = releases[request.version]
    if old.doi not in (None, request.doi):
        raise NumberError(f"{request.version} has the DOI {old.doi}, and a DOI never changes.")
    text = format_releases(releases | {request.version: replace(old, doi=request.doi)})
    replace_file(ledger.ledger_path(project), text.encode())
    return f"{request.version} has the DOI {request.doi}. Type: espress-build generate"


def release(project: Path, request: Request, environment: Environment = install) -> str:
    """Cut a release and return a message for the maintainer. After a kill, the same call finishes the work.

    Raises:
        NumberError: the number has the wrong form, is taken, or is too small for the changes.
        GitError: something is not committed.
        ArchiveError: the last release's archive is missing or differs from its entry in releases.json.
        RebuildError: a fresh build failed, or its bytes differ.
        ReleaseStoppedError: another release was stopped while it wrote.
    """
    request.check()
    work = project.absolute() / ".make" / "release"
    plan = _read_stopped(project, work, request)
    if plan is None:
        releases = ledger.read_ledger(project)
        if request.version in releases:
            if request.doi:
                return _record_doi(project, releases, request)
            raise NumberError(f"{request.version} is released, and a release never changes. Take the next number.")
        _require_committed(project, set())
        shutil.rmtree(work, ignore_errors=True)
        plan = _prepare(project, work, replace(request, day=request.day or git.read_commit_day(project)), environment)
    carry_out(plan, project, work)
    return (
        f"Release {plan.version} is written: {len(plan.files)} files. Look at it (git diff, CHANGELOG.md, "
        f"releases/logs), then type:\n  git add -A && git commit -m 'Release {plan.version}' && git tag v{plan.version}"
    )
