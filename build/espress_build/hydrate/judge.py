"""Whether what came is the catalogued article: what it is instead, and what is odd about it. No network, no state."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from espress.urls import page_key
from espress_build.hydrate.outcomes import Got, Refused
from espress_build.hydrate.same_article import NEAR_DAYS, days_apart, fact, likeness, moved

if TYPE_CHECKING:
    from espress_build.hydrate.page_text import Shown
    from espress_build.pages.propose import PageProposal
    from espress_build.pages.read import Failure

# Letters, those of scripts without spaces counted for several.
_TEASER = 1200  # an article that a wall cuts off shows at most so much
_WALL = 4000  # all the words of a page that only asks for consent
_LITTLE = 400  # less is hardly an article
_SHORT_TITLE = 90  # a page that says that there is none says little else in its title
_FRONT = re.compile(r"/?(?:index\.\w{2,5}|home|[a-z]{2}(?:-[a-z]{2})?)?/?", re.IGNORECASE)


def _size(text: str) -> int:
    from espress_build.pages.paragraphs import length

    return length(text)


def _body(proposal: PageProposal | Failure) -> list[str]:
    """Return the paragraphs of the article that was found in a page; none where none was."""
    from espress_build.pages.propose import PageProposal

    if not isinstance(proposal, PageProposal):
        return []
    return [part.text for part in proposal.paragraphs if part.role == "body"]


def _share(paragraphs: list[str], kind: Any) -> float:
    """Return how much of a body speaks of signing in or consent, 0 to 1."""
    from espress_build.hydrate.page_text import phrase_in

    sizes = [(_size(text), phrase_in(text, kind) is not None) for text in paragraphs]
    whole = sum(size for size, _ in sizes)
    return sum(size for size, marked in sizes if marked) / whole if whole else 0.0


def _soft_404(got: Got, page: Shown, size: int) -> str | None:
    from espress_build.hydrate.page_text import place_in, says_missing

    asked, came = urlsplit(got.url), urlsplit(got.final_url)
    led = got.archive_url is None and page_key(got.url) != page_key(got.final_url)
    if led and not came.query and _FRONT.fullmatch(came.path) and not _FRONT.fullmatch(asked.path):
        return f"the address leads to the front page {got.final_url[:200]}"
    if led and (place := place_in(came.path, "missing")):
        return f"the address leads to {place!r}"
    for title in page.titles:
        said = says_missing(title)
        if said and len(title) <= _SHORT_TITLE and size < _TEASER:
            return f"its title says {said!r}"
    return None


def _wall(got: Got, page: Shown, body: list[str]) -> tuple[str, str] | None:
    """Return which wall stands before an article, and the sign of it."""
    from espress_build.hydrate.page_text import phrase_in, place_in

    size, led = sum(map(_size, body)), got.archive_url is None and page_key(got.url) != page_key(got.final_url)
    path = urlsplit(got.final_url).path
    asks_pay, asks_consent = phrase_in(page.words, "sign_in"), phrase_in(page.words, "consent")
    if led and size < _TEASER and (place := place_in(path, "consent")):
        return "cookie_wall", f"the address leads to {place!r}"
    if led and size < _TEASER and (place := place_in(path, "sign_in")):
        return "login_wall", f"the address leads to {place!r}"
    little = size == 0 and _size(page.words) < _WALL
    if asks_consent and not page.password and (little or _share(body, "consent") >= 0.5):
        return "cookie_wall", f"it says {asks_consent!r} and holds no article"
    if page.password and size < _LITTLE:
        return "login_wall", "it asks for a password and holds no article"
    if asks_pay and (size < _LITTLE or _share(body, "sign_in") >= 0.5 or (page.not_free and size < _TEASER)):
        return "login_wall", f"it says {asks_pay!r} and shows {size} letters of an article"
    return None


def refusal(got: Got, row: dict[str, Any], proposal: PageProposal | Failure) -> Refused | None:
    """Say why a page does not hold the catalogued article; null where it does, or where only its reader can tell.

    `row` is a row of the catalogue, `proposal` what was read from the page.
    """
    from espress_build.hydrate.page_text import shown
    from espress_build.pages.propose import PageProposal

    page, body = shown(got.payload, got.charset), _body(proposal)
    if re.search(r"[^\W_]", page.words) is None and not body:
        return _refused(got, "empty_page", f"{len(got.payload)} bytes and no word")
    if said := _soft_404(got, page, sum(map(_size, body))):
        return _refused(got, "soft_404", said)
    if wall := _wall(got, page, body):
        return _refused(got, *wall)
    if isinstance(proposal, PageProposal):
        other = _another(got, row, proposal, body)
        return _refused(got, *other) if other else None
    return _refused(got, "no_article", proposal.detail) if proposal.reason == "no_article" else None


def _another(got: Got, row: dict[str, Any], proposal: PageProposal, body: list[str]) -> tuple[str, str] | None:
    """Say what a page holds that shows no wall and does not say that it is missing, unless it is the article."""
    if not body:
        return "no_article", "no paragraph of an article was found in it"
    signs = likeness(got, row, proposal)
    if signs.another:
        return "another_article", "; ".join((*signs.against, *filter(None, [signs.language])))
    return None


def _refused(got: Got, reason: str, detail: str) -> Refused:
    return Refused(got.url, reason, detail, got.status)


def warnings(got: Got, row: dict[str, Any], proposal: PageProposal, before: str | None) -> list[str]:
    """Say what makes one doubt that a page is still the catalogued one; `before` is its hash of the time before."""
    from espress_build.hydrate.page_text import shown

    signs, size = likeness(got, row, proposal), sum(map(_size, _body(proposal)))
    said = [*signs.against, *filter(None, [signs.language])]
    if host := moved(got):
        said.append(f"another host answered: {host}")
    if got.url.startswith("https:") and got.final_url.startswith("http:"):
        said.append("asked for by https, it came by http")
    apart = days_apart(fact(proposal, "published"), row.get("published"))
    if apart is not None and apart > NEAR_DAYS and not any("catalogued day" in sign for sign in signs.against):
        said.append(f"the page is dated {apart} days from the catalogued day")
    if size < _LITTLE:
        said.append(f"the article is only {size} letters long")
    elif size < _TEASER and shown(got.payload, got.charset).not_free:
        said.append("the page says that reading it costs, so that the article may be cut off")
    if before is not None and before != got.sha256:
        said.append("the page changed since it was fetched before")
    return said
