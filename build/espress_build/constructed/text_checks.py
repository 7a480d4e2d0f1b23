"""Checks of constructed texts: form, slots, and runs of six words that two texts share."""

from __future__ import annotations

import re
from string import Formatter
from typing import TYPE_CHECKING

from espress.near_duplicates import LinkedGroups
from espress.text import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RUN = 6  # words: texts that share a run of this length are not independent of each other

_SPACES = re.compile(r"\s{2,}|\s[,.;，。；]")
_FORM = re.compile(r"\bthe the\b|(?<![\w’'])(a [aeiou]|an [bcdfgjklmnpqrstvwxyz])\w+", re.IGNORECASE)
# Words whose first sound does not follow from their first letter: "a union", "an hour", "an NGO".
_WELL_FORMED = re.compile(
    r"a (un[ifs]|eu|ewe|one|once|us[aeiu]|ut[eior]|uk|u-)|an (hour|honest|heir|honou?r|(?-i:[FLMNRSX][A-Z]))",
    re.IGNORECASE,
)


def list_form_faults(text: str, language: str = "en") -> Iterator[str]:
    """Yield wrong spaces; in English also a doubled "the", and "a" or "an" that does not fit the next word."""
    for match in _SPACES.finditer(text):
        yield f"{match[0]!r} in {text!r}: mend the spaces"
    for match in _FORM.finditer(text) if language == "en" else ():
        if not _WELL_FORMED.match(match[0]):
            yield f"{match[0]!r} in {text!r}: mend the article"


def find_slots(template: str) -> set[str]:
    """Return the names of the `{slots}` of a template; raises ValueError if its braces do not match."""
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def word_runs(texts: Iterable[str], length: int = RUN) -> set[str]:
    """Return all runs of `length` words within one of these texts, without punctuation and case."""
    runs = set()
    for text in texts:
        found = [word.casefold() for word in words(text)]
        runs |= {" ".join(found[at : at + length]) for at in range(len(found) - length + 1)}
    return runs


def list_shared_runs(
    groups: dict[str, set[str]], natural: Iterable[str], linked: Iterable[tuple[str, str]] = ()
) -> Iterator[str]:
    """Yield a fault for each two groups that share a run of six words, and for each run from a natural text.

    Groups that are linked, directly or through others, may share runs. Natural texts are read one by one.
    """
    made = set().union(*groups.values())
    taken = {run for text in natural for run in made.intersection(word_runs([text]))} if made else set()
    family = LinkedGroups[str]()
    for one, other in linked:
        family.link(one, other)
    first: dict[str, str] = {}
    reported = set()
    for name, runs in groups.items():
        for run in sorted(runs):
            if run in taken:
                yield f"{name}: the words {run!r} are from an article of the corpus: reword them"
            other = first.setdefault(run, name)
            if family.name(other) != family.name(name) and (other, name) not in reported:
                reported.add((other, name))
                yield f"{name}: shares the words {run!r} with {other}: reword one of both"
