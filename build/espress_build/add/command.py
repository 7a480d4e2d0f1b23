"""The command `espress-build add`: saved pages become drafts below `raw/articles`, each once the curator says so."""

from __future__ import annotations

import os
import sys
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from espress.errors import EspressError, InputError
from espress.tables import format_text
from espress_build.add import draft
from espress_build.add.facts_file import FactsFile, read_facts
from espress_build.pages.read import check_libraries, find_saved, is_warc, skip_left_out
from espress_build.pages.saved import Failure, Saved

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path

    from espress_build.add.already_there import Present
    from espress_build.add.draft import Stated
    from espress_build.build import Places
    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries

_NOBODY = "Nobody can confirm here, because this is no terminal."


def draft_all(
    found: Iterator[Saved | Failure], stated: Stated, facts: FactsFile, registries: Registries, params: Params
) -> Iterator[tuple[str, draft.Draft | Failure]]:
    """Yield each input's name with its draft, in order; a page that costs its process is a failure like others."""
    from espress_build.pages.propose import lost_failure
    from espress_build.pages.worker_pool import LostItem, WorkerPool

    limits, given = params.pages, (stated, facts, registries, params)
    pool = WorkerPool(
        draft.make_drafter, given, workers=os.cpu_count() or 1, seconds=limits.seconds, memory_bytes=limits.memory_bytes
    )
    for saved, result in pool.map(found):
        yield saved.source, lost_failure(saved, result) if isinstance(result, LostItem) else result


class _StoppedError(Exception):
    """The curator wants no more questions."""


def _confirm(*, yes: bool) -> bool:
    """Ask; raises _StoppedError where the answer is to stop."""
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
    """Where drafts are put once confirmed, beside the articles that are there."""

    raw: Path
    params: Params
    present: Present
    yes: bool

    def mark_copy(self, item: draft.Draft) -> tuple[draft.Draft, str | None]:
        """Return a draft, with a doubt where it looks like a copy, and of which article it does."""
        copied = self.present.copied(item)
        doubts = [f"this may be another copy of an article that is there: {copied}", *item.doubts]
        return (item, None) if copied is None else (replace(item, doubts=doubts), copied)

    def write_confirmed(self, item: draft.Draft) -> tuple[str, str]:
        """Show one draft of many and write it once confirmed; returns what became of it, and where or why.

        A likely copy is left where nobody looks: raw/ is append-only.
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


def _make_writer(where: Places, params: Params, *, yes: bool) -> _DraftWriter:
    from espress_build.add.already_there import Present

    return _DraftWriter(where.raw, params, Present(where.raw, params), yes)


def add_one(  # noqa: PLR0913 - as `add_many`
    path: Path, where: Places, stated: Stated, facts: Path | None, params: Params, *, yes: bool
) -> str | None:
    """Draft the one page of a file and write it once confirmed; returns what is to be said, None if it was declined.

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
    writer = _make_writer(where, params, yes=yes)
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
    from espress_build.inputs.registries import explain_unknown, read_registries

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
    """Draft every page of a folder or an archive; return a table of what became of each, and whether none was refused.

    Raises:
        InputError: a stated outlet or event is in no registry; nothing was read then.
        EspressError: nobody can confirm, or one address is stated for all; nothing was read then.
    """
    if "url" in stated:
        raise EspressError(f"--url is the address of one page. Name the file of that page, not {path}.")
    if not yes and not sys.stdin.isatty():
        raise EspressError(f"{_NOBODY} For a folder or an archive add --yes, and look at the drafts in raw/ then.")
    left_out, rows = Counter[str](), []
    registries, writer = _read_registries(where, stated), _make_writer(where, params, yes=yes)
    given = read_facts(facts, path, registries)
    stopped = ""
    try:
        found = skip_left_out(find_saved(path, params.pages, without=facts), left_out)
        for source, item in draft_all(found, stated, given, registries, params):
            if isinstance(item, Failure):
                outcome = ("refused", f"{item.reason}: {item.detail}")
            else:
                outcome = writer.write_confirmed(item)
            rows.append((_name_within(source, path), *outcome))
    except _StoppedError:
        stopped = "\nStopped; what follows was not looked at. The same command goes on where this ended."
    became = Counter(row[1] for row in rows)
    is_any = any(became[one] for one in ("drafted", "drafted with gaps", "there already"))
    return _report(rows, left_out) + stopped, is_any and not became["refused"]


def _name_within(source: str, folder: Path) -> str:
    """Return the name of an input as the curator knows it: below the folder that was named."""
    return source.removeprefix(f"{folder}{os.sep}")


def _report(rows: list[tuple[str, str, str]], left_out: Counter[str]) -> str:
    """Return a table of what became of each input, and the totals by what became of them and why."""
    became = Counter(row[1] for row in rows)
    totals = ", ".join(f"{number} {what}" for what, number in sorted(became.items())) or "nothing was found"
    if why := Counter(reason.split(":")[0] for _, outcome, reason in rows if outcome == "refused"):
        totals += f"; refused: {', '.join(f'{number} {reason}' for reason, number in sorted(why.items()))}"
    if left_out:
        totals += (
            f"; left out of archives, being no pages: {', '.join(f'{n} {w}' for w, n in sorted(left_out.items()))}"
        )
    table = format_text(rows, ("input", "what became of it", "where or why"))
    return f"{table}\n\n{totals}"


def run_add(where: Places, arguments: argparse.Namespace, stated: Stated) -> tuple[str, bool]:
    """Add what the command names; return what is to be said, and whether all that was found is in raw/ now."""
    from espress_build.inputs.params import read_params

    check_libraries()
    path, params = arguments.file, read_params()
    if path.is_dir() or is_warc(path):
        return add_many(path, where, stated, arguments.facts, params, yes=arguments.yes)
    said = add_one(path, where, stated, arguments.facts, params, yes=arguments.yes)
    return (said, True) if said else ("Nothing was written.", False)
