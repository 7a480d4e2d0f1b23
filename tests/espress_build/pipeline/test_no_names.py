"""None of the five articles, nor any outlet, is special in the code: no name of the registry stands in it."""

from __future__ import annotations

import re
import tomllib
from functools import cache

from tests.espress_build.pipeline.helpers import ROOT, real_articles

SHORTEST_ALIAS = 4  # shorter ones are words or initials of other things, too


def own_outlets() -> set[str]:
    """Return the ids of outlets, republishers and agencies that the records of the corpus's articles name."""
    fields = ("outlet_id", "republisher_id", "agency_id")
    records = [tomllib.loads((folder / "record.toml").read_text(encoding="utf-8")) for folder in real_articles()]
    return {record["facts"][name].get("value") for record in records for name in fields if name in record["facts"]}


@cache
def names() -> set[str]:
    """Return what can mean nothing but an outlet of the registry.

    That is every domain, every id of several parts, and every name and alias of several words; and of outlets whose
    articles the corpus holds, or that carried them, any name or alias that is long enough. Among hundreds of outlets
    there are some that are called by a common word: that word is not theirs.
    """
    entries = tomllib.loads((ROOT / "schema" / "registries" / "outlets.toml").read_text(encoding="utf-8"))
    own, found = own_outlets(), set[str]()
    for key, entry in entries.items():
        called = {key, entry["name"], *entry["aliases"]}
        found |= {name for name in called if key in own and (len(name) >= SHORTEST_ALIAS or name == key)}
        found |= {name for name in called if len(re.findall(r"[^\W\d_]{2,}", name)) > 1} | set(entry["domains"])
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
    assert "www.expats.cz" in names()
    assert "Mint" not in names()
    assert "South China Morning Post" in names()
    assert len(names()) > 500
