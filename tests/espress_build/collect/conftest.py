"""Worker processes that go on running between tests: starting one, with all that reads pages, takes seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from espress_build.collect import engines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.collect.choice import Choice
    from espress_build.pages.worker_pool import WorkerPool

Pools = dict[tuple[str, int], "WorkerPool"]


@pytest.fixture(scope="session")
def _pools() -> Iterator[Pools]:
    pools: Pools = {}
    yield pools
    for pool in pools.values():
        pool.end()


@pytest.fixture(autouse=True)
def _workers_are_kept(_pools: Pools, monkeypatch: pytest.MonkeyPatch) -> None:
    make = engines._make_pool

    def make_once(choice: Choice, workers: int) -> WorkerPool:
        key = repr(choice), workers
        if key not in _pools:
            _pools[key] = make(choice, workers)
            _pools[key].keep = True
        return _pools[key]

    monkeypatch.setattr(engines, "_make_pool", make_once)
