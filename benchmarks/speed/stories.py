"""Invented stories: titles and paragraphs from the phrases of phrases.toml; the same seed gives the same stories."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

LANGUAGES = ("en", "cs", "de", "zh")
SIGMA, SHORTEST, LONGEST = 0.6, 100, 2000  # of the log-normal length in words; lengths outside are drawn again
_SLOT = re.compile(r"\{([a-z]+)2?\}")


@dataclass(frozen=True)
class Story:
    """The content of an article without its outlet and author."""

    language: str
    title: str
    standfirst: str | None
    dateline: str | None
    paragraphs: tuple[tuple[str, ...], ...]  # sentences of each
    headings: dict[int, str]  # number of a paragraph -> sub-heading before it


def dice(*seed: object) -> Random:
    """Return a generator of random numbers that depends only on the seed."""
    return Random("/".join(map(str, seed)))  # noqa: S311 - nothing is secret here


@cache
def phrases() -> dict[str, Any]:
    """Return phrases.toml."""
    return tomllib.loads((Path(__file__).parent / "phrases.toml").read_text(encoding="utf-8"))


def fill(frame: str, language: str, rng: Random) -> str:
    """Return a frame with its slots filled at random, beginning with a capital letter."""
    own = phrases()[language]

    def drawn(match: re.Match[str]) -> str:
        name = match[1]
        if name == "person":
            return str(rng.choice(phrases()["persons"]))
        if name == "number":
            return str(rng.randrange(2, 100))
        return str(own[name] if name in ("open", "close") else rng.choice(own[name]))

    text = _SLOT.sub(drawn, frame)
    at = 1 if text.startswith(own["open"]) else 0
    return text[:at] + text[at].upper() + text[at + 1 :]


def n_words(text: str, language: str) -> int:
    """Return the length in words; three Chinese characters count as two words."""
    return len(text) * 2 // 3 if language == "zh" else len(text.split())


def draw_length(median: int, rng: Random) -> int:
    """Return a length in words."""
    while True:
        length = int(median * rng.lognormvariate(0, SIGMA))
        if SHORTEST <= length <= LONGEST:
            return length


def invent(rng: Random, median: int) -> Story:
    """Return a story of a length drawn around `median` words."""
    language = rng.choices(LANGUAGES, [phrases()[name]["share"] for name in LANGUAGES])[0]
    own = phrases()[language]
    left, paragraphs = draw_length(median, rng), []
    while left > 0:
        paragraph = tuple(fill(rng.choice(own["frames"]), language, rng) for _ in range(rng.randint(1, 5)))
        paragraphs.append(paragraph)
        left -= sum(n_words(sentence, language) for sentence in paragraph)
    space = own["space"]
    headings = {at: fill("{actor}" + space + "{verb}", language, rng) for at in range(4, len(paragraphs), 5)}
    return Story(
        language,
        title=fill(space.join(("{actor}", "{verb}", "{object}")), language, rng),
        standfirst=fill(own["frames"][0], language, rng) if rng.random() < 1 / 3 else None,
        dateline=rng.choice(own["place_of_dateline"]) if rng.random() < 1 / 4 else None,
        paragraphs=tuple(paragraphs),
        headings=headings,
    )


def _reword(sentence: str, language: str, rng: Random) -> str:
    """Return the sentence with one of its verbs or times replaced, if it has one."""
    own = phrases()[language]
    for old in rng.sample([*own["verb"], *own["time"]], len(own["verb"]) + len(own["time"])):
        if old in sentence:
            return sentence.replace(old, rng.choice(own["verb" if old in own["verb"] else "time"]), 1)
    return sentence


def edit(story: Story, rng: Random) -> Story:
    """Return a near copy, as editors make of wire copy: the end is cut, and about every twelfth sentence reworded."""
    n_sentences = sum(map(len, story.paragraphs))
    cut = max(1, round(n_sentences * rng.uniform(0.03, 0.12)))
    paragraphs = [
        tuple(_reword(sentence, story.language, rng) if rng.random() < 1 / 12 else sentence for sentence in paragraph)
        for paragraph in story.paragraphs
    ]
    while cut:
        paragraphs[-1] = paragraphs[-1][:-1]
        cut -= 1
        if not paragraphs[-1]:
            paragraphs.pop()
    headings = {at: text for at, text in story.headings.items() if at < len(paragraphs)}
    return replace(story, paragraphs=tuple(paragraphs), headings=headings)
