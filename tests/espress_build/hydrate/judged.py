"""Fetching and judging as hydration does them, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress_build.hydrate.judge import judge
from espress_build.hydrate.responses import Fetched, Refused
from espress_build.pages.propose import PageProposal, propose_saved
from espress_build.pages.read import Failure, Saved

if TYPE_CHECKING:
    from tests.espress_build.hydrate.conftest import World

    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries

SLUG = "/2019/07/23/port-planner-held-over-harbour-maps"


def fetched(world: World, url: str, **asked: Any) -> Any:
    with world.fetcher() as fetcher:
        return fetcher.fetch(url, **asked)


def refused(world: World, url: str) -> Refused:
    answer = fetched(world, url)
    assert isinstance(answer, Refused), answer
    return answer


class Judge:
    """Reads a page as hydration does and judges it."""

    def __init__(self, registries: Registries, params: Params) -> None:
        """Keep what reading needs."""
        self.given = registries, params

    def read(self, got: Fetched) -> PageProposal | Failure:
        """Return what the page seems to be."""
        return propose_saved(Saved("page", got.payload, got.final_url, got.charset), *self.given)

    def reason(self, got: Any, **row: object) -> str | None:
        """Return the reason why a page is refused, None if it is not."""
        verdict = self._judge(got, None, row)
        return verdict.reason if isinstance(verdict, Refused) else None

    def warned(self, got: Any, before: str | None = None, **row: object) -> list[str]:
        """Return the warnings about a page that is not refused."""
        verdict = self._judge(got, before, row)
        assert not isinstance(verdict, Refused), verdict
        return verdict

    def _judge(self, got: Any, before: str | None, row: dict[str, Any]) -> Refused | list[str]:
        assert isinstance(got, Fetched), got
        return judge(got, {"language": "en", "published": "2019-07-23", **row}, self.read(got), before)
