"""The command `espress-build add`: draft articles from saved pages, and write those that are confirmed to `raw/`."""

from __future__ import annotations

import os
import sys
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from espress.errors import EspressError, InputError
from espress.tables import format_text
from espress_build.add import draft
from espress_build.add.already_there import Present
from espress_build.add.facts_file import FactsFile, read_facts
from espress_build.inputs.params import read_params
from espress_build.inputs.registries import explain_unknown, read_registries
from espress_build.pages.propose import lost_failure
from espress_build.pages.read import check_libraries, find_saved, is_warc, skip_left_out
from espress_build.pages.saved import Failure, Saved
from espress_build.pages.worker_pool import LostItem, WorkerPool

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path

    from espress_build.add.draft import Stated
    from espress_build.build import Places
    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries

_NOBODY = "Nobody can confirm here, because this is no terminal."


def draft_all(
    found: Iterator[Saved | Failure], stated: Stated, facts: FactsFile, registries: Registries, params: Params
) -> Iterator[tuple[str, draft.Draft | Failure]]:
    """Yield each input's name with its draft, in order; a page that crashes or stalls its process is a failure."""
    limits, given = params.pages, (stated, facts, registries, params)
    pool = WorkerPool(
        draft.make_drafter, given, workers=os.cpu_count() or 1, seconds=limits.seconds, memory_bytes=limits.memory_bytes
    )
    for saved, result in pool.map(found):
        yield saved.source, lost_failure(saved, result) if isinstance(result, LostItem) else result


class _StoppedError(Exception):
    """The curator stopped the command."""


