"""The command `espress-build add`: saved pages become drafts below `raw/articles`, each once the curator says so."""

from __future__ import annotations

import os
import sys
from collections import Counter
from typing import TYPE_CHECKING

from espress.errors import EspressError, InputError
from espress_build import add
from espress_build.pages.commands import check_libraries, counted
from espress_build.pages.reading import Failure, Saved, find_saved

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path

    from espress_build.making import Places
    from espress_build.pages.drafting import Stated
    from espress_build.params import Params
    from espress_build.registries import Registries

_NOBODY = "Nobody can confirm here, because this is no terminal."


def drafts(
    found: Iterator[Saved | Failure], stated: Stated, registries: Registries, params: Params
) -> Iterator[tuple[str, add.Draft | Failure]]:
    """Yield each input's name with its draft, in order; a page that costs its process is a failure like others."""
    from espress_build.pages.crew import Crew, Lost
    from espress_build.pages.drafting import drafter

    limits, given = params.pages, (stated, registries, params)
    crew = Crew(drafter, given, workers=os.cpu_count() or 1, seconds=limits.seconds, memory_bytes=limits.memory_bytes)
    for saved, result in crew.map(found):
        yield saved.source, Failure(saved.source, result.reason, result.detail) if isinstance(result, Lost) else result


def _confirmed(*, yes: bool) -> bool:
    if yes:
        return True
    if not sys.stdin.isatty():
        raise EspressError(f"{_NOBODY} Look at the draft; then add --yes.")
    return input("Write this to raw/? [y/N] ").strip().lower() in ("y", "yes")


def _said(item: add.Draft, raw: Path, params: Params, *, yes: bool) -> tuple[str, str]:
    """Show and write one draft; returns what became of it, and the details."""
    if (raw / "articles" / item.article_id).exists():
        return "there already", item.article_id
    sys.stdout.write(add.show(item, params) + "\n")
    if not _confirmed(yes=yes):
        return "declined", item.article_id
    return "drafted", str(add.write(item, raw))


def add_one(path: Path, where: Places, stated: Stated, params: Params, *, yes: bool) -> str | None:
    """Draft the one page of a file and write it once confirmed; returns what is to be said, None if it was declined.

    Raises:
        InputError: it cannot be drafted, or is there already.
        EspressError: nobody can confirm.
    """
    registries = _registries(where)
    ((source, item),) = drafts(counted(find_saved(path, params.pages), Counter()), stated, registries, params)
    if isinstance(item, Failure):
        raise InputError([f"{source}: {item.reason}: {item.detail.rstrip('.')}."])
    sys.stdout.write(add.show(item, params) + "\n")
    if not _confirmed(yes=yes):
        return None
    folder = add.write(item, where.raw)
    return f"Wrote {folder}. Correct {folder / 'record.toml'} by hand, then type `espress-build run`."


def _registries(where: Places) -> Registries:
    from espress_build.registries import read_registries

    return read_registries(where.registries)


def add_many(path: Path, where: Places, stated: Stated, params: Params, *, yes: bool) -> tuple[str, bool]:
    """Draft every page of a folder or an archive; returns a table of what became of each, and whether any is in raw/.

    Raises:
        EspressError: nobody can confirm; nothing was read then.
    """
    from tabulate import tabulate

    if not yes and not sys.stdin.isatty():
        raise EspressError(f"{_NOBODY} For a folder or an archive add --yes, and look at the drafts in raw/ then.")
    left_out = Counter[str]()
    found = counted(find_saved(path, params.pages), left_out)
    rows = []
    for source, item in drafts(found, stated, _registries(where), params):
        if isinstance(item, Failure):
            rows.append((source, "refused", f"{item.reason}: {item.detail}"))
        else:
            rows.append((source, *_said(item, where.raw, params, yes=yes)))
    became = Counter(row[1] for row in rows)
    totals = ", ".join(f"{number} {what}" for what, number in sorted(became.items())) or "nothing was found"
    if left_out:
        totals += (
            f"; left out of archives, being no pages: {', '.join(f'{n} {w}' for w, n in sorted(left_out.items()))}"
        )
    table = tabulate(
        rows, headers=("input", "what became of it", "where or why"), tablefmt="plain", disable_numparse=True
    )
    return f"{table}\n\n{totals}", bool(became["drafted"] or became["there already"])


def run_add(where: Places, arguments: argparse.Namespace, stated: Stated) -> tuple[str, bool]:
    """Add what the command names; returns what is to be said, and whether anything is in raw/ now."""
    from espress_build.params import read_params

    check_libraries()
    path, params = arguments.file, read_params()
    many = path.is_dir() or path.name.lower().endswith((".warc", ".warc.gz"))
    if many:
        return add_many(path, where, stated, params, yes=arguments.yes)
    said = add_one(path, where, stated, params, yes=arguments.yes)
    return (said, True) if said else ("Nothing was written.", False)
