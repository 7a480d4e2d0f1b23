"""A misbehaving server, and a fetcher that finds it under any name of `.example`."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from tests.espress_build.hydrate.judged import Judge
from tests.espress_build.hydrate.server import Server, serving
from tests.espress_build.pipeline.conftest import params, registries

from espress_build.hydrate.client import Fetcher
from espress_build.hydrate.responses import FetchError, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries

__all__ = ["params", "registries"]

# Small, so that tests are quick; none is so small that a busy machine meets it by chance.
LIMITS = Limits(
    bytes_most=200_000, decompressed_most=400_000, ratio_most=200, seconds_connect=20, seconds_read=20,
    seconds_total=20, redirects_most=4, tries=3, delay=5, wait_most=100,
)  # fmt: skip


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@dataclass(repr=False)  # it would grow with every request
class World:
    """Fetchers whose waiting is written down and not done; names that end in `.example` lead to loopback."""

    slept: list[float] = field(default_factory=list)

    def fetcher(self, *, limits: Limits = LIMITS, archive: str | None = None, trusted: Path | None = None) -> Fetcher:
        """Return a fetcher that may go to loopback; `trusted` is the certificate of an authority."""
        tls = ssl.create_default_context(cafile=trusted) if trusted else None
        return Fetcher(
            limits, allow_private=True, archive=archive, tls=tls, sleep=self.slept.append, resolve=self.resolve
        )

    def limited(self, **changes: float) -> Fetcher:
        """Return a fetcher with other limits."""
        return self.fetcher(limits=replace(LIMITS, **changes))  # type: ignore[arg-type]

    def resolve(self, host: str, _: int) -> list[str]:
        """Return loopback for invented names and for itself."""
        if host.endswith(".example") or host == "127.0.0.1":
            return ["127.0.0.1"]
        raise FetchError("host_not_found", f"{host} is no name of this test")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def judge(registries: Registries, params: Params) -> Judge:
    return Judge(registries, params)
