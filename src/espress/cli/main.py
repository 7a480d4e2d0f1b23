"""The command `espress`, for use of the corpus without writing Python."""

from __future__ import annotations

import argparse
import errno
import io
import sys
from contextlib import suppress

from espress.cli import (
    INTERNAL,
    SOUND,
    USAGE,
    audit,
    cite,
    export,
    hydrate,
    info,
    links,
    probe,
    rejoin,
    show,
    verify,
)
from espress.errors import EspressError

_COMMANDS = (info, show, cite, verify, audit, export, hydrate, links, probe, rejoin)
_NO_SPACE = (errno.ENOSPC, errno.EFBIG, errno.EIO)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line, with all subcommands."""
    parser = argparse.ArgumentParser(prog="espress", description="The ESPRESS corpus: look, cite, check.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add_parser(commands)
        commands.choices[command.__name__.rpartition(".")[2]].set_defaults(run=command.run)
    return parser


def _escape_unprintable() -> None:
    """Escape characters that the terminal's encoding lacks, so that every name can be printed."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def main(argv: list[str] | None = None) -> int:
    """Run a command.

    Returns:
        0 for success, 1 for findings, 2 for wrong usage or input, 70 for an unexpected exception, 130 for Ctrl-C.
    """
    arguments = make_parser().parse_args(argv)
    _escape_unprintable()
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except EspressError as error:
        print(f"espress: {error}", file=sys.stderr)
        return USAGE
    except BrokenPipeError:  # the reader, such as `head`, closed the pipe
        sys.stderr.close()
        return SOUND
    except Exception as error:  # noqa: BLE001 - exit code 1 means findings, so no exception may cause it
        if isinstance(error, OSError) and error.errno in _NO_SPACE:
            print(f"espress: cannot write output: {error}. Free some disk space and try again.", file=sys.stderr)
            with suppress(OSError):  # otherwise Python would write it again when it exits
                sys.stdout.close()
            return USAGE
        import traceback

        traceback.print_exc()
        print("espress: this is a bug in espress; please report it with the lines above.", file=sys.stderr)
        return INTERNAL
    return code


if __name__ == "__main__":
    sys.exit(main())