def _confirm(*, yes: bool) -> bool:
    """Ask whether to write the draft; raises _StoppedError if the answer is to stop."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise EspressError(f"{_NOBODY} Look at the draft; then add --yes.")
    try:
        answer = input("Write this to raw/? [y]es, [N]o, [q]uit: ").strip().lower()
    except (EOFError, KeyboardInterrupt) as stop:
        sys.stdout.write("\n")
        raise _StoppedError from stop
    if answer in ("q", "quit"):
        raise _StoppedError
    return answer in ("y", "yes")


@dataclass(frozen=True)
class _DraftWriter:
    """Writes confirmed drafts below `raw/articles`."""

    raw: Path
    params: Params
    present: Present
    yes: bool

    def mark_copy(self, item: draft.Draft) -> tuple[draft.Draft, str | None]:
        """Return the draft, and why it is a likely copy or None; a likely copy gets a doubt."""
        copied = self.present.copied(item)
        doubts = [f"this may be another copy of an article that is there: {copied}", *item.doubts]
        return (item, None) if copied is None else (replace(item, doubts=doubts), copied)

    def write_confirmed(self, item: draft.Draft) -> tuple[str, str]:
        """Show one draft of many and write it if confirmed; returns the outcome, and where or why.

        With --yes, a likely copy is not written: nobody looks at it, and raw/ is append-only.
        """
        if same := self.present.find_source(item):
            return "there already", same
        item, copied = self.mark_copy(item)
        if copied and self.yes:
            return "likely copy", f"{copied}; to look at it, add it without --yes"
        sys.stdout.write(draft.show(item, self.params) + "\n")
        if not _confirm(yes=self.yes):
            return "declined", item.article_id
        folder = draft.write(item, self.raw)
        self.present.add(item)
        return ("drafted with gaps", f"{folder}: {', '.join(item.gaps)}") if item.gaps else ("drafted", str(folder))


def add_one(  # noqa: PLR0913 - as `add_many`
    path: Path, where: Places, stated: Stated, facts: Path | None, params: Params, *, yes: bool
) -> str | None:
    """Draft the page of a file and write it if confirmed; returns the message to print, None if it was declined.

    Raises:
        InputError: it cannot be drafted, or is there already.
        EspressError: nobody can confirm.
    """
    registries = _read_registries(where, stated)
    rows = read_facts(facts, path.parent, registries)
    found = skip_left_out(find_saved(path, params.pages), Counter())
    ((source, item),) = draft_all(found, stated, rows, registries, params)
    if isinstance(item, Failure):
        raise InputError([f"{source}: {item.reason}: {item.detail.rstrip('.')}."])
    writer = _DraftWriter(where.raw, params, Present(where.raw, params), yes)
    if same := writer.present.find_source(item):
        there = where.raw / "articles" / same
        raise InputError(
            [f"{there} holds the same page. raw/ is append-only: correct record.toml there, or remove an own draft."]
        )
    item, _ = writer.mark_copy(item)
    sys.stdout.write(draft.show(item, params) + "\n")
    try:
        if not _confirm(yes=yes):
            return None
    except _StoppedError:
        return None
    folder = draft.write(item, where.raw)
    gaps = f" It waits for {' and '.join(item.gaps)}." if item.gaps else ""
    return f"Wrote {folder}.{gaps} Correct {folder / 'record.toml'} by hand, then type `espress-build run`."


def _read_registries(where: Places, stated: Stated) -> Registries:
    """Read the registries; raises InputError for a stated id that is in none, before any page is read."""
    registries = read_registries(where.registries)
    asked = {"outlets": [stated.get("outlet_id"), stated.get("republisher_id")], "events": stated.get("event_ids", [])}
    problems = [
        f"{problem}."
        for name, ids in asked.items()
        for one in (ids if isinstance(ids, list) else [])
        if one is not None
        for problem in explain_unknown(registries, name, str(one))
    ]
    if problems:
        raise InputError(problems)
    return registries


def add_many(  # noqa: PLR0913 - each names one thing that a curator states
    path: Path, where: Places, stated: Stated, facts: Path | None, params: Params, *, yes: bool
) -> tuple[str, bool]:
    """Draft every page of a folder or an archive; return a table of the outcomes, and whether no page was refused.

    Raises:
        InputError: a stated outlet or event is in no registry; no page was read.
        EspressError: nobody can confirm, or one address is stated for all; no page was read.
    """
    if "url" in stated:
        raise EspressError(f"--url is the address of one page. Name the file of that page, not {path}.")
    if not yes and not sys.stdin.isatty():
        raise EspressError(f"{_NOBODY} For a folder or an archive add --yes, and look at the drafts in raw/ later.")
    left_out, rows = Counter[str](), []
    registries = _read_registries(where, stated)
    writer = _DraftWriter(where.raw, params, Present(where.raw, params), yes)
    given = read_facts(facts, path, registries)
    stopped = ""
    try:
        found = skip_left_out(find_saved(path, params.pages, without=facts), left_out)
        for source, item in draft_all(found, stated, given, registries, params):
            if isinstance(item, Failure):
                outcome = ("refused", f"{item.reason}: {item.detail}")
            else:
                outcome = writer.write_confirmed(item)
            rows.append((source.removeprefix(f"{path}{os.sep}"), *outcome))
    except _StoppedError:
        stopped = "\nStopped; the remaining pages were not read. Type the same command to continue there."
    became = Counter(row[1] for row in rows)
    is_any = any(became[one] for one in ("drafted", "drafted with gaps", "there already"))
    return _report(rows, left_out) + stopped, is_any and not became["refused"]


def _report(rows: list[tuple[str, str, str]], left_out: Counter[str]) -> str:
    """Return a table of the outcome of each input, and totals by outcome and reason."""
    became = Counter(row[1] for row in rows)
    totals = ", ".join(f"{number} {what}" for what, number in sorted(became.items())) or "nothing was found"
    if why := Counter(reason.split(":")[0] for _, outcome, reason in rows if outcome == "refused"):
        totals += f"; refused: {', '.join(f'{number} {reason}' for reason, number in sorted(why.items()))}"
    if left_out:
        kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(left_out.items()))
        totals += f"; left out of archives, being no pages: {kinds}"
    table = format_text(rows, ("input", "what became of it", "where or why"))
    return f"{table}\n\n{totals}"


def run_add(where: Places, arguments: argparse.Namespace, stated: Stated) -> tuple[str, bool]:
    """Add the pages of a file, folder or archive; return the message to print, and whether none was refused."""
    check_libraries()
    path, params = arguments.file, read_params()
    if path.is_dir() or is_warc(path):
        return add_many(path, where, stated, arguments.facts, params, yes=arguments.yes)
    said = add_one(path, where, stated, arguments.facts, params, yes=arguments.yes)
    return (said, True) if said else ("Nothing was written.", False)
