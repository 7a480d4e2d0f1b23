"""Generate a corpus of invented articles of any size with a known share of duplicates.

python -m benchmarks.speed.generate_articles FOLDER --articles 1000
"""

from __future__ import annotations

import argparse
import csv
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.speed.article_pages import EVENTS, OUTLETS, Imprint, page, registries, sidecar
from benchmarks.speed.stories import dice, edit, invent, phrases

if TYPE_CHECKING:
    from random import Random

    from benchmarks.speed.stories import Story

MEDIAN_WORDS = 450
EXACT, NEAR = (17, 67), (31, 58, 91)  # of each hundred articles, these are copies: 2 % exact ones, 3 % near ones
PLANTED = "planted.csv"
_FIRST_DAY = date(2015, 1, 1)


def kind(number: int) -> str:
    """Return "new", or "exact" or "near" if the article of that number is a copy of an earlier one."""
    return "exact" if number % 100 in EXACT else "near" if number % 100 in NEAR else "new"


def original(number: int, seed: int) -> int:
    """Return the number of the article that this one copies; its own number if it is new."""
    rng = dice(seed, number, "original")
    found = number
    while kind(found) != "new":
        found = rng.randrange(number)
    return found


def story(number: int, seed: int, median_words: int) -> Story:
    """Return the story of the article of that number."""
    told = invent(dice(seed, original(number, seed), "story"), median_words)
    return edit(told, dice(seed, number, "edit")) if kind(number) == "near" else told


def _imprint(language: str, rng: Random) -> Imprint:
    return Imprint(
        outlet=rng.choice(list(OUTLETS)),
        author=f"{rng.choice('ABCDEFGHJKLMNPRSTVZ')}. {rng.choice(phrases()['persons'])}",
        day=(_FIRST_DAY + timedelta(days=rng.randrange(3650))).isoformat(),
        zone=phrases()[language]["zone"],
        event=rng.choice(EVENTS),
    )


def _write_article(articles: Path, number: int, seed: int, told: Story) -> str:
    rng = dice(seed, number, "page")
    imprint = _imprint(told.language, rng)
    made = page(told, imprint, rng)
    article, record = sidecar(made, imprint)
    folder = articles / article
    folder.mkdir()
    (folder / "source.txt").write_bytes(made.source)
    (folder / "record.toml").write_text(record, encoding="utf-8", newline="\n")
    return article


def generate(project: Path, count: int, seed: int = 0, median_words: int = MEDIAN_WORDS) -> None:
    """Write a project folder of `count` articles, with their kind, language and original in `planted.csv`.

    With the same seed, a smaller corpus is the beginning of a larger one.
    """
    (project / "raw" / "articles").mkdir(parents=True)
    (project / "schema" / "registries").mkdir(parents=True)
    for name, text in registries().items():
        (project / "schema" / "registries" / name).write_text(text, encoding="utf-8", newline="\n")
    (project / "LICENSE-DATA").write_text("Invented; CC0.\n", encoding="utf-8")
    ids: list[str] = []
    with (project / PLANTED).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["article_id", "kind", "language", "original"])
        for number in range(count):
            told = story(number, seed, median_words)
            ids.append(_write_article(project / "raw" / "articles", number, seed, told))
            rows.writerow([ids[number], kind(number), told.language, ids[original(number, seed)]])


def main() -> int:
    """Read the command line and write the corpus."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path, help="a new folder")
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--median-words", type=int, default=MEDIAN_WORDS)
    given = parser.parse_args()
    generate(given.project, given.articles, given.seed, given.median_words)
    return 0


if __name__ == "__main__":
    sys.exit(main())
