"""None of the five articles, nor any outlet, is special in the code: no name of the registry stands in it."""

from __future__ import annotations

import re
import tomllib
from functools import cache

from tests.espress_build.pipeline.helpers import real_articles
from tests.helpers import PROJECT

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
    entries = tomllib.loads((PROJECT / "schema" / "registries" / "outlets.toml").read_text(encoding="utf-8"))
    own, found = own_outlets(), set[str]()
    for key, entry in entries.items():
        called = {key, entry["name"], *entry["aliases"]}
        found |= {name for name in called if key in own and (len(name) >= SHORTEST_ALIAS or name == key)}
        found |= {name for name in called if len(re.findall(r"[^\W\d_]{2,}", name)) > 1} | set(entry["domains"])
    return found


def test_no_outlet_article_or_event_of_the_registries_is_named_in_the_code() -> None:
    events = tomllib.loads((PROJECT / "schema" / "registries" / "events.toml").read_text(encoding="utf-8"))
    articles = [folder.name for folder in real_articles()]
    anywhere = [*articles, *(name[-8:] for name in articles), *events]
    files = [*(PROJECT / "build" / "espress_build").rglob("*.py"), *(PROJECT / "src" / "espress").rglob("*.py")]
    assert len(files) > 30
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert [name for name in anywhere if name in text] == [], path
        near = [name for name in names() if name in text]
        assert [name for name in near if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)] == [], path


def test_the_search_would_find_a_name() -> None:
    assert "Global Times" in names()
    assert "globaltimes.cn" in names()
    assert "GT" not in names()
    assert "www.expats.cz" in names()
    assert "Mint" not in names()
    assert "South China Morning Post" in names()
    assert len(names()) > 500
