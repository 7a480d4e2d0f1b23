"""The command `espress links`: which addresses of the catalogue still answer, by one light request each.

Asked is for the head of the page alone, and nothing is followed: a redirect is an answer, which tells where the page
went and not whether it is there. The log beside the table remembers what was asked, so that a stopped run is gone on
with and nothing is asked twice.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from espress.errors import InputError
from espress_build.hydrate.choose import choice_of, in_turn
from espress_build.hydrate.outcomes import PASSING, Limits, Refused

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from espress_build.hydrate.choose import Row
    from espress_build.hydrate.client import Fetcher
    from espress_build.hydrate.outcomes import Touched

SOUND, FINDINGS, INTERRUPTED = 0, 1, 130
_AHEAD = 5  # so many turns before its own a host's robots.txt is read: none waits behind it
_DEAD = {404: "not_found", 410: "gone"}
_CLOSED = {401: "login_wall", 402: "login_wall", 429: "too_many_requests"}


@dataclass(frozen=True)
class Link:
    """What is known of one address: `alive` is yes, no or unknown, `reason` null or why it is not yes.

    `reason` is a term of the vocabulary `reject_reason`, or `moved`: the answer leads to `final_url`, which was not
    asked for. `checked_at` is null where nobody asked.
    """

    catalogue_id: str
    url: str
    checked_at: str | None
    status: int | None
    alive: str
    reason: str | None
    detail: str | None
    final_url: str | None


COLUMNS = tuple(field.name for field in fields(Link))


def judged(row: Row, answer: Touched | Refused, now: str) -> Link:
    """Say what an answer means: dead is what the server, or the directory of names, calls gone."""
    link = Link(row["catalogue_id"], row["url"], now, answer.status, "unknown", None, None, None)
    if isinstance(answer, Refused):
        dead = answer.reason == "host_not_found"
        return replace(link, alive="no" if dead else "unknown", reason=answer.reason, detail=answer.detail)
    if answer.location is not None:
        return replace(link, reason="moved", final_url=answer.location)
    if answer.status in _DEAD:
        return replace(link, alive="no", reason=_DEAD[answer.status])
    if 200 <= answer.status < 300:
        return replace(link, alive="yes", final_url=row["url"])
    reason = _CLOSED.get(answer.status, "server_error" if answer.status >= 500 else "refused")
    return replace(link, reason=reason, detail=f"status {answer.status}")


def _unasked(row: Row) -> Link:
    """Return the line of an address that is not asked for, or not yet."""
    reason, detail = "not_asked", "no run has come to it; type the command again"
    if row["fetch"] != "may_fetch":
        reason, detail = "do_not_fetch", row["fetch_reason"]
    return Link(row["catalogue_id"], row["url"], None, None, "unknown", reason, detail, None)


def read_log(path: Path) -> dict[str, Link]:
    """Return the newest answer for each pointer; a torn last line counts as not written.

    Raises:
        InputError: another line cannot be read.
    """
    known: dict[str, Link] = {}
    lines = path.read_bytes().split(b"\n")[:-1] if path.is_file() else []
    for number, line in enumerate(lines, 1):
        try:
            link = Link(**(dict.fromkeys(COLUMNS) | json.loads(line)))
        except (ValueError, TypeError) as error:
            raise InputError(
                [f"{path}, line {number} is no answer. Take it out; the address is asked anew."]
            ) from error
        known[link.catalogue_id] = link
    return known


def believed(links: list[Link]) -> list[Link]:
    """Return links of which a name that leads nowhere is dead only if some other host was reached.

    A machine without a network says the same of every name.
    """
    if any(link.status is not None for link in links):
        return links
    return [replace(link, alive="unknown") if link.reason == "host_not_found" else link for link in links]


def _due(rows: list[Row], known: dict[str, Link], *, retry: bool, refresh: bool) -> list[Row]:
    """Return the pointers to ask, hosts in turn: those without an answer, and those that the user asks for again."""

    def is_due(row: Row) -> bool:
        link = known.get(row["catalogue_id"])
        again = link is None or refresh or (retry and link.reason in PASSING)
        return row["fetch"] == "may_fetch" and again

    return in_turn(row for row in rows if is_due(row))


def write_table(links: Iterable[Link], path: Path) -> None:
    """Write the table as CSV or Parquet, by the ending of its name, whole or not at all."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    types = {"status": pa.int32()}
    kept = pa.schema([(name, types.get(name, pa.string())) for name in COLUMNS])
    table, held = pa.Table.from_pylist([asdict(link) for link in links], schema=kept), io.BytesIO()
    if path.suffix == ".parquet":
        parquet.write_table(table, held)
    else:
        csv.write_csv(table, held)
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(held.getvalue())
    beside.replace(path)


