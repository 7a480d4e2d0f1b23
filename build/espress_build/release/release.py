"""`espress-build release X.Y.Z`: built twice from a commit, compared, checked, numbered, written down, archived."""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from espress.data.releases import releases_text
from espress.errors import EspressError
from espress.schema import schema
from espress_build.inputs.folds import freeze_folds
from espress_build.pipeline import dataset_exchange
from espress_build.release import archive, git, releases_json
from espress_build.release.changelog import first_summary, summary, with_release
from espress_build.release.clone import Clone, check_same, fresh_environment, new_clone
from espress_build.release.diff import diff, moves
from espress_build.release.errata import check_errata
from espress_build.release.last_step import Plan, ReleaseStoppedError, carry_out, make_plan, read_plan
from espress_build.release.version_rule import NumberError, check_number, parse_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from espress.data.releases import Release
    from espress_build.release.diff import TableDiff

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_FIRST = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"}
_SECOND = {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "random"}


@dataclass(frozen=True)
class Request:
    """What is to be released: the number, the day (None: that of the commit), the DOI if it is known."""

    version: str
    date: str | None = None
    doi: str | None = None


def _check(request: Request) -> None:
    parse_version(request.version)
    if request.doi and not _DOI.fullmatch(request.doi):
        raise EspressError(f"{request.doi!r} is no DOI; one looks like 10.5281/zenodo.1234567, without an address.")
    try:
        good = request.date is None or date.fromisoformat(request.date).isoformat() == request.date
    except ValueError:
        good = False
    if not good:
        raise EspressError(f"--date {request.date!r} is no day; write YYYY-MM-DD.")


def _refuse_uncommitted(project: Path, spared: set[str]) -> None:
    if paths := [path for path in git.uncommitted(project) if path not in spared]:
        listed = ", ".join(paths[:5]) + (f" and {len(paths) - 5} more" if len(paths) > 5 else "")
        raise git.GitError(f"Not committed: {listed}. A release is made from a commit; commit or remove them first.")


@contextmanager
def _last_release(project: Path, releases: dict[str, Release]) -> Iterator[Path | None]:
    """Unpack the full edition of the last release; None where nothing was released."""
    if (version := releases_json.last(releases)) is None:
        yield None
        return
    with archive.opened(archive.checked(project / "releases" / "archives", releases[str(version)], "full")) as folder:
        yield folder


def _name_release(folder: Path, version: str, day: str) -> None:
    """Write number, day and year into a clone's schema/dataset.toml."""
    path = folder / "schema" / "dataset.toml"
    text = re.sub(r"(?m)^released = .*\n", "", path.read_text(encoding="utf-8"))
    text, found = re.subn(r"(?m)^version = .*$", f'version = "{version}"\nreleased = "{day}"', text)
    text = re.sub(r"(?m)^year = .*$", f"year = {day[:4]}", text)
    if found != 1:
        raise EspressError('schema/dataset.toml must have one line `version = "X.Y.Z"`. Put it back.')
    path.write_text(text, encoding="utf-8")


def _compare(before: Path | None, after: Path) -> list[TableDiff]:
    return diff(before, after) if before else []


def _said(before: Path | None, after: Path) -> str:
    """Return what the changelog says of the release."""
    if before:
        return summary(diff(before, after), moves(before, after))
    paths = {table.name: after / "data" / f"{table.name}.parquet" for table in schema().tables}
    rows = {name: pq.read_metadata(path).num_rows for name, path in paths.items() if path.is_file()}
    articles = pq.ParquetFile(after / "data" / "articles.parquet").read(["article_id"])
    return first_summary(rows, articles["article_id"].to_pylist())


def _write_archives(clone: Clone, request: Request, releases: dict[str, Release]) -> None:
    """Write the archives of a clone's editions and the list of releases with the new one into the clone."""
    home, editions = clone.folder / "releases" / "archives", {}
    for name, folder in clone.editions.items():
        path = home / archive.archive_name(request.version, name)
        path.unlink(missing_ok=True)
        archive.write_archive(folder, path)
        editions[name] = releases_json.edition(folder, path)
    new = releases_json.new_release(request.version, str(request.date), request.doi, editions)
    text = releases_text(releases | {request.version: new})
    releases_json.ledger_path(clone.folder).write_text(text, encoding="utf-8", newline="\n")


def _write_down(clone: Clone, request: Request, said: str) -> None:
    """Write changelog and frozen folds into a clone, and let it generate the documents and the citation anew."""
    changelog = clone.folder / "CHANGELOG.md"
    text = with_release(changelog.read_text(encoding="utf-8"), parse_version(request.version), str(request.date), said)
    changelog.write_text(text, encoding="utf-8")
    freeze_folds(
        clone.folder / "state", pq.ParquetFile(clone.dataset / "data" / "splits.parquet").read(), request.version
    )
    clone.build("generate")


