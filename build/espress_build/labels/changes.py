"""List the labels that differ between two major versions of the codebook, each with the reason."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from espress.errors import InputError
from espress_build.inputs.judgements import known_fields
from espress_build.inputs.toml_files import read_csv_rows
from espress_build.labels.gold import Gold, Key, is_recorded
from espress_build.labels.studies import Study

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_COLUMNS = ("table", "item", "field", "old", "new", "reason")
# Not compared: open words, and claims, whose numbers change with the list of claims.
_ASIDE = ("claim", "claim_units", "outlet_guess", "country_guess", "devices")
_ENTRY = "entry"


@dataclass(frozen=True)
class Change:
    """A gold label that differs; "no majority" and "null" are values too."""

    table: str
    item: str
    field: str
    old: str
    new: str


def list_changes(annotations: Path, fewest_passes: int) -> list[Change]:
    """Return every label that differs between the newest major version of the codebook and the one before it.

    Only gold of the model passes is compared, because decisions of persons are not due to a new codebook. An entry that
    only one version has is one change, of the field `entry`.
    """
    study = Study.read(annotations, "")
    if len(study.majors) < 2:
        return []
    new, old = (study.decide_by_models(major, fewest_passes) for major in study.majors[:2])
    return sorted(set(_compare(old, new, study.majors)), key=lambda one: (one.table, one.field, one.item))


def _compare(old: Mapping[Key, Gold], new: Mapping[Key, Gold], majors: list[int]) -> Iterator[Change]:
    fields = set(known_fields(majors[0])) & set(known_fields(majors[1])) - set(_ASIDE)
    for key in old.keys() | new.keys():
        item, proposition, source_no, field = key
        if field not in fields:
            continue
        name = ":".join(part for part in (item, proposition, str(source_no or "")) if part)
        if source_no:
            both = [is_recorded(golds, item, proposition, source_no) for golds in (old, new)]
            if field == "position" and both[0] != both[1]:
                yield Change("entries", name, _ENTRY, *("recorded" if one else "not recorded" for one in both))
            if not all(both):
                continue
        before, after = (_show(golds.get(key)) for golds in (old, new))
        if None not in (before, after) and before != after:
            table = "entries" if source_no else "relevance" if field == "bears_on" else "article_stance"
            yield Change(table, name, field, str(before), str(after))


def _show(gold: Gold | None) -> str | None:
    """Return a gold value as text; None if nobody decided, so that there is nothing to compare."""
    if gold is None or gold.basis is None:
        return None
    return "no majority" if gold.unclear else gold.value or "null"


def read_reasons(path: Path) -> list[dict[str, str]]:
    """Read the reasons of changes; an empty cell fits every value, and the first row that fits a change explains it."""
    if not path.is_file():
        return []
    rows = [row for _, row in read_csv_rows(path)]
    if any(tuple(row) != _COLUMNS for row in rows):
        raise InputError([f"{path}: the columns must be {', '.join(_COLUMNS)}."])
    if empty := [number for number, row in enumerate(rows, 2) if not row["reason"]]:
        raise InputError([f"{path}, line {number}: the reason is missing." for number in empty])
    return rows


def explain(changes: list[Change], path: Path) -> dict[tuple[str, str, str, str], list[Change]]:
    """Return the changes by field, old value, new value and reason.

    Raises:
        InputError: a change has no reason; every such change is listed.
    """
    reasons = read_reasons(path)
    found: dict[tuple[str, str, str, str], list[Change]] = defaultdict(list)
    problems = []
    for change in changes:
        fitting = (row for row in reasons if all(row[name] in ("", value) for name, value in vars(change).items()))
        reason = next((row["reason"] for row in fitting), None)
        if reason is None:
            problems.append(
                f"{path}: no reason fits {change.table}, {change.item}, {change.field}: {change.old} -> {change.new}."
            )
        else:
            found[change.field, change.old, change.new, reason].append(change)
    if problems:
        raise InputError(problems)
    return dict(sorted(found.items()))
