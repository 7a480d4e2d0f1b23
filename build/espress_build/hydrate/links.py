"""Check which addresses of the catalogue still answer, by one HEAD request each.

Redirects are not followed: a redirect states the new address, not whether the page exists there. Each answer is logged
beside the table before the next request, so that a stopped run continues and repeats no request.
"""

from __future__ import annotations

import io
from collections import Counter
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
from filelock import FileLock
from pyarrow import csv, parquet
from tqdm import tqdm

from espress.errors import InputError, require
from espress.files import replace_file
from espress.installation import how_to_install
from espress_build.hydrate.choose import Choice, check_limit, read_catalogue, take_turns
from espress_build.hydrate.client import Fetcher
from espress_build.hydrate.output_folder import Log, explain_errors, read_lines
from espress_build.hydrate.responses import TRANSIENT, Limits, Refused, explain_status, now

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress_build.hydrate.choose import Row

_LIBRARIES = ("filelock", "httpcore", "httpx", "protego")
_AHEAD = 5  # turns by which robots.txt is read before the first page of a host, which then need not wait for a pause
_DEAD = ("not_found", "gone", "host_not_found")


Alive = Literal["yes", "no", "unknown"]


@dataclass(frozen=True)
class Link:
    """What is known of one address.

    `reason` says why `alive` is not yes: a term of the vocabulary `reject_reason`, or `moved` if the answer redirects
    to `final_url`, which is not requested. `checked_at` is None if no request was made.
    """

    catalogue_id: str
    url: str
    checked_at: str | None = None
    status: int | None = None
    alive: Alive = "unknown"
    reason: str | None = None
    detail: str | None = None
    final_url: str | None = None


COLUMNS = tuple(field.name for field in fields(Link))


@dataclass(frozen=True)
class LinkReport:
    """The checked addresses, the table that holds them, and whether Ctrl-C ended the run."""

    table: Path
    links: tuple[Link, ...]
    interrupted: bool

    @property
    def dead(self) -> int:
        """The number of dead addresses."""
        return sum(link.alive == "no" for link in self.links)

    def __str__(self) -> str:
        """Return the numbers of addresses that answer, are dead, or are "open" (not known), with reasons."""
        alive = Counter(link.alive for link in self.links)
        head = f"{len(self.links)} addresses: {alive['yes']} answer, {alive['no']} dead, {alive['unknown']} open"
        reasons = Counter((link.alive, link.reason) for link in self.links if link.reason)
        by_number = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
        lines = [f"{self.table}: {head}", *(f"{n:>7}  {reason} ({word})" for (word, reason), n in by_number)]
        if any(link.reason == "host_not_found" and link.alive == "unknown" for link in self.links):
            lines.append("No host was reached. Is this machine online? Then type the command again with --retry.")
        if self.interrupted:
            lines.append("Stopped early. Type the same command to continue.")
        return "\n".join(lines)


def check_links(  # noqa: PLR0913 - each names one thing that a user chooses, all by keyword
    out: Path,
    *,
    limit: int | None = None,
    delay: float | None = None,
    retry: bool = False,
    refresh: bool = False,
    allow_private: bool = False,
    source: str | Path | None = None,
    **choice: Any,
) -> LinkReport:
    """Ask for addresses of the catalogue and write the table `out`, .csv or .parquet.

    Args:
        out: the table.
        limit: the largest number of addresses to ask for; 0 writes the table again from the log.
        delay: seconds between two requests to one host, unless its robots.txt asks for more.
        retry: ask again for the addresses whose reason may be transient.
        refresh: ask again for every address.
        allow_private: also ask addresses of private networks and of this machine.
        source: the dataset folder or archive with the catalogue; by default the bundled one.
        choice: the selection of entries, as the fields of `Choice`.

    Raises:
        EspressError: an option makes no sense, the table or its log is in use or cannot be written, the catalogue has
            no such event, country or language, or `espress[hydrate]` is not installed.
    """
    if out.suffix not in (".csv", ".parquet"):
        raise InputError([f"--out is {out}; its name must end in .csv or .parquet."])
    check_limit(limit)
    limits = Limits(seconds_total=30.0).with_delay(delay)  # the answer has no body
    require(_LIBRARIES, "Checking links", how_to_install("hydrate"))
    rows = Choice(**choice).select(read_catalogue(source)[1])
    log = out.with_suffix(".log.jsonl")
    with Fetcher(limits, allow_private=allow_private) as fetcher, lock_log(log):
        due = _list_due(rows, read_answers(log), retry=retry, refresh=refresh)
        finished = _ask(due[:limit], fetcher, log)
        known = read_answers(log)
        links = _trust_names([known.get(row["catalogue_id"]) or _explain_unasked(row) for row in rows])
        _write_table(links, out)
    return LinkReport(out, tuple(links), interrupted=not finished)


