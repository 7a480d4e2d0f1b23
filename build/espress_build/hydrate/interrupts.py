"""Ctrl-C: it ends the asking at once, and waits while pages are read and tables are made."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Stop:
    """Whether somebody typed Ctrl-C while it was held back."""

    typed: bool = False

    def _take(self, *_: object) -> None:
        """Remember the first; the next one ends the process, with no exception that a library might swallow."""
        self.typed = True
        sys.stderr.write("Stopping; the tables are made first. Ctrl-C again ends it at once: the tables stay old.\n")
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold Ctrl-C back for a while; where it is ignored, or never comes (in other threads), nothing is to be done.

        Libraries that read pages swallow whatever is raised within them, and would go on with half an answer.
        """
        of_main = threading.current_thread() is threading.main_thread()
        if not of_main or signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            yield
            return
        before = signal.signal(signal.SIGINT, self._take)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before or signal.SIG_DFL)
