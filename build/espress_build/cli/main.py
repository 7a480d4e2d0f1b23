"""The command `espress-build`: each module of this package is one subcommand of the same name.

A subcommand has `add_parser(commands)`, which adds its options, and `run(places, arguments)`, which returns the exit
code.
"""

from __future__ import annotations

import errno
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from espress.cli import INTERNAL, SOUND, USAGE
from espress.cli.terminal import Parser, escaped_output, report_bug, report_error
from espress.errors import EspressError
from espress.installation import how_to_install

if TYPE_CHECKING:
    import argparse

_COMMANDS = {  # command -> the example in its help, in the order of work
    "propose": "propose pages --jsonl -",
    "list": "list outlets herald",
    "add": "add page.html",
    "run": "run",
    "trace": "trace herald-20200101-0a1b2c3d",
    "validate": "validate --before previous-dataset",
    "annotate": "annotate export tasks",
    "agreement": "agreement",
    "ballots": "ballots export check sheets --annotator anna",
    "sheets": "sheets my-sheets --out mine.parquet",
    "freeze": "freeze 0.2.0",
    "generate": "generate --check",
    "diff": "diff 0.1.1 dataset",
    "site": "site --edition open --out public",
    "open": "open open-edition",
    "release": "release 0.2.0",
    "assets": "assets",
    "publish": "publish --to hub --repo OWNER/NAME --version 0.2.0",
    "withdraw": "withdraw ARTICLE_ID --reason 'its publisher asked for it'",
}
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
_ANYWHERE = ("diff", "list", "propose")  # commands that also work outside a project
_ANY_NAME = (*_ANYWHERE, "add", "trace")  # commands that read no dataset, or open its files themselves


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="espress-build", description="Build, check, grow and release the ESPRESS corpus.")
    parser.add_argument("--project", type=Path, default=Path(), help="folder with raw/ and schema/ (default: this one)")
    parser.add_argument("--dataset", type=Path, help="the dataset folder (default: dataset/ in the project)")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, example in _COMMANDS.items():
        command = import_module(f"espress_build.cli.{name}")
        command.add_parser(commands)
        commands.choices[name].set_defaults(run=command.run)
        commands.choices[name].epilog = f"Example: espress-build {example}"
    for listed in commands._get_subactions():  # noqa: SLF001  argparse keeps the help of a command apart from its parser
        commands.choices[listed.dest].description = f"{str(listed.help)[0].upper()}{str(listed.help)[1:]}."
    return parser


def _run(arguments: argparse.Namespace) -> int:
    from espress_build.build import Places, check_name, places

    is_project = arguments.project != Path() or (Path("raw").is_dir() and Path("schema").is_dir())
    if arguments.command == "diff" or (arguments.command in _ANYWHERE and not is_project):
        where = Places(arguments.project, arguments.project / "dataset", bundled=True)
    elif arguments.command == "validate" and arguments.dataset and not is_project:  # a downloaded dataset
        where = Places(arguments.project, arguments.dataset.absolute())
    else:
        where = places(arguments.project, arguments.dataset)
    if arguments.command not in _ANY_NAME:
        check_name(where.dataset)
    code: int = arguments.run(where, arguments)
    return code


def main(argv: list[str] | None = None) -> int:
    """Run a command.

    Returns:
        0 for success, 1 for findings, 2 for wrong usage or input, 70 for an unexpected exception.
    """
    try:
        with escaped_output():
            parser = _parser()
            arguments = parser.parse_args(argv)
            if arguments.command is None:
                parser.print_help()
                return SOUND
            code = _run(arguments)
            sys.stdout.flush()
    except ModuleNotFoundError as error:
        report_error("espress-build", f"{error.name} is not installed. Type: {how_to_install('build')}")
        return USAGE
    except BrokenPipeError:  # the reader, such as `head`, closed the pipe
        sys.stderr.close()
        return SOUND
    except (EspressError, OSError) as error:
        is_full = isinstance(error, OSError) and error.errno in _NO_SPACE
        hint = ". Free some disk space, then type the command again." if is_full else ""
        report_error("espress-build", f"{error}{hint}")
        return USAGE
    except Exception:  # noqa: BLE001 - exit code 1 means findings, so no exception may cause it
        report_bug("espress-build")
        return INTERNAL
    return code


if __name__ == "__main__":
    sys.exit(main())
