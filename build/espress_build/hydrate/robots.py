"""What a site's robots.txt allows, by RFC 9309. This module needs httpx and protego; import it in functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protego import Protego

from espress_build.hydrate.decompression import unpack
from espress_build.hydrate.outcomes import Limits, UnfetchedError

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from espress_build.hydrate.request import Answer

BYTES = 500 * 1024  # RFC 9309, 2.5: at least so much is read; what stands behind is not looked at
_REDIRECTS = 5  # 2.3.1.2
_OF_THE_SITE = frozenset({"bad_address", "host_not_found", "no_connection", "private_address", "tls_failure"})


@dataclass(frozen=True)
class _Rules:
    rules: Protego | None = None
    trouble: UnfetchedError | None = None


class Robots:
    """Asks each site once for its robots.txt and remembers the answer."""

    def __init__(self, ask: Callable[[httpx.URL, httpx.URL], Answer], agent: str, limits: Limits) -> None:
        """Keep how to ask one address that another led to, and the name that rules are looked up by."""
        self._ask, self._agent, self._limits = ask, agent, limits
        self._known: dict[tuple[str, str, int | None], _Rules] = {}

    def _asked(self, url: httpx.URL) -> _Rules:
        """Follow a robots.txt to where it lies. That there is none allows all; that it cannot be had, nothing."""
        first = url
        for _ in range(_REDIRECTS + 1):
            answer = self._ask(url, first)
            leads = answer.location()
            if leads is None:
                break
            url = leads
        else:
            raise UnfetchedError("robots_unreachable", f"more than {_REDIRECTS} redirects of robots.txt")
        if answer.status == 200:
            text = unpack(answer.body, answer.headers.get("content-encoding", ""), self._limits)
            whole = text if len(text) < BYTES else text[:BYTES].rpartition(b"\n")[0]
            return _Rules(Protego.parse(whole.decode("utf-8", "replace").removeprefix("\ufeff")))
        if 400 <= answer.status < 500 and answer.status != 429:
            return _Rules()
        said = f"robots.txt was answered with status {answer.status}"
        raise UnfetchedError("robots_unreachable", said, status=answer.status)

    def _of(self, url: httpx.URL) -> _Rules:
        key = (url.scheme, url.host, url.port)
        if key not in self._known:
            try:
                self._known[key] = self._asked(url.copy_with(raw_path=b"/robots.txt"))
            except UnfetchedError as error:
                kept = error.reason in _OF_THE_SITE
                reason = error.reason if kept else "robots_unreachable"
                self._known[key] = _Rules(trouble=UnfetchedError(reason, f"robots.txt: {error.detail}"))
        return self._known[key]

    def check(self, url: httpx.URL) -> None:
        """Pass an address that the site lets us ask for.

        Raises:
            UnfetchedError: it forbids it, or its rules could not be had.
        """
        found = self._of(url)
        if found.trouble is not None:
            raise found.trouble
        if found.rules is not None and not found.rules.can_fetch(str(url), self._agent):
            raise UnfetchedError("robots_forbids", f"robots.txt of {url.host} forbids it")

    def delay(self, url: httpx.URL) -> float:
        """Return the seconds that a site asks for between two requests; 0 where it is not known."""
        found = self._known.get((url.scheme, url.host, url.port))
        return (found.rules.crawl_delay(self._agent) or 0.0) if found is not None and found.rules is not None else 0.0
