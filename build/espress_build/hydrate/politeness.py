"""When a host may be asked again."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from espress_build.hydrate.outcomes import UnfetchedError

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from espress_build.hydrate.outcomes import Limits


def asked_to_wait(retry_after: str, now: datetime) -> float | None:
    """Return the seconds that a `Retry-After` line asks for, given as seconds or as a date; null for anything else."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def back_off(url: str, tries: int, base: float) -> float:
    """Return the pause after so many failed tries: it doubles, and half of it differs from address to address."""
    drawn = hashlib.sha256(f"{tries} {url}".encode("utf-8", "replace")).digest()[0] / 255
    return float(base * 2 ** (tries - 1) * (1 + drawn) / 2)


def host_key(url: httpx.URL) -> str:
    """Return what addresses of one server have in common."""
    name = url.host.removeprefix("www.")
    return name if url.port in (None, 80, 443) else f"{name}:{url.port}"


class Pace:
    """Remembers, for each host, the moment before which it is not asked.

    A host is what `host_key` makes of it: `www.` in front makes no other one, an unusual port does.
    """

    def __init__(self, limits: Limits, sleep: Callable[[float], None], clock: Callable[[], float]) -> None:
        """Begin with no host asked; `sleep` and `clock` count seconds."""
        self._limits, self._sleep, self._clock = limits, sleep, clock
        self._next: dict[str, float] = {}

    def hold(self, host: str, seconds: float) -> None:
        """Leave a host alone for so many seconds from now, or longer where that was said before."""
        self._next[host] = max(self._next.get(host, 0.0), self._clock() + seconds)

    def answered(self, host: str, delay: float = 0.0) -> None:
        """Leave a host alone after an answer: for our delay or its own, whichever is longer, within the limit."""
        self.hold(host, max(self._limits.delay, min(delay, self._limits.wait_most)))

    def wait(self, host: str) -> None:
        """Sleep until a host may be asked.

        Raises:
            UnfetchedError: it asked for more patience than we have (`too_many_requests`).
        """
        left = self._next.get(host, 0.0) - self._clock()
        if left > max(self._limits.wait_most, self._limits.delay):
            raise UnfetchedError("too_many_requests", f"{host} is to be left alone for {left:.0f} seconds")
        if left > 0:
            self._sleep(left)