@contextmanager
def lock_log(log: Path) -> Iterator[None]:
    """Hold the lock of a log; raises InputError if another run holds it, or if its folder cannot be written."""
    with explain_errors(log):
        log.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(log.with_name(f".{log.name}.lock"), timeout=0):
            yield


def read_answers(path: Path) -> dict[str, Link]:
    """Return the newest answer for each entry of the catalogue; raises InputError if a line is not an answer."""
    return {link.catalogue_id: link for link in read_lines(path, "an answer", lambda _: Link)}


def _list_due(rows: list[Row], known: dict[str, Link], *, retry: bool, refresh: bool) -> list[Row]:
    """Return the entries to request, hosts in turn: those without an answer, and those that are requested again."""

    def is_due(row: Row) -> bool:
        link = known.get(row["catalogue_id"])
        again = link is None or refresh or (retry and link.reason in TRANSIENT)
        return row["fetch"] == "may_fetch" and again

    return take_turns(row for row in rows if is_due(row))


def _ask(rows: list[Row], fetcher: Fetcher, log: Path) -> bool:
    """Ask for each entry once and log each answer before the next request; return False if Ctrl-C ended it."""
    with Log(log) as file:
        try:
            for number, row in enumerate(tqdm(rows, desc="links", unit=" page", disable=None), _AHEAD):
                for later in rows[number : number + 1]:
                    fetcher.read_robots(later["url"])
                file.write(asdict(explain_answer(row, fetcher.head(row["url"]))))
        except KeyboardInterrupt:
            return False
    return True


def explain_answer(row: Row, answer: tuple[int, str | None] | Refused) -> Link:
    """Return what an answer means: an address is dead if its server, or the name system, states that it is gone."""
    reason: str | None
    if isinstance(answer, Refused):
        status, location, reason, detail = answer.status, None, answer.reason, answer.detail
    else:
        (status, location), reason, detail = answer, None, None
        if location is not None:
            reason = "moved"
        elif 200 <= status < 300:
            location = row["url"]
        else:
            reason = explain_status(status)
            detail = None if reason in _DEAD else f"status {status}"
    alive: Alive = "yes" if reason is None else "no" if reason in _DEAD else "unknown"
    return Link(row["catalogue_id"], row["url"], now(), status, alive, reason, detail, location)


def _explain_unasked(row: Row) -> Link:
    """Return the row of an address that must not be requested, or was not requested yet."""
    reason, detail = "not_asked", "no run has reached this address; type the command again"
    if row["fetch"] != "may_fetch":
        reason, detail = "do_not_fetch", row["fetch_reason"]
    return Link(row["catalogue_id"], row["url"], reason=reason, detail=detail)


def _trust_names(links: list[Link]) -> list[Link]:
    """Return the links; an unknown name counts as dead only if some host was reached, so the machine was online."""
    if any(link.status is not None for link in links):
        return links
    return [replace(link, alive="unknown") if link.reason == "host_not_found" else link for link in links]


def _write_table(links: list[Link], path: Path) -> None:
    """Write the table as CSV or Parquet, by the ending of its name."""
    columns = pa.schema([(name, pa.int32() if name == "status" else pa.string()) for name in COLUMNS])
    table, buffer = pa.Table.from_pylist([asdict(link) for link in links], schema=columns), io.BytesIO()
    if path.suffix == ".parquet":
        parquet.write_table(table, buffer)
    else:
        csv.write_csv(table, buffer)
    replace_file(path, buffer.getvalue())
