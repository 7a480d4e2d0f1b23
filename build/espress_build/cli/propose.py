"""The command `espress-build propose`: write proposals for many saved pages as lines of JSON, on all cores."""

from __future__ import annotations

import os
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from espress.errors import EspressError
from espress_build.pages.read import check_libraries, find_saved, skip_left_out
from espress_build.pages.saved import Failure, Saved

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator

    from espress_build.build import Places
    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries
    from espress_build.pages.propose import PageProposal


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of `espress-build`."""
    propose = commands.add_parser(
        "propose", help="write proposed facts and text of saved pages as JSON lines, without drafting articles"
    )
    propose.add_argument("path", type=Path, help="a page (plain text, HTML, MHTML), a WARC file, or a folder of them")
    propose.add_argument("--jsonl", type=Path, required=True, metavar="OUT", help="file to write, or - for the screen")
    propose.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="number of processes; the output does not depend on it"
    )


def propose_all(
    found: Iterable[Saved | Failure], registries: Registries, params: Params, workers: int
) -> Iterator[tuple[Saved | Failure, PageProposal | Failure]]:
    """Yield each input with its proposal, in order.

    Even a single page is read in a worker process, so that a crash makes only that page fail.
    """
    from espress_build.pages.propose import lost_failure, proposer
    from espress_build.pages.worker_pool import LostItem, WorkerPool

    limits = params.pages
    pool = WorkerPool(
        proposer, (registries, params), workers=workers, seconds=limits.seconds, memory_bytes=limits.memory_bytes
    )
    for saved, result in pool.map(found):
        yield saved, lost_failure(saved, result) if isinstance(result, LostItem) else result


@contextmanager
def _open_output(target: Path) -> Iterator[Callable[[bytes], object]]:
    """Yield a function that writes a line."""
    if str(target) == "-":
        yield lambda line: sys.stdout.write(line.decode())
        return
    with target.open("wb") as file:
        yield file.write


def summarise(parsed: int, failed: Counter[str], left_out: Counter[str]) -> str:
    """Return a short summary of the outcomes of all inputs."""
    lines = [f"{parsed} proposed, {failed.total()} not"]
    lines += [f"  {number:>6}  {reason}" for reason, number in sorted(failed.items())]
    if left_out:
        lines.append(f"{left_out.total()} parts of archives left out, because they are not pages")
        lines += [f"  {number:>6}  {what}" for what, number in sorted(left_out.items())]
    return "\n".join(lines)


def _check(where: Places, arguments: argparse.Namespace) -> None:
    path, target = arguments.path, arguments.jsonl
    if arguments.workers < 1:
        raise EspressError(f"--workers is {arguments.workers}; it must be at least 1.")
    if not path.exists():
        raise EspressError(f"There is no {path}. Name a saved page, a WARC file or a folder of them.")
    if target.resolve().is_relative_to(where.raw.resolve()):
        raise EspressError(f"{target} is in raw/, which holds only received files. Name another file.")
    if target.exists() and (target.is_dir() or target.samefile(path)):
        raise EspressError(f"{target} is a folder, or the input file itself. Name another file.")


def run(where: Places, arguments: argparse.Namespace) -> int:
    """Write one line per input; returns 0, or 1 if nothing could be proposed.

    Raises:
        EspressError: the path does not exist, or the output file is not allowed.
        MissingLibraryError: a library that reads pages is missing.
    """
    from espress_build.inputs.params import read_params
    from espress_build.inputs.registries import read_registries
    from espress_build.pages.propose import as_line, failure_row

    check_libraries()
    _check(where, arguments)
    registries, params = read_registries(where.registries), read_params()
    parsed, failed, left_out = 0, Counter[str](), Counter[str]()
    found = skip_left_out(find_saved(arguments.path, params.pages, without=arguments.jsonl), left_out)
    with _open_output(arguments.jsonl) as write:
        for _, result in propose_all(found, registries, params, arguments.workers):
            if isinstance(result, Failure):
                failed[result.reason] += 1
                write(as_line(failure_row(result)))
            else:
                parsed += 1
                write(as_line(result.row()))
    sys.stderr.write(summarise(parsed, failed, left_out) + "\n")
    return 0 if parsed else 1