def _reproduce(project: Path, first: Clone, folder: Path, log: Path, environment: Callable[[Clone], Clone]) -> Clone:
    """Build again elsewhere, with the new list of releases beside it: as everybody will from the release's commit."""
    second = new_clone(project, folder, log, _SECOND, environment)
    for name in ("schema/dataset.toml", "releases/releases.json"):
        (second.folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(first.folder / name, second.folder / name)
    second.make_editions()
    check_same(first, second)
    return second


def _prepare(project: Path, work: Path, request: Request, environment: Callable[[Clone], Clone]) -> Plan:
    """Make all of a release in fresh copies of the commit, without a touch on the project."""
    releases = releases_json.recorded(project)
    wanted, last, head = parse_version(request.version), releases_json.last(releases), git.head(project)
    check_errata(project / "releases" / "errata.toml", [*releases, request.version])
    with _last_release(project, releases) as before:
        if (project / "dataset").is_dir():  # a wrong number is told at once, not after the first build
            check_number(wanted, last, _compare(before, project / "dataset"))
        logs = [work / "logs" / f"{request.version}-{number}.log" for number in (1, 2)]
        first = new_clone(project, work / "first", logs[0], _FIRST, environment)
        _name_release(first.folder, request.version, str(request.date))
        first.make_editions()
        check_number(wanted, last, _compare(before, first.dataset))
        for folder in first.editions.values():
            first.build("--dataset", str(folder), "validate", *(["--before", str(before)] if before else []))
        _write_archives(first, request, releases)
        _write_down(first, request, _said(before, first.dataset))
        _reproduce(project, first, work / "elsewhere" / "second", logs[1], environment)
    shutil.copytree(work / "logs", first.folder / "releases" / "logs", dirs_exist_ok=True)
    return make_plan(project, work, first.folder, request.version, head)


def _resume(project: Path, work: Path, request: Request) -> Plan | None:
    """Return the plan of the same release, if one was stopped while it wrote.

    Raises:
        ReleaseStoppedError: it is of another release, or of another commit.
    """
    plan = read_plan(work)
    if plan and (plan.version != request.version or plan.head != git.head(project)):
        raise ReleaseStoppedError(
            f"Release {plan.version} of commit {plan.head[:12]} was stopped while it wrote. On that commit, type "
            f"espress-build release {plan.version} to end it; or give it up: git checkout . and rm -r {work}"
        )
    return plan


def _record_doi(project: Path, releases: dict[str, Release], request: Request) -> str:
    """Write the DOI of a published release into the list, where it is told after the fact, once."""
    old = releases[request.version]
    if old.doi not in (None, request.doi):
        raise NumberError(f"{request.version} has the DOI {old.doi}; a DOI is for ever.")
    text = releases_text(releases | {request.version: replace(old, doi=request.doi)})
    dataset_exchange.replace_bytes(releases_json.ledger_path(project), text.encode())
    return f"{request.version} has the DOI {request.doi}. Type: espress-build generate"


def release(project: Path, request: Request, environment: Callable[[Clone], Clone] = fresh_environment) -> str:
    """Cut a release; returns what to tell the releaser. Killed anywhere, it can be run again, with the same result.

    Raises:
        NumberError: the number has not the form X.Y.Z, is taken, or the changes do not allow it.
        GitError: something is not committed.
        ArchiveError: the last release's archive is missing or not what releases.json says.
        RebuildError: a fresh build failed, or gave other bytes.
        ReleaseStoppedError: another release was stopped while it wrote.
    """
    _check(request)
    work = project.absolute() / ".make" / "release"
    plan = _resume(project, work, request)
    if plan is None:
        releases = releases_json.recorded(project)
        if request.version in releases:
            if request.doi:
                return _record_doi(project, releases, request)
            raise NumberError(f"{request.version} is released; a release is never made again. Take the next number.")
        _refuse_uncommitted(project, set())
        shutil.rmtree(work, ignore_errors=True)
        plan = _prepare(project, work, replace(request, date=request.date or git.day(project)), environment)
    else:
        gone = {path for path in git.uncommitted(project) if path.startswith("dataset/")}
        _refuse_uncommitted(project, plan.paths | gone)
    carry_out(plan, project, work)
    return (
        f"Release {plan.version} is written: {len(plan.files)} files, and dataset/. Look at it (git diff, "
        f"CHANGELOG.md, releases/logs), then type:\n  git add -A && git commit -m 'Release {plan.version}' && "
        f"git tag v{plan.version}"
    )
