"""`espress audit`: measure how well columns such as the outlet predict the labels of a corpus."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.cli import FINDINGS, SOUND, add_command
from espress.errors import InputError
from espress.files import replace_file

if TYPE_CHECKING:
    import argparse

FORMATS = {"text": ".txt", "md": ".md", "json": ".json", "html": ".html"}


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
    parser = add_command(
        commands,
        "audit",
        "measure how well columns such as the outlet predict the labels of a corpus; exit code 1 if one is a shortcut",
        "espress audit corpus.csv --text text --label label --group outlet -o report.html",
    )
    parser.add_argument(
        "file", nargs="?", help="ends in .csv, .tsv, .txt, .jsonl, .ndjson, .parquet, .pq, .xlsx or .xlsm"
    )
    parser.add_argument("--text", required=True, help="column that holds the text")
    parser.add_argument("--label", required=True, help="column that holds the label")
    parser.add_argument(
        "--group",
        required=True,
        action="extend",
        nargs="+",
        metavar="COLUMN",
        help="columns to predict the label from, alone and in pairs; may be repeated",
    )
    parser.add_argument("--split", help="column that says train or test (default: repeated cross-validation)")
    parser.add_argument("--cluster", help="column whose rows belong together, such as the article of a sentence")
    parser.add_argument("--model", help="column with a model's predictions, to compare with")
    parser.add_argument("--encoding", help="encoding of a CSV or JSON Lines file, if not UTF-8, such as cp1252")
    parser.add_argument(
        "--permutations", type=int, default=1000, help="number of permutations of the group columns (default 1000)"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of folds, permutations and resampling (default 0)")
    parser.add_argument("--format", choices=FORMATS, help="default: by the ending of OUT, else text")
    parser.add_argument("-o", "--out", type=Path, help="file to write the report to, instead of the screen")


def run(arguments: argparse.Namespace) -> int:
    """Run the audit and print or write its report; return 1 if a column is a shortcut, else 0.

    Raises:
        InputError: the file cannot be used, or the report cannot be written; both are checked before the audit runs.
    """
    form = _choose_format(arguments.format, arguments.out)
    file, groups = _separate_file(arguments.file, arguments.group)
    from espress.shortcut_audit.audit import audit
    from espress.shortcut_audit.report.render import render

    names = ("text", "label", "split", "cluster", "model", "encoding", "permutations", "seed")
    result = audit(file, groups=groups, **{name: getattr(arguments, name) for name in names})
    report = render(result, form)
    if arguments.out is None:
        print(report, end="")
    else:
        _write(arguments.out, report)
        print("\n".join([*result.verdict, f"Report: {arguments.out}"]))
    return FINDINGS if result.flagged else SOUND


def _separate_file(file: str | None, groups: list[str]) -> tuple[str, list[str]]:
    """Return the file and the group columns; raises InputError if no file is named.

    argparse takes a file that follows the columns of --group as one of them.
    """
    if file is not None:
        return file, groups
    if len(groups) > 1 and Path(groups[-1]).exists():
        return groups[-1], groups[:-1]
    raise InputError(["No file was named. Name it first: espress audit FILE --text … --label … --group …"])


def _choose_format(chosen: str | None, out: Path | None) -> str:
    """Return the format of the report; raises InputError before the long audit if `out` cannot be written."""
    if out is None:
        return chosen or "text"
    if out.is_dir() or not out.parent.is_dir():
        raise InputError([f"The report cannot be written to {out}: name a file in a folder that exists."])
    by_ending = {ending: form for form, ending in FORMATS.items()}
    form = chosen or by_ending.get(out.suffix.lower())
    if form is None:
        raise InputError([f"{out} ends in none of {', '.join(by_ending)}. Add --format {'|'.join(FORMATS)}."])
    return form


def _write(path: Path, report: str) -> None:
    """Write the report; if this fails, an earlier report stays unchanged."""
    try:
        if path.exists() and not path.is_file():  # such as /dev/stdout
            path.write_text(report, encoding="utf-8", newline="\n")
        else:
            replace_file(path.resolve(), report.encode())
    except OSError as error:
        raise InputError([f"The report cannot be written to {path}: {error.strerror}."]) from error
