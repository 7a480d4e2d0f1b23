"""`espress probe …`: run the tasks on a text classifier, and score its predictions."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import espress
from espress.cli import SOUND, add_command
from espress.errors import InputError
from espress.files import check_name

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from espress.probe import CheckResult, Prediction, Result, StanceResult


def add_parser(commands: Any) -> None:
    """Add `probe` and its own subcommands."""
    probe = add_command(
        commands,
        "probe",
        "run the tasks on a text classifier, and score its predictions",
        "espress probe run tfidf --task position",
    )
    probe.set_defaults(answer=lambda _: probe.format_help())
    kinds = probe.add_subparsers(dest="probe", metavar="WHAT")
    tasks = add_command(
        kinds,
        "tasks",
        "print the tasks: inputs, classes, splits with their hashes, what may be claimed",
        "espress probe tasks",
    )
    tasks.set_defaults(answer=_describe_tasks)
    rows = add_command(
        kinds,
        "rows",
        "print the inputs of a model and the hash of each item, one line of JSON per item",
        "espress probe rows relevance",
    )
    rows.add_argument("task", help="a task; or check or stance, the constructed sets")
    rows.add_argument("--split", help="split of a constructed set: test (default), dev or train")
    rows.add_argument(
        "--language", metavar="CODE", help="language of a constructed set: en (default), cs, de, zh or all"
    )
    rows.set_defaults(answer=_list_rows)
    run_ = add_command(
        kinds,
        "run",
        "run a model or all baselines, and score or keep the predictions; the code of your own model is executed",
        "espress probe run mine.py:predict --task relevance --out mine.parquet",
    )
    _add_run(run_)
    score = add_command(kinds, "score", "score a predictions file", "espress probe score mine.parquet")
    score.add_argument("file", help="Parquet or JSONL; docs/user/probe.md describes its columns")
    score.add_argument("--data", metavar="FILE", help="for a constructed set: a table of your own, as Parquet")
    _add_forms(score)
    score.set_defaults(answer=_score)
    report = add_command(
        kinds,
        "report",
        "print tables of all predictions files in a folder, sorted by name",
        "espress probe report predictions",
    )
    report.add_argument("folder")
    report.set_defaults(answer=_report)
    export = add_command(
        kinds,
        "export-harness",
        "write the tasks for another evaluation harness",
        "espress probe export-harness lm-eval TASKS",
    )
    export.add_argument("harness", help="lm-eval")
    export.add_argument("folder", help="a new or empty folder")
    export.set_defaults(answer=_export)


def run(arguments: argparse.Namespace) -> int:
    """Print the answer; raises EspressError as the functions of `espress.probe` do."""
    print(arguments.answer(arguments))
    return SOUND


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument(
        "model", nargs="?", help="a baseline's name, or module:attribute or file.py:attribute, which is run"
    )
    run.add_argument(
        "--baselines", metavar="FOLDER", help="run every baseline, and write a file for each to this folder"
    )
    run.add_argument(
        "--task",
        action="append",
        help="a task on natural articles (default: all), may be repeated; or a constructed set, check or stance",
    )
    run.add_argument(
        "--split",
        action="append",
        help="for a task, article (default) or block, may be repeated; for a constructed set, test (default), dev or "
        "train",
    )
    run.add_argument(
        "--language", metavar="CODE", help="language of a constructed set: en (default), cs, de, zh or all"
    )
    run.add_argument("--data", metavar="FILE", help="for a constructed set: a table of your own, as Parquet")
    run.add_argument("--name", help="name of the model in results")
    run.add_argument(
        "--family", help="family of the model; results are marked if models of this family annotated the corpus"
    )
    run.add_argument("--date", help="ISO date of the run (default: today)")
    run.add_argument(
        "--out",
        metavar="FILE",
        help="file for the predictions, Parquet or JSONL; a run on a constructed set continues where the file ends",
    )
    _add_forms(run)
    run.set_defaults(answer=_run_model)


def _add_forms(parser: argparse.ArgumentParser) -> None:
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", help="print JSON instead of Markdown")
    forms.add_argument("--page", action="store_true", help="print every table as one page of Markdown")


def _format(results: Sequence[Result | CheckResult | StanceResult], arguments: argparse.Namespace) -> str:
    if arguments.json:
        return json.dumps([one.to_dict() for one in results], ensure_ascii=False, indent=2)
    return "\n\n".join(one.to_markdown() if arguments.page else str(one) for one in results)


def _name_set(tasks: Sequence[str]) -> str | None:
    """Return the constructed set among these tasks, or None; raises InputError if there are other tasks."""
    from espress.probe.constructed.questions import SETS

    found = [name for name in tasks if name in SETS]
    if found and len(tasks) > 1:
        raise InputError(
            [f"--task {found[0]} is a constructed set; run it alone, because its results are reported separately."]
        )
    return found[0] if found else None


def _choose_language(arguments: argparse.Namespace) -> str | None:
    return None if arguments.language == "all" else arguments.language or "en"


def _check_options(arguments: argparse.Namespace, *names: str) -> None:
    """Raise InputError if an option is given that only constructed sets have."""
    if given := [f"--{name}" for name in names if getattr(arguments, name) is not None]:
        raise InputError([f"{', '.join(given)}: only with --task check or --task stance. Leave it out."])


def _run_set(name: str, arguments: argparse.Namespace) -> str:
    splits = arguments.split or ["test"]
    if len(splits) > 1:
        raise InputError(["Give one --split at a time for a constructed set."])
    result = espress.probe.run(
        _find_model(arguments.model),
        name,  # type: ignore[call-overload]
        splits[0],
        arguments.name,
        arguments.family,
        arguments.date,
        language=_choose_language(arguments),
        data=arguments.data,
        out=arguments.out,
    )
    return _format([result], arguments)


def _import(place: str) -> object:
    import importlib
    import importlib.util

    if not place.endswith(".py"):
        sys.path.insert(0, str(Path.cwd()))  # as with `python -m`
        return importlib.import_module(place)
    spec = importlib.util.spec_from_file_location(Path(place).stem, place)
    if spec is None or spec.loader is None:
        raise ImportError(f"{place} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _find_model(name: str) -> object:
    """Return the model that `module:attribute` names in the user's code; return the name of a baseline as it is.

    Raises:
        InputError: there is no such module, file or attribute, or importing it fails.
    """
    place, colon, attribute = name.rpartition(":")
    if not colon:
        return name
    try:
        found: object = getattr(_import(place), attribute)
    except Exception as error:
        fault = f"{name}: {type(error).__name__}: {error}"
        raise InputError([f"{fault}. Name a model as module:attribute or file.py:attribute."]) from error
    return found


def _predict(model: object, splits: tuple[str, ...], arguments: argparse.Namespace) -> tuple[Prediction, ...]:
    about = {"name": arguments.name, "family": arguments.family, "date": arguments.date}
    names = arguments.task or [one.name for one in espress.probe.tasks()]
    pairs = [(task, split) for task in names for split in splits]
    return tuple(one for task, split in pairs for one in espress.probe.predict(model, task, split, **about))


def _run_baselines(arguments: argparse.Namespace) -> str:
    folder = check_name(Path(arguments.baselines))
    folder.mkdir(parents=True, exist_ok=True)
    splits = arguments.split or ("article", "block")
    paths = {one.name: folder / f"{one.name}.parquet" for one in espress.probe.baselines() if one.extra is None}
    for name, path in paths.items():
        espress.probe.write(_predict(name, splits, arguments), path)
    return "\n".join(map(str, paths.values()))


def _run_model(arguments: argparse.Namespace) -> str:
    from espress.probe.prediction_files import check_writable

    if (arguments.model is None) == (arguments.baselines is None):
        raise InputError(["Give either a model or --baselines FOLDER; see `espress probe run --help`."])
    if arguments.baselines and (arguments.name or arguments.out):
        raise InputError(["--baselines names its files and systems itself; leave out --name and --out."])
    name = _name_set(arguments.task or [])
    if name and arguments.baselines:
        raise InputError([f"--baselines runs tasks on natural articles. Type: espress probe run NAME --task {name}."])
    if name:
        return _run_set(name, arguments)
    _check_options(arguments, "language", "data")
    if arguments.baselines:
        return _run_baselines(arguments)
    if arguments.out:
        check_writable(arguments.out)  # before the run, which may be long
    predictions = _predict(_find_model(arguments.model), arguments.split or ("article",), arguments)
    if arguments.out:
        espress.probe.write(predictions, arguments.out)
    return _format(espress.probe.score(predictions), arguments)


def _describe_tasks(_: argparse.Namespace) -> str:
    from espress.probe.reports import describe_tasks

    return describe_tasks()


def _list_rows(arguments: argparse.Namespace) -> str:
    if name := _name_set([arguments.task]):
        from espress.probe.constructed.items import read_items

        hashes = {item.item_id: item.item_hash for item in read_items(name)}
        rows = espress.probe.set_rows(name, arguments.split or "test", _choose_language(arguments))
    else:
        _check_options(arguments, "language", "split")
        hashes, rows = espress.probe.item_hashes(arguments.task), espress.probe.rows(arguments.task)
    return "\n".join(json.dumps({**row, "item_hash": hashes[row["item_id"]]}, ensure_ascii=False) for row in rows)


def _score(arguments: argparse.Namespace) -> str:
    return _format(espress.probe.score(arguments.file, arguments.data), arguments)


def _report(arguments: argparse.Namespace) -> str:
    return espress.probe.report(arguments.folder)


def _export(arguments: argparse.Namespace) -> str:
    from espress.probe.harnesses import export

    return export(arguments.harness, Path(arguments.folder))
