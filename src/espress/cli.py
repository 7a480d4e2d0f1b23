"""The command `espress`: what users ask of the corpus without writing Python."""

from __future__ import annotations

import argparse
import sys

from espress.errors import EspressError

SOUND, FINDINGS, USAGE = 0, 1, 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="espress", description="The ESPRESS corpus: look, cite, check.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("info", help="what the dataset holds, and what it cannot support")
    cite = commands.add_parser("cite", help="how to cite the dataset, with the hash of its bytes")
    cite.add_argument("--style", default="bibtex", help="bibtex (default), apa, ris, csl-json, cff")
    verify = commands.add_parser("verify", help="compare every byte with SHA256SUMS; exit code 1 if one differs")
    verify.add_argument("path", nargs="?", help="a dataset folder; the bundled dataset if left out")
    show = commands.add_parser("show", help="one article as a person reads it")
    show.add_argument("article_id")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    if arguments.command == "verify":
        from espress.verifying import verify

        report = verify(arguments.path)
        print(report)
        return FINDINGS if report.problems else SOUND
    if arguments.command == "cite":
        from espress.citing import cite

        print(cite(arguments.style))
        return SOUND
    from espress.showing import info, show

    print(info() if arguments.command == "info" else show(arguments.article_id))
    return SOUND


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns 0 when all is sound, 1 for findings, 2 for wrong usage or input."""
    arguments = _parser().parse_args(argv)
    try:
        return _run(arguments)
    except EspressError as error:
        print(f"espress: {error}", file=sys.stderr)
        return USAGE
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        sys.stderr.close()
        return SOUND


if __name__ == "__main__":
    sys.exit(main())
