"""Studies of the labels: held-out test of the codebook, exchange of states, guesses of outlets."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espress_build.inputs.judgements import Annotations, Judgement, current, read_annotations
from espress_build.inputs.withdrawn import withdrawn_articles
from espress_build.labels.agreement import Agreement, measure_fields
from espress_build.labels.gold import majority

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    Golds = dict[tuple[str, str, str, int], str | None]  # (item, field, proposition, source number) -> gold

_SWAPPED = {
    "covert_activity_by_cn": "covert_activity_against_cn",
    "covert_activity_against_cn": "covert_activity_by_cn",
    "countermeasures_warranted": "countermeasures_warranted",
}
# Fields whose value names neither a state nor a source, so it should not change if states are exchanged.
_STABLE = ("bears_on", "aspect", "position", "attributed", "lapsed", "cue_strength", "stance", "focal_proposition")


def read_study(annotations: Path, name: str) -> Annotations:
    """Read the judgements of a study, if there are any; the study "" is the corpus itself."""
    return read_annotations(annotations / name, withdrawn_articles(annotations.parent))


def measure_heldout(annotations: Path) -> list[Agreement]:
    """Measure agreement on the sentences written for this purpose, in which sources are already given as classes."""
    return measure_fields(read_study(annotations, "heldout").judgements, {})


@dataclass(frozen=True)
class Flips:
    """The number of judgements that change if actor and target states are exchanged; `directions` counts "a -> b"."""

    field: str
    compared: int
    flipped: int
    directions: dict[str, int]


def _count_gold(judgements: Iterable[Judgement]) -> Golds:
    """Return the majority for each item, field, proposition and source number; unclear ones are left out."""
    counted = list(current(judgements)[0].values())
    judged_by: dict[str, set[str]] = {}
    for one in counted:
        judged_by.setdefault(one.item_id, set()).add(one.annotator)
    votes: dict[tuple[str, str, str, int], list[str | None]] = {}
    for one in counted:
        votes.setdefault((one.item_id, one.field, one.proposition_id, one.source_no), []).append(one.value or None)
    golds = {key: majority(values, len(judged_by[key[0]])) for key, values in votes.items()}
    return {key: gold.value for key, gold in golds.items() if not gold.unclear}


def _exchange(field: str, value: str | None) -> str | None:
    return _SWAPPED.get(value or "", value) if field == "focal_proposition" else value


def _both_golds(annotations: Path) -> tuple[Golds, Golds]:
    """Return the gold of the original and of the rewritten texts, without the units that the study excludes."""
    rewritten = read_study(annotations, "state_swap").judgements
    if not rewritten:
        return {}, {}
    out = (annotations / "state_swap" / "left_out.txt").read_text(encoding="utf-8").split()
    both = (_count_gold(read_study(annotations, "").judgements), _count_gold(rewritten))
    before, after = ({key: value for key, value in gold.items() if key[0] not in out} for gold in both)
    return before, after


def compare_swapped(annotations: Path) -> list[Flips]:
    """Compare the gold of each item with that of its rewritten version with exchanged states.

    The proposition is exchanged too: activity by China is compared with activity against it.
    """
    before, after = _both_golds(annotations)
    found = []
    for field in _STABLE:
        moved: Counter[str] = Counter()
        compared = 0
        for (item, of, proposition, source_no), value in before.items():
            key = (item, of, _SWAPPED.get(proposition, proposition), source_no)
            if of == field and key in after:
                compared += 1
                if _exchange(field, value) != after[key]:
                    moved[f"{_exchange(field, value) or 'null'} -> {after[key] or 'null'}"] += 1
        if compared:
            found.append(Flips(field, compared, sum(moved.values()), dict(sorted(moved.items()))))
    return found


def count_entry_changes(annotations: Path) -> tuple[int, int, int]:
    """Return the number of entries in both texts, only in the original, and only in the rewritten text."""
    before, after = _both_golds(annotations)
    original = {(item, _SWAPPED[p], number) for item, field, p, number in before if field == "position"}
    rewritten = {(item, p, number) for item, field, p, number in after if field == "position"}
    return len(original & rewritten), len(original - rewritten), len(rewritten - original)


def list_guesses(annotations: Path, articles: list[dict[str, Any]]) -> list[tuple[str, str, str, str, bool, bool]]:
    """Return (annotator, article, guessed outlet, guessed country, outlet correct, country correct) of each guess."""
    truth = {row["article_id"]: row for row in articles}
    by_key = current(read_study(annotations, "").judgements)[0]
    rows = []
    for one in by_key.values():
        if one.field == "outlet_guess":
            country = by_key[one.annotator, one.item_id, "", 0, "country_guess"].value
            own = truth[one.item_id]
            hit = own["outlet"].casefold().removeprefix("the ") in one.value.casefold()
            rows.append((one.annotator, one.item_id, one.value, country, hit, country == own["outlet_country"]))
    return sorted(rows, key=lambda row: (row[1], row[0]))
