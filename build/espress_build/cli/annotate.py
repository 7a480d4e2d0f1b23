"""The command `espress-build annotate`: exchange judgements with Label Studio."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from espress.cli import add_command
from espress.errors import EspressError, InputError
from espress.tables import join_few

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from espress_build.annotate.import_ import Export
    from espress_build.build import Places


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the arguments of each action."""
    parser = commands.add_parser("annotate", help="exchange tasks and judgements with Label Studio")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    out = add_command(
        actions, "export", "write masked tasks and forms for Label Studio", "espress-build annotate export tasks"
    )
    out.add_argument("folder", type=Path, help="where to write; README.txt in it says how to go on")
    out.add_argument("--articles", nargs="+", metavar="ID", help="only these (default: all)")
    back = add_command(
        actions,
        "import",
        "turn Label Studio's JSON export into a pass in raw/annotations, or list all its problems",
        "espress-build annotate import judged --annotator human-1 --kind human",
    )
    back.add_argument("source", type=Path, help="one JSON file, or a folder of them")
    back.add_argument("--annotator", required=True, help="name of the pass, such as human-1")
    back.add_argument("--kind", required=True, choices=("human", "model"), help="who judged: a person, or a model")
    back.add_argument("--family", default="", help="family of the model")
    back.add_argument("--started", help="when the pass began (default: the first annotation)")
    back.add_argument("--ended", help="when it ended (default: the last annotation)")
    back.add_argument("--supersede", action="store_true", help="append corrections to an existing pass")
    add_command(
        actions,
        "renew-input",
        "store the masked input, in a new file if an article or the mask has changed",
        "espress-build annotate renew-input",
    )


def run(places: Places, arguments: argparse.Namespace) -> int:
    """Run an action and print what it did; returns 0.

    Raises:
        EspressError: an argument is not valid; if an import is refused, every reason is listed.
    """
    print(_ACTIONS[arguments.action](places, arguments))
    return 0


def _export(places: Places, arguments: argparse.Namespace) -> str:
    from espress_build.annotate.export import export
    from espress_build.annotate.material import read_material

    written = export(read_material(places), arguments.folder, arguments.articles)
    counts = ", ".join(f"{count} {kind}" for kind, count in written.items())
    return f"Wrote {counts} to {arguments.folder}. {arguments.folder / 'README.txt'} explains how to use them."


def _import(places: Places, arguments: argparse.Namespace) -> str:
    from espress_build.annotate.import_ import find_missing, read_export
    from espress_build.annotate.material import read_material
    from espress_build.annotate.questions import get_reading_order
    from espress_build.annotate.store import store_pass
    from espress_build.inputs.judgements import Pass

    if not arguments.source.exists():
        raise EspressError(f"{arguments.source} does not exist. Name the file or folder that Label Studio exported.")
    material = read_material(places)
    export = read_export(material, arguments.source, arguments.annotator)
    started, ended = _get_time(arguments, export, "started"), _get_time(arguments, export, "ended")
    new_pass = Pass(
        arguments.annotator, arguments.kind, arguments.family, material.codebook, material.input_sha256, started, ended
    )
    folder, problems = places.raw / "annotations", export.problems
    try:
        stored = store_pass(folder, new_pass, export.judgements, problems, supersede=arguments.supersede)
    except InputError as error:
        raise InputError([*error.problems, f"Nothing was written; problems: {len(error.problems)}."]) from error
    counts = f"{stored.new} new judgements, {stored.corrected} corrections, {stored.same} unchanged"
    lines = [f"Wrote {stored.path}: {counts}."]
    for field, names in find_missing(material, export.judgements).items():
        asked = sum(key[-1] == field for key in get_reading_order(material))
        rest = f"; missing: {join_few(names)}" if names else ""
        lines.append(f"  {field}: {asked - len(names)} of {asked} judged{rest}")
    return "\n".join([*lines, "Type `espress-build run` to include it in the dataset."])


def _get_time(arguments: argparse.Namespace, export: Export, name: str) -> str:
    """Return start or end of the pass; if it is unknown, return "" and add a problem to the export."""
    from espress_build.annotate.store import parse_time

    given = getattr(arguments, name)
    try:
        times = sorted(map(parse_time, export.times if given is None else [given]))
    except ValueError as error:
        export.problems.append(f"--{name}: {error}.")
        return ""
    if not times:
        export.problems.append(
            f"--{name}: the export does not say when it was annotated; name it: --{name} 2026-01-31T12:00:00Z."
        )
        return ""
    return times[0] if name == "started" else times[-1]


def _renew_input(places: Places, _arguments: argparse.Namespace) -> str:
    from espress_build.annotate.material import renew_input

    return f"{renew_input(places)} is the masked input of the dataset. Commit it before anybody codes from it."


_ACTIONS: dict[str, Callable[[Places, argparse.Namespace], str]] = {
    "export": _export,
    "import": _import,
    "renew-input": _renew_input,
}
