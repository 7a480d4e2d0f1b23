"""The command `espress`."""

from __future__ import annotations

import errno
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from espress.cli import (
    INTERNAL,
    SOUND,
    USAGE,
    audit,
    cite,
    collect,
    export,
    hydrate,
    info,
    links,
    probe,
    rejoin,
    show,
    verify,
)
from espress.cli.terminal import Parser, escaped_output, report_bug, report_error
from espress.errors import EspressError

if TYPE_CHECKING:
    import argparse

_COMMANDS = (info, show, verify, export, audit, probe, hydrate, collect, links, rejoin, cite)  # in the order of work
_NO_SPACE = (errno.ENOSPC, errno.EFBIG, errno.EIO)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line, with all subcommands."""
    parser = Parser(prog="espress", description="Look at the ESPRESS corpus, check, export, use, extend and cite it.")
    parser.add_argument("--version", action="store_true", help="print the versions of the package and of its data")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for command in _COMMANDS:
        command.add_parser(commands)
        commands.choices[command.__name__.rpartition(".")[2]].set_defaults(run=command.run)
    return parser


def _describe_versions() -> str:
    from espress.data.resolve import find
    from espress.installation import read_version

    try:
        data = find()
        stated = f"{data.version} ({data.edition} edition, root {data.root})"
    except EspressError as error:
        stated = str(error)
    return f"espress {read_version()}\ndata    {stated}"


def _run(argv: list[str] | None) -> int:
    parser = make_parser()
    arguments = parser.parse_args(argv)
    if arguments.version is True and arguments.command is None:
        print(_describe_versions())
        return SOUND
    if arguments.command is None:
        parser.print_help()
        return SOUND
    code: int = arguments.run(arguments)
    sys.stdout.flush()
    return code


def main(argv: list[str] | None = None) -> int:
    """Run a command.

    Returns:
        0 for success, 1 for findings, 2 for wrong usage or input, 70 for an unexpected exception, 130 for Ctrl-C.
    """
    try:
        with escaped_output():
            return _run(argv)
    except EspressError as error:
        report_error("espress", error)
        return USAGE
    except BrokenPipeError:  # the reader, such as `head`, closed the pipe
        sys.stderr.close()
        return SOUND
    except OSError as error:
        if error.errno not in _NO_SPACE:
            report_error("espress", f"cannot read or write {_name_place(error)}. Name another place.")
            return USAGE
        report_error("espress", f"cannot write output: {error}. Free some disk space and try again.")
        with suppress(OSError):  # otherwise Python would write it again when it exits
            sys.stdout.close()
        return USAGE
    except Exception:  # noqa: BLE001 - exit code 1 means findings, so no exception may cause it
        report_bug("espress")
        return INTERNAL


def _name_place(error: OSError) -> str:
    """Return the message of an error, which begins with the name of the file if it has one."""
    return str(error) if error.filename is None else f"{error.filename}: {error.strerror}"


if __name__ == "__main__":
    sys.exit(main())
