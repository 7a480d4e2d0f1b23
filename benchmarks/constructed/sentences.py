"""Print the English sentences of the constructed sets, each once, one a line; `make grammar` checks them."""

from __future__ import annotations

import espress


def list_sentences() -> list[str]:
    """Return the sentences of English cases and of articles as written, sorted."""
    found = {row["text"] for row in espress.load("check", as_="arrow", where={"language": "en"}).to_pylist()}
    for row in espress.load("stance_articles", as_="arrow", where={"swap_kind": None}).to_pylist():
        found |= {row["title"], *row["text"].split("\n")}
    return sorted(found)


if __name__ == "__main__":
    print("\n".join(list_sentences()))
