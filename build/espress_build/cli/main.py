"""The command `espress-build`: what maintainers do to the corpus."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from espress.errors import EspressError
from espress_build.cli import annotate, diff, freeze, publish, release, withdraw
from espress_build.cli import open as open_command
from espress_build.cli import propose as pages

if TYPE_CHECKING:
    from collections.abc import Callable

    from espress_build.pipeline.build import Places

SOUND, FINDINGS, USAGE = 0, 1, 2
_AFTER_RUN = """
Dataset          {dataset}
Report           {docs}/report.md
Values to browse {docs}/level-3/index.html

To load it in Python:
    import espress
    articles = espress.load("articles")
    units = espress.load("sentences", as_="pandas")"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="espress-build", description="Build, check and grow the ESPRESS corpus.")
    parser.add_argument("--project", type=Path, default=Path(), help="folder with raw/ and schema/ (default: this one)")
    parser.add_argument("--dataset", type=Path, help="the dataset folder (default: dataset/ in the project)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="build the dataset from raw/, check it, put it in place")
    run.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes; the bytes are the same")
    validate = commands.add_parser("validate", help="run all checks over the dataset; exit code 1 if one fails")
    validate.add_argument("--before", type=Path, help="the dataset that it follows, for the checks of level 5")
    trace = commands.add_parser("trace", help="show one article after each stage, changed columns only")
    trace.add_argument("article_id")
    add = commands.add_parser("add", help="draft articles' folders from saved pages, confirm, write to raw/")
    add.add_argument("file", type=Path, metavar="FILE", help="plain text, HTML, MHTML or WARC, or a folder of them")
    add.add_argument("--outlet", help="outlet id, where the page does not show it")
    add.add_argument("--republisher", help="outlet id of the site that carries the copy")
    add.add_argument("--event", action="append", help="event id; repeat for several, most prominent first")
    add.add_argument("--published", help="e.g. 2019-07-23, where the page does not show it")
    add.add_argument("--url", help="address of the page")
    add.add_argument("--url-kind", choices=("original", "copy"), help="whose page it is; needed with --url")
    add.add_argument("--yes", action="store_true", help="write without asking")
    generate = commands.add_parser("generate", help="write the schema's dialects and the generated blocks of the docs")
    generate.add_argument("--check", action="store_true", help="write nothing; exit code 1 if something differs")
    commands.add_parser("agreement", help="what the labels are worth; exit code 1 if two passes are the same")
    annotate.add_arguments(commands.add_parser("annotate", help="take judgements from Label Studio or paper into raw/"))
    for module in (open_command, release, withdraw, freeze, diff, publish, pages):
        module.add_parser(commands)
    return parser


def _run(where: Places, arguments: argparse.Namespace) -> int:
    import pyarrow.parquet as pq

    from espress.display import article_table
    from espress_build.checks.validate import as_markdown
    from espress_build.pipeline.build import ChecksFailedError, make_dataset

    if arguments.workers < 1:
        raise EspressError(f"--workers is {arguments.workers}; it must be at least 1.")
    try:
        print(as_markdown(make_dataset(where, arguments.workers)))
    except ChecksFailedError as failed:
        print(as_markdown(failed.outcome))
        print(failed, file=sys.stderr)
        return FINDINGS
    articles = pq.ParquetFile(where.dataset / "data" / "articles.parquet").read()
    print(article_table(articles))
    print(_AFTER_RUN.format(dataset=where.dataset, docs=where.data_docs.resolve()))
    return SOUND


def _validate(where: Places, arguments: argparse.Namespace) -> int:
    from espress_build.checks.validate import as_markdown, validate

    if not where.dataset.is_dir():
        raise EspressError(f"{where.dataset} does not exist. Type `espress-build run`.")
    outcome = validate(where.dataset, before=arguments.before)
    print(as_markdown(outcome))
    return FINDINGS if outcome.errors else SOUND


def _trace(where: Places, arguments: argparse.Namespace) -> int:
    from espress_build.inputs.params import read_params
    from espress_build.pipeline.trace import trace

    print(trace(where, arguments.article_id, read_params()))
    return SOUND


def _add(where: Places, arguments: argparse.Namespace) -> int:
    from espress_build.add.add_files import run_add

    stated = {
        "outlet_id": arguments.outlet,
        "republisher_id": arguments.republisher,
        "event_ids": arguments.event,
        "published": arguments.published,
        "url": arguments.url,
        "url_kind": arguments.url_kind,
    }
    if not arguments.file.is_file() and not arguments.file.is_dir():
        raise EspressError(f"{arguments.file} is no file. Name a saved page, a folder of pages or a WARC file.")
    if (arguments.url is None) != (arguments.url_kind is None):
        raise EspressError("--url and --url-kind go together: state whose page it is, original or copy.")
    said, written = run_add(where, arguments, {name: value for name, value in stated.items() if value})
    print(said)
    return SOUND if written else FINDINGS


def _generate(where: Places, arguments: argparse.Namespace) -> int:
    from espress_build.docs.generate import DriftError, generate

    try:
        written = generate(where, check=arguments.check)
    except DriftError as drift:
        print(drift, file=sys.stderr)
        return FINDINGS
    print("\n".join(f"wrote {path}" for path in written) or "everything is current")
    return SOUND


def _agreement(where: Places, _arguments: argparse.Namespace) -> int:
    from espress_build.docs.labels import report
    from espress_build.metadata.labels import find_copied_passes

    print(report(where.dataset))
    same = find_copied_passes(where.dataset)
    for first, second in same:
        print(f"\n{first} and {second} gave the same judgements with the same reasons: one is a copy.", file=sys.stderr)
    return FINDINGS if same else SOUND


def _annotate(where: Places, arguments: argparse.Namespace) -> int:
    print(annotate.run(where, arguments))
    return SOUND


_COMMANDS: dict[str, Callable[[Places, argparse.Namespace], int]] = {
    "run": _run,
    "validate": _validate,
    "trace": _trace,
    "add": _add,
    "generate": _generate,
    "agreement": _agreement,
    "open": open_command.run,
    "annotate": _annotate,
    "release": release.run,
    "withdraw": withdraw.run,
    "freeze": freeze.run,
    "publish": publish.run,
    "propose": pages.run_propose,
}


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns 0 when all is sound, 1 for findings, 2 for wrong usage or input."""
    arguments = _parser().parse_args(argv)
    try:
        from espress_build.pipeline.build import Places, places

        if arguments.command == "diff":  # compares any two datasets, in a project or not
            return diff.run(Places(arguments.project, arguments.project / "dataset"), arguments)
        return _COMMANDS[arguments.command](places(arguments.project, arguments.dataset), arguments)
    except ModuleNotFoundError as error:
        print(f"espress-build: {error.name} is not installed. Type: pip install 'espress[build]'", file=sys.stderr)
        return USAGE
    except EspressError as error:
        print(f"espress-build: {error}", file=sys.stderr)
        return USAGE
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        sys.stderr.close()
        return SOUND
    except OSError as error:
        print(f"espress-build: {error}", file=sys.stderr)
        return USAGE


if __name__ == "__main__":
    sys.exit(main())
