"""None of the five articles, nor any outlet, is special in the code: no name of the registry stands in it."""

from __future__ import annotations

import re
import tomllib

from tests.pipeline.helpers import ROOT, real_articles

SHORTEST_ALIAS = 4  # shorter ones are words or initials of other things, too


def names() -> set[str]:
    """Return every id, name and domain of the outlets' registry, and the aliases that are long enough to mean them."""
    entries = tomllib.loads((ROOT / "schema" / "registries" / "outlets.toml").read_text(encoding="utf-8"))
    found: set[str] = set()
    for key, entry in entries.items():
        found |= {key, entry["name"], *entry["domains"]}
        found |= {alias for alias in entry["aliases"] if len(alias) >= SHORTEST_ALIAS}
    return found


def test_no_outlet_is_named_in_the_code() -> None:
    files = [*(ROOT / "build" / "espress_build").rglob("*.py"), *(ROOT / "src" / "espress").rglob("*.py")]
    assert len(files) > 30
    wanted = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in sorted(names(), key=len, reverse=True)))
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match[0]!r}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for match in wanted.finditer(line)
    ]
    assert found == []


def test_no_article_or_event_of_the_corpus_is_named_in_the_code() -> None:
    events = tomllib.loads((ROOT / "schema" / "registries" / "events.toml").read_text(encoding="utf-8"))
    named = (
        [folder.name for folder in real_articles()] + [folder.name[-8:] for folder in real_articles()] + list(events)
    )
    for path in [*(ROOT / "build" / "espress_build").rglob("*.py"), *(ROOT / "src" / "espress").rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        assert [name for name in named if name in text] == [], path


def test_the_search_would_find_a_name() -> None:
    assert "Global Times" in names()
    assert "globaltimes.cn" in names()
    assert "GT" not in names()
    assert len(names()) > 25
