"""Compare persons with the gold of the model passes, and count the units that persons judged and confirmed."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from espress.stats.agreement import SEEN, read_value
from espress_build.labels.gold import Gold, decide_all, is_recorded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from espress_build.inputs.judgements import Judgement

# Fields whose values are open words or lists, which need not be equal to mean the same.
_OPEN = ("outlet_guess", "country_guess", "claim_units", "devices")


@dataclass(frozen=True)
class Comparison:
    """How often persons and the gold of the model passes agree on one field."""

    field: str
    compared: int  # judgements of persons on items for which the model passes have gold
    agreed: int
    differences: dict[str, int]  # "value of the models -> value of the person"


class Persons:
    """The counted judgements of persons beside the gold of the model passes alone."""

    def __init__(self, counted: Iterable[Judgement], kinds: Mapping[str, str], fewest_passes: int) -> None:
        """Split the judgements; `counted` holds one for each key, under one major version of the codebook."""
        counted = list(counted)
        self._own = [one for one in counted if kinds[one.annotator] == "human"]
        models = [one for one in counted if kinds[one.annotator] != "human"]
        self._golds = decide_all(models, kinds, fewest_passes)

    def list_units(self) -> list[str]:
        """Return the units that at least one person judged."""
        return sorted({one.item_id for one in self._own if _is_unit(one.item_id)})

    def list_confirmed(self) -> list[str]:
        """Return the units on which a person agrees with the gold of the models on all fields that the person judged.

        A field without gold of the models counts as a disagreement, and so does an entry that only one side records.
        """
        by_person: dict[tuple[str, str], list[Judgement]] = defaultdict(list)
        for one in self._own:
            if _is_unit(one.item_id):
                by_person[one.item_id, one.annotator].append(one)
        return sorted({unit for (unit, _), own in by_person.items() if self._agrees(own)})

    def _agrees(self, own: list[Judgement]) -> bool:
        """Return whether all judgements of one person on one unit equal the gold of the models."""
        recorded = {_entry(one) for one in own if one.field == "position"}
        pairs = {(one.item_id, one.proposition_id) for one in own if one.field == "bears_on"}
        return recorded == self._list_model_entries(pairs) and all(self._is_same(one) for one in own)

    def _list_model_entries(self, pairs: set[tuple[str, str]]) -> set[tuple[str, str, int]]:
        keys = {(item, proposition, no) for item, proposition, no, _ in self._golds if no}
        return {key for key in keys if key[:2] in pairs and is_recorded(self._golds, *key)}

    def _get_gold(self, one: Judgement) -> Gold | None:
        """Return the gold of the models for the item and field that a person judged, if there is any."""
        gold = self._golds.get((one.item_id, one.proposition_id, one.source_no, one.field))
        return None if gold is None or gold.basis is None or gold.unclear else gold

    def _is_same(self, one: Judgement) -> bool:
        gold = self._get_gold(one)
        return gold is not None and gold.value == read_value(one)

    def compare(self) -> list[Comparison]:
        """Compare each judgement of a person with the gold of the models, by field.

        The fields of an entry are compared if both sides record the entry. Whether an entry is recorded at all is
        compared for each entry that at least one side records.
        """
        pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for one in self._own:
            if one.field not in _OPEN and (gold := self._get_gold(one)):
                pairs[one.field].append((gold.value or "null", read_value(one) or "null"))
        pairs[SEEN] = list(self._compare_entries())
        return [_compare(field, found) for field, found in pairs.items() if found]

    def _compare_entries(self) -> Iterable[tuple[str, str]]:
        names = {True: "recorded", False: "not recorded"}
        judged: dict[str, set[tuple[str, str]]] = defaultdict(set)
        own: dict[str, set[tuple[str, str, int]]] = defaultdict(set)
        for one in self._own:
            if one.field == "bears_on" and self._get_gold(one):
                judged[one.annotator].add((one.item_id, one.proposition_id))
            if one.field == "position":
                own[one.annotator].add(_entry(one))
        for person, pairs in sorted(judged.items()):
            models = self._list_model_entries(pairs)
            persons = {entry for entry in own[person] if entry[:2] in pairs}
            for entry in sorted(models | persons):
                yield names[entry in models], names[entry in persons]


def _is_unit(item: str) -> bool:
    return "." in item


def _entry(one: Judgement) -> tuple[str, str, int]:
    return one.item_id, one.proposition_id, one.source_no


def _compare(field: str, pairs: list[tuple[str, str]]) -> Comparison:
    differences = Counter(f"{model} -> {person}" for model, person in pairs if model != person)
    return Comparison(field, len(pairs), len(pairs) - differences.total(), dict(sorted(differences.items())))
