"""What became known of a release after it was published, said once to whoever loads it."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from espress.data.releases import known_errata
from espress.errors import ErratumWarning, WithdrawnWarning

if TYPE_CHECKING:
    from espress.data.identity import Identity
    from espress.data.releases import Release

_LEVELS = 3  # from here up to the line that called `espress.load`
_said: set[str] = set()


def _withdrawal(release: Release) -> str:
    articles = "; ".join(f"{item.article_id} ({item.date}: {item.reason})" for item in release.withdrawn)
    return (
        f"Release {release.version} is withdrawn. Articles withdrawn since: {articles or 'see CHANGELOG.md'}. Leave "
        "them out of new work, or load a newer release; espress.versions() lists them."
    )


def tell(identity: Identity) -> None:
    """Warn of withdrawn articles and known faults of a release, once in a process; other versions have none."""
    release = identity.release
    if release is None or release.version in _said:
        return
    if release.status == "withdrawn" or release.withdrawn:
        warnings.warn(_withdrawal(release), WithdrawnWarning, stacklevel=_LEVELS)
    for erratum in known_errata():
        if release.version in erratum.versions:
            tables = ", ".join(erratum.tables) or "all tables"
            text = f"Release {release.version}, {tables}: {erratum.what} {erratum.what_to_do} ({erratum.date})"
            warnings.warn(text, ErratumWarning, stacklevel=_LEVELS)
    _said.add(release.version)
