"""Fetch and apply robots.txt, by RFC 9309."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from protego import Protego

from espress_build.hydrate.responses import Limits, Refused, decompress

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from espress_build.hydrate.client import Answer

BYTES = 500 * 1024  # RFC 9309, 2.5: at least so much must be read; the rest is ignored
_REDIRECTS = 5  # 2.3.1.2
_KEPT = frozenset({"bad_address", "host_not_found", "no_connection", "private_address", "tls_failure"})


class Robots:
    """Asks each site once for its robots.txt and remembers the answer."""

    def __init__(self, ask: Callable[[httpx.URL, httpx.URL], Answer], agent: str, limits: Limits) -> None:
        """Keep `ask`, which requests an address; its second argument is the address whose redirects led there.

        `agent` is our name in robots.txt.
        """
        self._ask, self._agent, self._limits = ask, agent, limits
        self._sites: dict[tuple[str, str, int | None], Protego | Refused] = {}

    def check(self, url: httpx.URL) -> None:
        """Raise Refused if the site forbids the address, or if its robots.txt cannot be fetched."""
        key = (url.scheme, url.host, url.port)
        if key not in self._sites:
            self._sites[key] = self._read(url.copy_with(raw_path=b"/robots.txt"))
        rules = self._sites[key]
        if isinstance(rules, Refused):
            raise rules
        if not rules.can_fetch(str(url), self._agent):
            raise Refused("robots_forbids", f"robots.txt of {url.host} forbids it")

    def delay(self, url: httpx.URL) -> float:
        """Return the seconds that a site wants between two requests; 0 if it states none or was not read yet."""
        rules = self._sites.get((url.scheme, url.host, url.port))
        return float(rules.crawl_delay(self._agent) or 0.0) if isinstance(rules, Protego) else 0.0

    def _drop_versions(self, text: str) -> str:
        """Return the rules without the version in lines that name us, such as `User-agent: espress-hydrate/1.0`.

        RFC 9309 asks for the name alone; protego takes the whole line for a name.
        """
        line = rf"^([ \t]*user-?agent[ \t]*:[ \t]*{re.escape(self._agent)})[/ \t(;,][^\r\n]*"
        return re.sub(line, r"\1", text, flags=re.IGNORECASE | re.MULTILINE)

    def _read(self, url: httpx.URL) -> Protego | Refused:
        try:
            return self._fetch(url)
        except Refused as error:
            reason = error.reason if error.reason in _KEPT else "robots_unreachable"
            return Refused(reason, f"robots.txt: {error.detail}")

    def _fetch(self, first: httpx.URL) -> Protego:
        """Fetch robots.txt, following redirects.

        If it does not exist, everything is allowed; if it cannot be fetched, nothing is.
        """
        url = first
        for _ in range(_REDIRECTS + 1):
            answer = self._ask(url, first)
            location = answer.location()
            if location is None:
                break
            url = location
        else:
            raise Refused("robots_unreachable", f"more than {_REDIRECTS} redirects")
        if answer.status == 200:
            text = decompress(answer.body, answer.headers.get("content-encoding", ""), self._limits)
            whole = text if len(text) < BYTES else text[:BYTES].rpartition(b"\n")[0]
            return Protego.parse(self._drop_versions(whole.decode("utf-8", "replace").removeprefix("\ufeff")))
        if 400 <= answer.status < 500 and answer.status != 429:
            return Protego.parse("")
        raise Refused("robots_unreachable", f"status {answer.status}", status=answer.status)