def summary(links: list[Link]) -> str:
    """Return how many live, how many do not and of how many nothing is known, by reason."""
    alive = Counter(link.alive for link in links)
    head = ", ".join(f"{alive[word]} {said}" for word, said in (("yes", "answer"), ("no", "dead"), ("unknown", "open")))
    reasons = Counter((link.alive, link.reason) for link in links if link.reason)
    by_number = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    return "\n".join([f"{len(links)} addresses: {head}", *(f"{n:>7}  {why} ({word})" for (word, why), n in by_number)])


@contextmanager
def _alone(log: Path) -> Iterator[None]:
    """Hold a log alone; raises InputError where another run does, or its folder cannot be written."""
    from filelock import FileLock, Timeout

    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(log.with_name(f".{log.name}.lock"), timeout=0):
            yield
    except Timeout as error:
        raise InputError([f"Another run writes {log}. Wait for it to end, or name another --out."]) from error
    except OSError as error:
        raise InputError([f"{log} cannot be written: {error}."]) from error


def check(rows: list[Row], fetcher: Fetcher, log: Path) -> bool:
    """Ask for each pointer once and write each answer down before the next; returns False where Ctrl-C ended it."""
    from espress_build.hydrate.log import Log
    from espress_build.hydrate.progress import bar

    with Log(log) as file:
        try:
            for number, row in enumerate(bar(rows, len(rows), "links", "page"), _AHEAD):
                for later in rows[number : number + 1]:
                    fetcher.greet(later["url"])
                answer = fetcher.touch(row["url"])
                file.write(asdict(judged(row, answer, datetime.now(UTC).isoformat(timespec="seconds"))))
        except KeyboardInterrupt:
            return False
    return True


def _checked(arguments: argparse.Namespace) -> Limits:
    """Look at the options before anything is asked; returns the limits of requests."""
    if arguments.out.suffix not in (".csv", ".parquet"):
        raise InputError([f"--out is {arguments.out}; its name must end in .csv or .parquet."])
    if arguments.limit is not None and arguments.limit < 0:
        raise InputError([f"--limit is {arguments.limit}; give a number of addresses."])
    if arguments.delay is not None and not 0 <= arguments.delay < 86400:
        raise InputError([f"--delay is {arguments.delay}; give seconds between two requests to one host."])
    brief = replace(Limits(), seconds_total=30.0)  # a head is short
    return brief if arguments.delay is None else replace(brief, delay=arguments.delay)


def run(arguments: argparse.Namespace) -> int:
    """Ask, write the table, and say what it holds; returns 0, 130 where Ctrl-C ended it, 1 only where asked for it.

    Raises:
        EspressError: an option makes no sense, the table or its log is in use or cannot be written, the catalogue has
            no such event, country or language, or `espress[hydrate]` is not installed.
    """
    from espress_build.hydrate.client import Fetcher
    from espress_build.hydrate.corpus import catalogue_rows

    limits = _checked(arguments)
    rows = choice_of(arguments).of(catalogue_rows(arguments.source)[1])
    log = arguments.out.with_suffix(".log.jsonl")
    with Fetcher(limits, allow_private=arguments.allow_private) as fetcher, _alone(log):
        due = _due(rows, read_log(log), retry=arguments.retry, refresh=arguments.refresh)
        ended = check(due[: arguments.limit], fetcher, log)
        known = read_log(log)
        links = believed([known.get(row["catalogue_id"]) or _unasked(row) for row in rows])
        write_table(links, arguments.out)
    print(f"{arguments.out}: {summary(links)}")  # noqa: T201  a command prints
    if any(link.reason == "host_not_found" and link.alive == "unknown" for link in links):
        print("No host was reached. Is this machine online? Then type the command again with --retry.")  # noqa: T201
    if not ended:
        print("Stopped before the end; the same command goes on from here.")  # noqa: T201
        return INTERRUPTED
    return FINDINGS if arguments.fail_on_dead and any(link.alive == "no" for link in links) else SOUND
