"""Trying again what failed in passing: a server that is busy, restarting or out of reach."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from espress_build.release.publish.errors import ServerError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
_TRIES = 6
_LONGEST = 300.0  # seconds; a server that asks for more is not waited for
_PASSING = frozenset({408, 425, 429})


def _pause(seconds: float) -> None:
    """Wait; tests put something quicker in its place."""
    time.sleep(seconds)


def passing(error: ServerError) -> bool:
    """Return whether the same request may succeed later: no answer, throttled, or a fault of the server."""
    return error.status is None or error.status in _PASSING or error.status >= 500


def insist(act: Callable[[], T]) -> T:
    """Return what `act` returns, trying again after failures in passing, each time waiting twice as long.

    An answer can be lost after the work was done, so `act` must look first at what there is, and do only what is left.

    Raises:
        ServerError: it was refused, or failed in passing too often.
    """
    for attempt in range(_TRIES - 1):
        try:
            return act()
        except ServerError as error:
            wait = 2.0**attempt if error.wait is None else error.wait
            if not passing(error) or wait > _LONGEST:
                raise
            _pause(wait)
    return act()
