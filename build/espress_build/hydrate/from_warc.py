"""Find pages by address in the user's own WARC files, such as those of CC-NEWS, without network requests."""

from __future__ import annotations

import sys
from collections import defaultdict
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from tqdm import tqdm

from espress.errors import InputError
from espress.tables import join_few
from espress.text import escape_for_terminal
from espress.urls import page_key
from espress_build.hydrate.output_folder import Attempt
from espress_build.hydrate.responses import explain_status, now
from espress_build.hydrate.web_archive import parse_moment
from espress_build.pages.saved import Failure, LeftOut, Saved
from espress_build.pages.warc import read_warc

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress_build.hydrate.choose import Row
    from espress_build.hydrate.output_folder import Folder, Log
    from espress_build.inputs.params import Pages


def search_warc(rows: list[Row], files: tuple[Path, ...], limits: Pages, folder: Folder, log: Log) -> int:
    """Look for entries in WARC files by address, log a page or a reason for each, and return the number of entries.

    Of several pages with one address, the one taken nearest to the day of publication is kept; if two are as near, the
    first. Faults of a whole file go to stderr.

    Raises:
        InputError: a file does not exist.
        MissingLibraryError: FastWARC is not installed.
    """
    if missing := [file for file in files if not file.is_file()]:
        raise InputError([f"{file} is not a file; name a WARC file, plain or gzipped." for file in missing])
    wanted: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        wanted[page_key(row["url"])].append(row)
    nearest: dict[str, float] = {}  # catalogue_id -> distance of the page that is kept so far
    reasons: dict[str, tuple[str, str]] = {}  # catalogue_id -> why the first record with its address holds no page
    for row, found in _find_records(files, limits, wanted):
        name = row["catalogue_id"]
        if isinstance(found, Saved):
            distance = _measure_distance(row, found.taken_at)
            if name not in nearest or distance < nearest[name]:
                nearest[name] = distance
                log.add(_save(row, found, folder))
        elif explained := _explain(found):
            reasons.setdefault(name, explained)
    not_there = "not_in_warc", f"looked for in {join_few([file.name for file in files], 3)}"
    for row in rows:
        if row["catalogue_id"] not in nearest:
            reason, detail = reasons.get(row["catalogue_id"], not_there)
            log.add(Attempt(row["catalogue_id"], row["url"], now(), "refused", "warc", reason=reason, detail=detail,
                            again=True))  # fmt: skip
    return len(rows)


def _find_records(
    files: tuple[Path, ...], limits: Pages, wanted: dict[str, list[Row]]
) -> Iterator[tuple[Row, Saved | Failure | LeftOut]]:
    """Yield what the records with wanted addresses hold, once for each entry that has the address."""
    for file in tqdm(files, desc="WARC files", unit=" file", disable=None):
        for found in read_warc(file, limits, wanted=lambda url: page_key(url) in wanted):
            if found.url is not None:
                yield from ((row, found) for row in wanted[page_key(found.url)])
            elif isinstance(found, Failure):
                sys.stderr.write(escape_for_terminal(f"{found.source}: {found.detail}") + "\n")


def _save(row: Row, saved: Saved, folder: Folder) -> Attempt:
    """Save a page and return the line for the log."""
    name, digest = row["catalogue_id"], sha256(saved.payload).hexdigest()
    page = folder.save_page(name, saved.payload, None)
    return Attempt(name, row["url"], now(), "got", "warc", page, digest, saved.url, 200,
                   charset=saved.charset, archived_at=saved.taken_at, detail=saved.source)  # fmt: skip


def _measure_distance(row: Row, taken_at: str | None) -> float:
    """Return the seconds between the publication of an article and the record of its page; infinite if unknown."""
    published = parse_moment(row["published"])
    try:
        taken = datetime.fromisoformat(taken_at or "")
    except ValueError:
        return float("inf")
    taken = taken if taken.tzinfo else taken.replace(tzinfo=UTC)
    return float("inf") if published is None else abs((taken - published).total_seconds())


def _explain(found: Failure | LeftOut) -> tuple[str, str] | None:
    """Return the reason and details why a record holds no page; None for requests and other records."""
    if isinstance(found, Failure):
        reason, detail = "too_large" if found.reason == "too_large" else "incomplete", found.detail
    elif found.what.startswith("status 3"):
        reason, detail = "too_many_redirects", f"{found.what}; the file does not hold the page at the new address"
    elif found.what.startswith("status "):
        reason, detail = explain_status(int(found.what.removeprefix("status "))), found.what
    elif "/" in found.what:
        reason, detail = "not_a_page", found.what
    else:
        return None
    return reason, f"{found.source}: {detail}"
