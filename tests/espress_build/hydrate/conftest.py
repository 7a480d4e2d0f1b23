"""Fixtures: a misbehaving server, a client for which every name in `.example` is that server, and a small site."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress_build.hydrate import site
from tests.espress_build.hydrate.server import PathServer
from tests.web_server import serving

from espress_build.hydrate import drafts, transport
from espress_build.hydrate.client import Fetcher
from espress_build.hydrate.judge import judge as judge_page
from espress_build.hydrate.responses import Fetched, Limits, Refused
from espress_build.pages.propose import PageProposal, propose_saved
from espress_build.pages.saved import Failure, Saved

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries


# Small, so that tests are quick; none is so small that a busy machine meets it by chance.
LIMITS = Limits(
    bytes_most=200_000, decompressed_most=400_000, ratio_most=200, seconds_connect=20, seconds_read=20,
    seconds_total=20, redirects_most=4, tries=3, delay=5, wait_most=100,
)  # fmt: skip


@pytest.fixture
def server() -> Iterator[PathServer]:
    with serving(PathServer()) as running:
        yield running


@dataclass(repr=False)  # the repr would grow with every request
class Web:
    """Fetchers that record pauses instead of sleeping, and resolve names that end in `.example` to loopback."""

    monkeypatch: pytest.MonkeyPatch
    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.monkeypatch.setattr(transport, "resolve_host", self.resolve)

    def fetcher(self, *, limits: Limits = LIMITS, archive: str | None = None, trusted: Path | None = None) -> Fetcher:
        """Return a fetcher that may go to loopback; `trusted` is the certificate of an authority."""
        if trusted:
            self.monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        return Fetcher(limits, allow_private=True, archive=archive, sleep=self.slept.append)

    def limited(self, **changes: float) -> Fetcher:
        """Return a fetcher with other limits."""
        return self.fetcher(limits=replace(LIMITS, **changes))  # type: ignore[arg-type]

    def resolve(self, host: str, _: int) -> list[str]:
        """Return loopback for invented names and for itself."""
        if host.endswith(".example") or host == "127.0.0.1":
            return ["127.0.0.1"]
        raise Refused("host_not_found", f"{host} is not a name of this test")


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Web:
    return Web(monkeypatch)


def fetched(web: Web, url: str, *, archive: str | None = None, **asked: Any) -> Any:
    """Return the answer of a new fetcher."""
    with web.fetcher(archive=archive) as fetcher:
        return fetcher.fetch(url, **asked)


def refused(web: Web, url: str, **asked: Any) -> Refused:
    """Return the refusal of a new fetcher."""
    answer = fetched(web, url, **asked)
    assert isinstance(answer, Refused), answer
    return answer


class Judge:
    """Reads and judges a page as hydration does."""

    def __init__(self, registries: Registries, params: Params) -> None:
        """Keep what reading needs."""
        self.given = registries, params

    def read(self, got: Fetched) -> PageProposal | Failure:
        """Return the proposal for a page."""
        return propose_saved(Saved("page", got.payload, got.final_url, got.charset), *self.given)

    def reason(self, got: Any, **row: Any) -> str | None:
        """Return the reason why a page is refused, None if it is not."""
        try:
            self.warned(got, **row)
        except Refused as refused:
            return refused.reason
        return None

    def warned(self, got: Any, before: str | None = None, **row: object) -> list[str]:
        """Return the warnings about a page that is not refused."""
        assert isinstance(got, Fetched), got
        return judge_page(got, {"language": "en", "published": "2019-07-23", **row}, self.read(got), before)


@pytest.fixture
def judge(registries: Registries, params: Params) -> Judge:
    return Judge(registries, params)


@pytest.fixture
def world(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[site.World]:
    """A site of two pages and a missing one, with nothing fetched; pages are read in this process."""
    monkeypatch.setattr(drafts, "read_pages", site.read_in_this_process)
    with serving(site.Site()) as pages:
        yield site.World(project, tmp_path, pages, ["arc-en.html", "wordpress-cs.html"])
