"""A topic: word lists by language, matched on the title and the opening of an article."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resiliparse.extract.html2text import extract_plain_text

from espress.errors import InputError
from espress.paths import schema_folder
from espress_build.inputs.toml_files import read_toml

if TYPE_CHECKING:
    from espress_build.pages.propose import PageProposal
    from espress_build.pages.read import Page

_KEYS = {"description", "opening_characters", "languages"}
_LISTS = ("require", "any", "none")
_OPENING = 1500  # characters, if the topic file gives no number
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")  # scripts without spaces
_LANGUAGE = re.compile(r"[a-z]{2,3}")


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def _make_pattern(word: str) -> str:
    """Return the pattern of one word or phrase of a topic file."""
    folded = _fold(word.strip())
    parts = [re.escape(part).replace(r"\*", r"\w*") for part in folded.split()]
    inner = r"\s+".join(parts)
    return inner if _UNSPACED.search(folded) else rf"(?<!\w){inner}(?!\w)"


@dataclass(frozen=True)
class Rule:
    """The words of one language; an entry is a tuple of alternatives, and matches if the text has any of them."""

    language: str
    require: tuple[tuple[str, ...], ...]
    any: tuple[tuple[str, ...], ...]
    none: tuple[tuple[str, ...], ...]
    minimum: int

    @cached_property
    def _patterns(self) -> dict[str, list[re.Pattern[str]]]:
        return {
            name: [re.compile("|".join(map(_make_pattern, words))) for words in getattr(self, name)] for name in _LISTS
        }

    def matches(self, text: str) -> bool:
        """Return whether the rule holds for a folded text."""
        found = self._patterns
        return (
            all(one.search(text) for one in found["require"])
            and sum(one.search(text) is not None for one in found["any"]) >= self.minimum
            and not any(one.search(text) for one in found["none"])
        )

    def may_match(self, text: str) -> bool:
        """Return whether every list that has to match has a word somewhere in a folded text.

        A plain search of substrings, much faster than `matches`: `*` and the ends of words are ignored.
        """
        return all(_any_in(words, text) for words in self._stems["require"]) and (
            self.minimum == 0 or any(_any_in(words, text) for words in self._stems["any"])
        )

    @cached_property
    def _stems(self) -> dict[str, list[tuple[str, ...]]]:
        """The longest part of each word without spaces and `*`."""
        return {name: [tuple(map(_find_stem, words)) for words in getattr(self, name)] for name in ("require", "any")}


def _find_stem(word: str) -> str:
    return max(re.split(r"[\s*]+", _fold(word)), key=len)


def _any_in(words: tuple[str, ...], text: str) -> bool:
    return any(word in text for word in words)


@dataclass(frozen=True)
class Topic:
    """A topic: a page is on it if the rule of one of its languages holds for its title and opening."""

    description: str
    opening_characters: int
    rules: tuple[Rule, ...]

    def may_match(self, page: Page) -> bool:
        """Return whether a page may be on the topic, by all words that it shows, before it is parsed."""
        shown = page.text
        if page.kind == "html":
            title = re.search(r"<title\b[^>]{0,2000}>(.{0,2000}?)</title", page.text, re.IGNORECASE | re.DOTALL)
            metas = re.findall(r"<meta\b[^>]{0,4000}>", page.text, re.IGNORECASE)
            shown = extract_plain_text(page.text, main_content=False, alt_texts=False)
            shown = "\n".join([title[1] if title else "", *metas, shown])
        folded = _fold(shown)
        return any(rule.may_match(folded) for rule in self.rules)

    def find_language(self, proposal: PageProposal) -> str | None:
        """Return the language of the first rule that holds for a page, None if it is off topic."""
        title = proposal.facts.get("title")
        opening = proposal.text[: self.opening_characters]
        folded = _fold(f"{title.value if title else ''}\n\n{opening}")
        return next((rule.language for rule in self.rules if rule.matches(folded)), None)


def _read_entries(raw: Any, what: str) -> tuple[tuple[tuple[str, ...], ...], list[str]]:
    """Return the entries of a list, each as its alternatives, and what is wrong with it."""
    if not isinstance(raw, list) or not all(isinstance(one, str) for one in raw):
        return (), [f"{what} must be a list of strings"]
    entries = tuple(tuple(word.strip() for word in one.split("|")) for one in raw)
    problems = [
        f"{what}: {one!r} holds no letter" for one, words in zip(raw, entries, strict=True)
        if not all(any(map(str.isalnum, word)) for word in words)
    ]  # fmt: skip
    return entries, problems


def _read_rule(language: str, raw: Any) -> tuple[Rule | None, list[str]]:
    what = f"[languages.{language}]"
    if not isinstance(raw, dict):
        return None, [f"{what} must be a table with require, any, none and minimum"]
    problems = [f"{what}: unknown key {key!r}" for key in raw if key not in (*_LISTS, "minimum")]
    if not _LANGUAGE.fullmatch(language):
        problems.append(f"{what}: name a language by its code of ISO 639, such as cs")
    lists: dict[str, tuple[tuple[str, ...], ...]] = {}
    for name in _LISTS:
        lists[name], found = _read_entries(raw.get(name, []), f"{what}: {name}")
        problems += found
        if name in raw and raw[name] == [] and name != "none":
            problems.append(f"{what}: {name} is an empty list; leave it out, or give it words")
    minimum = raw.get("minimum", 1 if lists["any"] else 0)
    if type(minimum) is not int or not 0 <= minimum <= len(lists["any"]):
        problems.append(f"{what}: minimum must be a whole number from 0 to the number of entries of any")
    elif not lists["require"] and not minimum:
        problems.append(f"{what} keeps every page; give it words in require or any, with a minimum of 1 or more")
    return (None, problems) if problems else (Rule(language, **lists, minimum=minimum), [])


def read_topic(name: str | Path) -> Topic:
    """Read a topic file: a path, or the name of a file in schema/topics without `.toml`.

    Raises:
        InputError: it cannot be read, or holds unknown keys, an empty list or no language; every fault is listed.
    """
    shipped = schema_folder() / "topics" / f"{name}.toml"
    path = shipped if not str(name).endswith(".toml") and shipped.is_file() else Path(name)
    raw = read_toml(path)
    problems = [f"unknown key {key!r}; keys: {', '.join(sorted(_KEYS))}" for key in raw if key not in _KEYS]
    opening = raw.get("opening_characters", _OPENING)
    if type(opening) is not int or opening < 1:
        problems.append("opening_characters must be a whole number of at least 1")
    languages = raw.get("languages")
    rules: list[Rule] = []
    if not isinstance(languages, dict) or not languages:
        problems.append("no language; add a table such as [languages.en]")
    else:
        for language, given in languages.items():
            rule, found = _read_rule(language, given)
            problems += found
            rules += [rule] if rule else []
    if problems:
        raise InputError([f"{path}: {problem}." for problem in problems])
    return Topic(str(raw.get("description", "")), opening, tuple(rules))
