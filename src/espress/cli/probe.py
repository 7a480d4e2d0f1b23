"""The commands `espress probe …`; the probe itself is imported when one of them is run, so that others stay quick."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.errors import InputError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from espress.probe import Prediction, Result


def add_parser(commands: Any) -> None:
    """Add `probe` and what can be asked of it to the parser's commands."""
    probe = commands.add_parser("probe", help="put the tasks to a text classifier, and score what it says")
    kinds = probe.add_subparsers(dest="probe", required=True, metavar="WHAT")
    kinds.add_parser("tasks", help="the tasks: inputs, classes, splits and their hashes, what may be claimed")
    rows = kinds.add_parser("rows", help="what a model is given, a line of JSON an item")
    rows.add_argument("task")
    _add_run(kinds.add_parser("run", help="run a model, or every baseline, and score or keep its predictions"))
    score = kinds.add_parser("score", help="score a predictions file")
    score.add_argument("file", help="Parquet or JSONL; docs/user/probe.md says what it holds")
    score.add_argument("--json", action="store_true", help="print JSON instead of Markdown")
    report = kinds.add_parser("report", help="tables of every predictions file in a folder, sorted by name")
    report.add_argument("folder")
    export = kinds.add_parser("export-harness", help="write the tasks for another evaluation harness")
    export.add_argument("harness", help="lm-eval")
    export.add_argument("folder", help="a new or empty folder")


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("model", nargs="?", help="a baseline's name, module:attribute or file.py:attribute")
    run.add_argument("--baselines", metavar="FOLDER", help="run every baseline and keep a file of each here")
    run.add_argument("--task", action="append", help="a task; all of them if left out; may be repeated")
    run.add_argument("--split", action="append", help="article (default) or block; may be repeated")
    run.add_argument("--name", help="what results call the model")
    run.add_argument("--family", help="family of the model, to mark results of the family that annotated")
    run.add_argument("--date", help="ISO date of the run; today if left out")
    run.add_argument("--out", metavar="FILE", help="keep the predictions here, Parquet or JSONL")
    run.add_argument("--json", action="store_true", help="print JSON instead of Markdown")


def _shown(results: list[Result], arguments: argparse.Namespace) -> str:
    if arguments.json:
        return json.dumps([one.to_dict() for one in results], ensure_ascii=False, indent=2)
    return "\n\n".join(map(str, results))


def _module(place: str) -> object:
    import importlib
    import importlib.util

    if not place.endswith(".py"):
        sys.path.insert(0, str(Path.cwd()))  # as `python -m` has it
        return importlib.import_module(place)
    spec = importlib.util.spec_from_file_location(Path(place).stem, place)
    if spec is None or spec.loader is None:
        raise ImportError(f"{place} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _model(name: str) -> object:
    """Return a model named as a place in the user's own code; a bare name is a baseline's, and stays as it is.

    Raises:
        InputError: there is no such module, file or attribute, or importing it fails.
    """
    place, colon, attribute = name.rpartition(":")
    if not colon:
        return name
    try:
        found: object = getattr(_module(place), attribute)
    except Exception as error:
        fault = f"{name}: {type(error).__name__}: {error}"
        raise InputError([f"{fault}. Name a model as module:attribute or file.py:attribute."]) from error
    return found


def _predictions(model: object, splits: tuple[str, ...], arguments: argparse.Namespace) -> tuple[Prediction, ...]:
    from espress import probe

    about = {"name": arguments.name, "family": arguments.family, "date": arguments.date}
    names = arguments.task or [one.name for one in probe.tasks()]
    pairs = [(task, split) for task in names for split in splits]
    return tuple(one for task, split in pairs for one in probe.predict(model, task, split, **about))


def _run_baselines(arguments: argparse.Namespace) -> str:
    from espress import probe

    folder = Path(arguments.baselines)
    folder.mkdir(parents=True, exist_ok=True)
    splits = arguments.split or ("article", "block")
    paths = {one.name: folder / f"{one.name}.parquet" for one in probe.baselines() if one.extra is None}
    for name, path in paths.items():
        probe.write(_predictions(name, splits, arguments), path)
    return "\n".join(map(str, paths.values()))


def _run(arguments: argparse.Namespace) -> str:
    from espress import probe
    from espress.probe.predictions import writable

    if (arguments.model is None) == (arguments.baselines is None):
        raise InputError(["Name a model or give --baselines FOLDER, one of the two; see `espress probe run --help`."])
    if arguments.baselines and (arguments.name or arguments.out):
        raise InputError(["--baselines names its files and systems itself; leave out --name and --out."])
    if arguments.baselines:
        return _run_baselines(arguments)
    if arguments.out:
        writable(arguments.out)  # before the run, which may be long
    predictions = _predictions(_model(arguments.model), arguments.split or ("article",), arguments)
    if arguments.out:
        probe.write(predictions, arguments.out)
    return _shown(probe.score(predictions), arguments)


def _tasks(_: argparse.Namespace) -> str:
    from espress.probe.reports.task_descriptions import described

    return described()


def _rows(arguments: argparse.Namespace) -> str:
    from espress import probe

    return "\n".join(json.dumps(row, ensure_ascii=False) for row in probe.rows(arguments.task))


def _score(arguments: argparse.Namespace) -> str:
    from espress import probe

    return _shown(probe.score(arguments.file), arguments)


def _report(arguments: argparse.Namespace) -> str:
    from espress import probe

    return probe.report(arguments.folder)


def _export(arguments: argparse.Namespace) -> str:
    from espress.probe.harnesses import export

    return export(arguments.harness, Path(arguments.folder))


_ANSWERS: dict[str, Callable[[argparse.Namespace], str]] = {
    "tasks": _tasks,
    "rows": _rows,
    "run": _run,
    "score": _score,
    "report": _report,
    "export-harness": _export,
}


def answer(arguments: argparse.Namespace) -> str:
    """Return what to print for a command of the probe; raises EspressError."""
    return _ANSWERS[arguments.probe](arguments)
