"""Escape text for terminals, so that control characters from files or servers have no effect."""

from __future__ import annotations

import argparse
import io
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import TYPE_CHECKING, Any, NoReturn

from espress.text import escape_lines

if TYPE_CHECKING:
    from collections.abc import Iterator


class Parser(argparse.ArgumentParser):
    """A parser that escapes the texts in its messages, such as the name of a file."""

    def error(self, message: str) -> NoReturn:
        """Print the message and exit with code 2."""
        super().error(escape_lines(message))


class _Escaped:
    """A text stream that escapes the text written to it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> Any:
        begin = "\r" if text.startswith("\r") else ""  # progress bars return to the start of the line with it
        return self._stream.write(begin + escape_lines(text.removeprefix(begin)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def escaped_output() -> Iterator[None]:
    """Escape everything that is printed inside a `with` statement, to the standard output or the standard error.

    The escapes are those of JSON, so that lines of JSON keep their meaning. Characters that the terminal's encoding
    lacks are escaped, too.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            with suppress(OSError):  # a stream whose file was replaced by a pipe cannot be flushed here
                stream.reconfigure(errors="backslashreplace")
    out: Any = _Escaped(sys.stdout)
    error: Any = _Escaped(sys.stderr)
    with redirect_stdout(out), redirect_stderr(error):
        yield


def report_error(program: str, message: object) -> None:
    """Print an error to the standard error."""
    print(f"{program}: {escape_lines(str(message))}", file=sys.stderr)


def report_bug(program: str) -> None:
    """Print the exception that is being handled, and ask for a report."""
    import traceback

    print(escape_lines(traceback.format_exc()), file=sys.stderr)
    report_error(program, "this is a bug; please report it with the lines above.")
