"""The helper process that `multiprocessing` starts, which outlives the workers."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def end_tracker() -> Iterator[None]:
    """End the process that `multiprocessing` starts beside ours to clean up after it, unless it ran before."""
    from multiprocessing import resource_tracker

    tracker: Any = getattr(resource_tracker, "_resource_tracker", None)
    was_running = getattr(tracker, "_fd", None) is not None
    try:
        yield
    finally:
        if hasattr(tracker, "_stop") and not was_running:
            tracker._stop()  # noqa: SLF001 - there is no public way
