"""The command `espress`: what users ask of the corpus without writing Python."""

from __future__ import annotations

import argparse
import errno
import io
import sys
from contextlib import suppress

from espress.cli import audit as audit_command
from espress.cli import export as export_command
from espress.cli import hydrate as hydrate_command
from espress.cli import probe, rejoin
from espress.errors import EspressError
from espress_build.hydrate import links as links_command

SOUND, FINDINGS, USAGE = 0, 1, 2
_OWN = {
    "audit": audit_command.run,
    "export": export_command.run,
    "hydrate": hydrate_command.run,
    "links": links_command.run,
    "rejoin": rejoin.run,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="espress", description="The ESPRESS corpus: look, cite, check.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("info", help="what the dataset holds, and what it cannot support")
    cite = commands.add_parser("cite", help="how to cite the dataset, with the hash of its bytes")
    cite.add_argument("--style", default="bibtex", help="bibtex (default), apa, ris, csl-json, cff")
    cite.add_argument("--version", help="a released version; the bundled dataset if left out")
    cite.add_argument("--edition", help="full or open; the bundled one, or full with --version, if left out")
    verify = commands.add_parser(
        "verify", help="compare every byte with releases.json, or with SHA256SUMS; exit code 1 if one differs"
    )
    verify.add_argument(
        "path", nargs="?", help="a dataset folder, an archive or a version; the bundled dataset if left out"
    )
    audit_command.add_parser(commands)
    export_command.add_parser(commands)
    hydrate_command.add_parser(commands)
    links_command.add_parser(commands)
    probe.add_parser(commands)
    rejoin.add_parser(commands)
    show = commands.add_parser("show", help="one article as a person reads it")
    show.add_argument("article_id")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    if arguments.command == "verify":
        from espress.data.integrity import verify

        report = verify(arguments.path)
        print(report)
        return FINDINGS if report.problems else SOUND
    if arguments.command in _OWN:
        return _OWN[arguments.command](arguments)
    if arguments.command == "probe":
        print(probe.answer(arguments))
        return SOUND
    if arguments.command == "cite":
        from espress.citation import cite

        print(cite(arguments.style, arguments.version, edition=arguments.edition))
        return SOUND
    from espress.display import info, show

    print(info() if arguments.command == "info" else show(arguments.article_id))
    return SOUND


def _printable() -> None:
    """Let every name be printed, whatever the terminal's character set: what it lacks is escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns 0 when all is sound, 1 for findings, 2 for wrong usage or input."""
    arguments = _parser().parse_args(argv)
    _printable()
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except EspressError as error:
        print(f"espress: {error}", file=sys.stderr)
        return USAGE
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        sys.stderr.close()
        return SOUND
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EFBIG, errno.EIO):
            raise
        print(f"espress: what there is to say could not be written: {error}. Make room.", file=sys.stderr)
        with suppress(OSError):  # it would be tried again at the end
            sys.stdout.close()
        return USAGE
    return code


if __name__ == "__main__":
    sys.exit(main())
