"""Long commands show progress on a terminal, and write nothing to a file or a pipe."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import termios

from tests.helpers import PROJECT

COMMAND = (sys.executable, "-m", "espress_build.cli.main", "generate", "--check")


def test_progress_goes_to_a_terminal_alone() -> None:
    held, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    try:
        subprocess.run(COMMAND, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=terminal, check=False)
        shown = b""
        while select.select([held], [], [], 1)[0]:
            shown += os.read(held, 2**16)
        assert b"documents: 100%" in shown
    finally:
        os.close(held)
        os.close(terminal)
    piped = subprocess.run(COMMAND, cwd=PROJECT, capture_output=True, check=False)
    assert b"documents:" not in piped.stderr + piped.stdout
