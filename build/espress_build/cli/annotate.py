"""The sub-commands of `espress-build annotate`: what they take, and what they say when done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from espress.errors import EspressError, InputError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from espress_build.annotate.import_ import Came
    from espress_build.pipeline.build import Places


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the sub-commands and what each takes."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    out = actions.add_parser("export", help="write masked tasks and configurations for Label Studio")
    out.add_argument("folder", type=Path)
    out.add_argument("--articles", nargs="+", metavar="ID", help="these alone (default: all)")
    back = actions.add_parser("import", help="turn Label Studio's JSON export into a pass, or say all that is wrong")
    back.add_argument("source", type=Path, help="one JSON file, or a folder of them")
    back.add_argument("--annotator", required=True, help="name of the pass, such as human-1")
    back.add_argument("--kind", required=True, choices=("human", "model"))
    back.add_argument("--family", default="", help="of the model")
    back.add_argument("--started", help="when the pass began (default: the first annotation)")
    back.add_argument("--ended", help="when it ended (default: the last annotation)")
    back.add_argument("--supersede", action="store_true", help="append corrections to a pass that is there")
    paper = actions.add_parser("sheet", help="write a sheet to print, for coding on paper")
    paper.add_argument("html", type=Path)
    paper.add_argument("--pdf", type=Path, help="also print it, by Chromium")
    actions.add_parser("renew-input", help="write the masked input anew, after an article or the mask has changed")


def _export(where: Places, arguments: argparse.Namespace) -> str:
    from espress_build.annotate.export import export
    from espress_build.annotate.items import read_material

    made = export(read_material(where), arguments.folder, arguments.articles)
    told = ", ".join(f"{count} {kind}" for kind, count in made.items())
    return f"Wrote {told} to {arguments.folder}. What to do with them: {arguments.folder / 'README.txt'}."


def _time(given: str | None, times: list[str], option: str) -> str:
    from espress_build.annotate.store import moment

    if given is None and not times:
        raise ValueError(f"the export does not say when it was annotated; name it: {option} 2026-01-31T12:00:00Z")
    every = sorted(moment(one) for one in ([given] if given is not None else times))
    return every[0] if option == "--started" else every[-1]


def _times(arguments: argparse.Namespace, came: Came) -> tuple[str, str]:
    """Return start and end of the pass, "" where they are not to be had, which is then a problem of `came`."""
    found = []
    for option in ("--started", "--ended"):
        try:
            found.append(_time(getattr(arguments, option.strip("-")), came.times, option))
        except ValueError as error:
            came.problems.append(f"{option}: {error}.")
            found.append("")
    return found[0], found[1]


def _import(where: Places, arguments: argparse.Namespace) -> str:
    from espress_build.annotate.forms import reading_order
    from espress_build.annotate.import_ import read_export
    from espress_build.annotate.items import read_material
    from espress_build.annotate.store import keep
    from espress_build.inputs.judgements import Pass

    if not arguments.source.exists():
        raise EspressError(f"{arguments.source} does not exist. Name the file or folder that Label Studio exported.")
    material = read_material(where)
    came = read_export(material, arguments.source, arguments.annotator)
    started, ended = _times(arguments, came)
    made = Pass(
        arguments.annotator, arguments.kind, arguments.family, material.codebook, material.input_sha256, started, ended
    )
    try:
        kept = keep(where.raw / "annotations", made, came.judgements, came.problems, supersede=arguments.supersede)
    except InputError as error:
        raise InputError([*error.problems, f"Nothing was written; problems: {len(error.problems)}."]) from error
    lines = [f"Wrote {kept.path}: {kept.new} new judgements, {kept.corrected} corrections, {kept.same} unchanged."]
    order = reading_order(material)
    for field in ("aspect", "bears_on", "outlet_guess", "stance", "claim"):
        judged = sum(one.field == field for one in came.judgements)
        lines.append(f"  {field}: {judged} of {sum(key[-1] == field for key in order)} judged")
    return "\n".join([*lines, "Type `espress-build run` to count it in."])


def _sheet(where: Places, arguments: argparse.Namespace) -> str:
    from espress_build.annotate.items import read_material
    from espress_build.annotate.paper import as_html, print_pdf

    arguments.html.write_text(as_html(read_material(where)), encoding="utf-8")
    told = f"Wrote {arguments.html}."
    if arguments.pdf:
        print_pdf(arguments.html, arguments.pdf)
        told += f" Wrote {arguments.pdf}."
    return told


def _renew(where: Places, _arguments: argparse.Namespace) -> str:
    from espress_build.annotate.items import renew_input

    return f"Wrote {renew_input(where)}."


_ACTIONS: dict[str, Callable[[Places, argparse.Namespace], str]] = {
    "export": _export,
    "import": _import,
    "sheet": _sheet,
    "renew-input": _renew,
}


def run(where: Places, arguments: argparse.Namespace) -> str:
    """Do what was asked for, and return what to tell.

    Raises:
        EspressError: something given cannot be used; where an import is refused, every reason is listed.
    """
    return _ACTIONS[arguments.action](where, arguments)
