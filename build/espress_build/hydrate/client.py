"""Fetching a page politely and safely: robots.txt, one request at a time, a delay a host, bounds on everything.

    with Fetcher() as fetcher:
        answer = fetcher.fetch("https://…", around="2019-07-23")

Asked are http and https, on their own ports and on the one that the address itself names. Each redirect is checked as
the first address was, robots.txt included; one from https to http is followed, and noted by who judges the page. No
cookie is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from espress.errors import MissingLibraryError
from espress_build.hydrate.archive import ARCHIVE
from espress_build.hydrate.outcomes import Got, Limits, Refused, Touched, Unchanged, UnfetchedError, Validators

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    import httpx

    from espress_build.hydrate.politeness import Pace
    from espress_build.hydrate.request import Answer, Asker
    from espress_build.hydrate.robots import Robots
    from espress_build.hydrate.safe_transport import Dial, Resolve

__all__ = ["ARCHIVE", "Fetcher", "Got", "Limits", "Refused", "Touched", "Unchanged", "Validators"]

TOKEN = "espress-hydrate"  # noqa: S105 - what robots.txt calls us, and no secret
_RETRIED = frozenset({"incomplete", "no_connection", "server_error", "too_many_requests"})
_GONE = frozenset({"not_found", "gone", "host_not_found"})
_ACCEPTED = {"Accept": "text/html,application/xhtml+xml,text/plain;q=0.9,*/*;q=0.1"}


def _agent() -> str:
    from importlib.metadata import version

    return f"{TOKEN}/{version('espress')} (reads single articles for research; one request at a time)"


def _status_error(answer: Answer, now: datetime) -> UnfetchedError:
    """Say what a status other than 200 and 304 means for us."""
    from espress_build.hydrate.politeness import asked_to_wait

    known = {401: "login_wall", 402: "login_wall", 404: "not_found", 410: "gone", 429: "too_many_requests"}
    by_class = "server_error" if answer.status >= 500 else "refused"
    reason = "empty_page" if answer.status in (204, 205) else known.get(answer.status, by_class)
    after = asked_to_wait(answer.headers.get("retry-after", ""), now) if answer.status in (429, 503) else None
    said = f"status {answer.status}" + (f", with the wish to wait {after:.0f} seconds" if after is not None else "")
    return UnfetchedError(reason, said, status=answer.status, after=after)


@dataclass
class Fetcher:
    """Fetches pages; a context manager that keeps what it learns of hosts while it lives.

    `archive` is the address of a TimeGate (see `mementos`), null for none; `verify` a file of authorities or a
    context of TLS; `sleep`, `clock`, `now`, `resolve` and `dial` are the world, which tests put in another's place.

    Raises:
        MissingLibraryError: `espress[hydrate]` is not installed.
    """

    limits: Limits = field(default_factory=Limits)
    _: KW_ONLY
    allow_private: bool = False
    archive: str | None = ARCHIVE
    agent: str = field(default_factory=_agent)
    verify: str | ssl.SSLContext | None = None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    resolve: Resolve | None = None
    dial: Dial | None = None
    _asker: Asker = field(init=False, repr=False)
    _pace: Pace = field(init=False, repr=False)
    _robots: Robots = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Load the libraries and open the way to the network; nothing is asked yet."""
        try:
            from espress_build.hydrate.request import Asker, tls_context
            from espress_build.hydrate.robots import Robots
            from espress_build.hydrate.safe_transport import Guard, Watch, dial, look_up
        except ModuleNotFoundError as error:
            missing = error.name or "a library"
            raise MissingLibraryError(missing, "Fetching pages", "pip install 'espress[hydrate]'") from error
        from espress_build.hydrate.politeness import Pace

        watch = Watch(self.clock, 0.0)
        guard = Guard(self.allow_private, watch, self.resolve or look_up, self.dial or dial)
        self._asker = Asker(self.limits, guard, tls_context(self.verify), self.agent)
        self._pace = Pace(self.limits, self.sleep, self.clock)
        self._robots = Robots(self._ask_robots, TOKEN, self.limits)

    def __enter__(self) -> Self:
        """Return the fetcher."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close what is open."""
        self._asker.close()

    def fetch(
        self, url: str, *, known: Validators | None = None, around: str | None = None, live: bool = True
    ) -> Got | Unchanged | Refused:
        """Fetch a page, or its copy in the archive when it is gone.

        `known` asks for it only if it changed; `around` (a day or a month) chooses the copy. With `live` false the
        address is not asked for at all, and of copies only those count that were taken about that day.
        """
        if not live:
            return self._copy(url, around, Refused(url, "do_not_fetch", "the address itself is not asked for"))
        try:
            return self._live(url, known)
        except UnfetchedError as error:
            refused = error.refused(url)
        except Exception as error:  # noqa: BLE001 - a server that anybody runs, libraries of others: the next page comes
            return Refused(
                url, "server_error", f"unforeseen: {type(error).__name__}: {str(error)[:200]}", None, again=True
            )
        return self._copy(url, around, refused) if refused.reason in _GONE else refused

    def greet(self, url: str) -> None:
        """Learn a site's robots.txt ahead of its turn, so that its first page need not wait for the delay behind it."""
        with contextlib.suppress(UnfetchedError):  # `fetch` will say it
            self._robots.check(self._address(url, url))

    def touch(self, url: str) -> Touched | Refused:
        """Ask once, without a body, whether an address still answers; nothing is followed and nothing repeated."""
        try:
            target = self._address(url, url)
            self._robots.check(target)
            answer = self._paced(target, _ACCEPTED, method="HEAD")
            leads = answer.location()
        except UnfetchedError as error:
            return error.refused(url)
        return Touched(url, answer.status, str(leads) if leads is not None else None, self._today())

    def _today(self) -> str:
        return self.now().astimezone(UTC).isoformat(timespec="seconds")

    def _address(self, url: str | httpx.URL, asked: str) -> httpx.URL:
        """Check an address that `asked` is, or leads to: it may name the port that `asked` names."""
        from espress_build.hydrate.request import address

        own = address(asked, any_port=True).port
        return address(url, frozenset({own} if own else ()), any_port=self.allow_private)

    def _paced(self, url: httpx.URL, headers: dict[str, str], *, method: str = "GET") -> Answer:
        """Ask when the host's turn has come."""
        from espress_build.hydrate.mimetypes import check_type, media_type
        from espress_build.hydrate.politeness import host_key

        self._pace.wait(host_key(url))
        try:
            return self._asker.ask(
                url, headers, method=method, wanted=lambda got: check_type(media_type(got.get("content-type", ""))[0])
            )
        finally:
            self._pace.answered(host_key(url), self._robots.delay(url))

    def _ask_robots(self, url: httpx.URL, first: httpx.URL) -> Answer:
        from espress_build.hydrate.politeness import host_key
        from espress_build.hydrate.robots import BYTES

        target = self._address(url, str(first))
        self._pace.wait(host_key(target))
        try:
            return self._asker.ask(target, {"Accept-Encoding": "identity"}, cut_at=BYTES)
        finally:
            self._pace.answered(host_key(target))

    def _patiently(self, url: httpx.URL, headers: dict[str, str]) -> Answer:
        """Ask, and again after a pause where that may help."""
        from espress_build.hydrate.politeness import back_off, host_key

        for tried in range(1, self.limits.tries + 1):
            try:
                answer = self._paced(url, headers)
                if answer.status in (200, 304) or answer.location() is not None:
                    return answer
                raise _status_error(answer, self.now())
            except UnfetchedError as error:
                pause = back_off(str(url), tried, max(self.limits.delay, 1.0)) if error.after is None else error.after
                if error.reason in _RETRIED:
                    self._pace.hold(host_key(url), pause)
                if error.reason not in _RETRIED or tried == self.limits.tries or pause > self.limits.wait_most:
                    raise
        raise AssertionError  # the last try returns or raises

    def _followed(self, url: str, headers: dict[str, str]) -> Answer:
        """Ask, and go where the answers lead."""
        target, seen = self._address(url, url), set[str]()
        for _ in range(self.limits.redirects_most + 1):
            if str(target) in seen:
                raise UnfetchedError("too_many_redirects", f"leads back to {str(target)[:200]}")
            seen.add(str(target))
            self._robots.check(target)
            answer = self._patiently(target, _ACCEPTED | headers)
            leads = answer.location()
            if leads is None:
                return answer
            target = self._address(leads, url)
        raise UnfetchedError("too_many_redirects", f"more than {self.limits.redirects_most} redirects")

    def _got(self, url: str, answer: Answer) -> Got:
        from espress_build.hydrate.decompression import unpack
        from espress_build.hydrate.mimetypes import check_bytes, media_type

        headers = answer.headers
        payload = unpack(answer.body, headers.get("content-encoding", ""), self.limits)
        check_bytes(payload)
        kind, charset = media_type(headers.get("content-type", ""))
        validators = Validators(headers.get("etag"), headers.get("last-modified"))
        digest = hashlib.sha256(payload).hexdigest()
        return Got(
            url, str(answer.url), answer.status, self._today(), kind or None, charset, payload, digest, validators
        )

    def _live(self, url: str, known: Validators | None) -> Got | Unchanged:
        asked = {}
        if known is not None and known.etag:
            asked["If-None-Match"] = known.etag
        if known is not None and known.last_modified:
            asked["If-Modified-Since"] = known.last_modified
        answer = self._followed(url, asked)
        if answer.status == 304:
            if asked:
                return Unchanged(url, self._today())
            raise UnfetchedError("server_error", "says that nothing changed, which was not asked", status=304)
        return self._got(url, answer)

    def _copy(self, url: str, around: str | None, refused: Refused) -> Got | Refused:
        """Return the archive's copy, or the refusal with what the archive said to it."""
        from dataclasses import replace

        from espress_build.hydrate.archive import check_near, gate, moment_of, taken_at

        moment, strict = moment_of(around), refused.reason == "do_not_fetch"
        if self.archive is None or (strict and moment is None):
            return refused
        try:
            self._address(url, url)  # what is no address is no address of a copy
            answer = self._followed(*gate(self.archive, url, moment))
            taken = taken_at(str(answer.url), answer.headers)
            if strict and moment is not None:
                check_near(taken, moment)
            got = self._got(url, answer)
        except UnfetchedError as error:
            said = f"{refused.detail}; archive: {error.detail}"
            return replace(refused, detail=said, again=refused.again or error.refused(url).again)
        return replace(got, archive_url=got.final_url, archived_at=taken.isoformat(timespec="seconds"))
