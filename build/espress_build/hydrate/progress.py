"""The progress of a run: its bar on a terminal, and Ctrl-C."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_Item = TypeVar("_Item")


def bar(items: Iterable[_Item], total: int, what: str, unit: str) -> Iterable[_Item]:
    """Return the items, with a progress bar on stderr if it is a terminal; none if there are no items."""
    if not total:
        return items
    from tqdm import tqdm

    return tqdm(items, total=total, desc=what, unit=f" {unit}", disable=None)  # type: ignore[no-any-return]


def now() -> str:
    """Return the moment, in UTC to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@dataclass
class Interrupt:
    """Whether Ctrl-C was typed in a run."""

    typed: bool = False

    @contextmanager
    def end_block(self) -> Iterator[None]:
        """Let Ctrl-C end this block and not the run."""
        try:
            yield
        except KeyboardInterrupt:
            self.typed = True
            sys.stderr.write("Stopped; tables are made of what is here.\n")

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold Ctrl-C back in this block, because libraries that read pages swallow exceptions raised inside them.

        Nothing is done in other threads, which never receive it, and if the process ignores it.
        """
        in_main = threading.current_thread() is threading.main_thread()
        if not in_main or signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            yield
            return
        before = signal.signal(signal.SIGINT, self._take)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before or signal.SIG_DFL)

    def _take(self, *_: object) -> None:
        """Remember the first Ctrl-C; the second ends the process without an exception that could be swallowed."""
        self.typed = True
        sys.stderr.write("Stopping after the tables are made. Ctrl-C again stops at once: the old tables stay.\n")
        signal.signal(signal.SIGINT, signal.SIG_DFL)
