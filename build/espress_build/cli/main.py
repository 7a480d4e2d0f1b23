"""The command `espress-build`: each module of this package is one subcommand of the same name.

A subcommand has `add_parser(commands)`, which adds its options, and `run(places, arguments)`, which returns the exit
code.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from pathlib import Path

from espress.cli import INTERNAL, SOUND, USAGE
from espress.errors import EspressError
from espress_build.cli import (
    add,
    agreement,
    annotate,
    diff,
    freeze,
    generate,
    propose,
    publish,
    release,
    run,
    trace,
    validate,
    withdraw,
)
from espress_build.cli import open as open_command

_COMMANDS = (
    run, validate, trace, add, propose, annotate, agreement, generate, open_command, release, withdraw, freeze, diff,
    publish,
)  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="espress-build", description="Build, check and grow the ESPRESS corpus.")
    parser.add_argument("--project", type=Path, default=Path(), help="folder with raw/ and schema/ (default: this one)")
    parser.add_argument("--dataset", type=Path, help="the dataset folder (default: dataset/ in the project)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add_parser(commands)
        commands.choices[command.__name__.rpartition(".")[2]].set_defaults(run=command.run)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    from espress_build.pipeline.build import Places, places

    if arguments.command == "diff":  # `diff` also works outside a project
        where = Places(arguments.project, arguments.project / "dataset")
    else:
        where = places(arguments.project, arguments.dataset)
    code: int = arguments.run(where, arguments)
    return code


def main(argv: list[str] | None = None) -> int:
    """Run a command.

    Returns:
        0 for success, 1 for findings, 2 for wrong usage or input, 70 for an unexpected exception.
    """
    arguments = _parser().parse_args(argv)
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except ModuleNotFoundError as error:
        print(f"espress-build: {error.name} is not installed. Type: pip install 'espress[build]'", file=sys.stderr)
        return USAGE
    except BrokenPipeError:  # the reader, such as `head`, closed the pipe
        sys.stderr.close()
        return SOUND
    except (EspressError, OSError) as error:
        print(f"espress-build: {error}", file=sys.stderr)
        return USAGE
    except Exception:  # noqa: BLE001 - exit code 1 means findings, so no exception may cause it
        traceback.print_exc()
        print("espress-build: this is a bug; please report it with the lines above.", file=sys.stderr)
        return INTERNAL
    return code


if __name__ == "__main__":
    sys.exit(main())
