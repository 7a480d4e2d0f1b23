"""The report on the checks: what each one looks at, why, and its result."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espress_build.checks.validate import LEVELS, QUOTES_NOTHING, all_checks
from espress_build.site.page import Page, SearchEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.checks.incident import Check
    from espress_build.site.dataset import Dataset

ORDER = 70
NAVIGATION = "Validation"
_PATH = "validation/index.html"
_LOOKS_AT = {
    1: "The files: all of them exist, no other does, and each opens and has the hash in the list of hashes.",
    2: "Names, order and types of the columns of each table, as a reader in any language sees them.",
    3: "Values, column by column: keys without repetition, values of closed lists, forms, ranges, nulls; and values "
    "that can be computed from others are computed and compared.",
    4: "Rows of different tables: references lead to rows, counts agree, offsets select the stated texts, "
    "and labels follow from the votes.",
    5: "This version and the last release: nothing published has disappeared, moved to another fold or changed "
    "without a version number that says so.",
    6: "The dataset and its sources: it is built again from raw/, schema/ and state/, and every cell of every table is "
    "compared; if all are equal, the other files are compared byte by byte.",
}
_NOT_RECORDED = (5, 6)  # their results depend on files outside the dataset


@dataclass(frozen=True)
class Group:
    """The checks of one level on one table."""

    table: str
    checks: list[dict[str, Any]]

    @property
    def failed(self) -> int:
        """How many of the checks failed."""
        return sum(not check["held"] for check in self.checks)


def _say_how(check: Check | None) -> str:
    if check is None:
        return ""
    return check.gx or ("SQL query" if check.sql else "Python function")


def _group(recorded: list[dict[str, Any]], known: dict[str, Check]) -> list[Group]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in recorded:
        check = known.get(one["id"])
        table = (check and check.table) or (one["id"].split(".")[0] if "." in one["id"] else "the whole dataset")
        groups.setdefault(table, []).append(one | {"how": _say_how(check)})
    return [Group(table, checks) for table, checks in groups.items()]


def make_pages(dataset: Dataset) -> Iterator[Page]:
    """Yield the report."""
    record = json.loads((dataset.folder / "incidents.json").read_bytes())
    known = {check.id: check for check in (*all_checks("open" if dataset.is_open else "full"), QUOTES_NOTHING)}
    levels = []
    for level, name in LEVELS.items():
        recorded = [check for check in record["checks"] if check["level"] == level]
        levels.append(
            {
                "number": level,
                "name": name,
                "looks_at": _LOOKS_AT[level],
                "groups": _group(recorded, known),
                "count": len(recorded),
                "failed": sum(not check["held"] for check in recorded),
                "not_recorded": level in _NOT_RECORDED,
            }
        )
    search = [
        SearchEntry(f"{_PATH}#level-{n}", f"Checks of level {n}: {LEVELS[n]}", _LOOKS_AT[n], "check") for n in LEVELS
    ]
    search += [
        SearchEntry(f"{_PATH}#level-{one['level']}", f"Check {one['id']}", one["why"], "check")
        for one in record["checks"]
        if "." not in one["id"]
    ]
    numbers = [level for level in LEVELS if level not in _NOT_RECORDED]
    context = {
        "levels": levels,
        "recorded": f"{numbers[0]} to {numbers[-1]}",
        "record": record,
        "incidents": record["incidents"],
    }
    description = "Every check of this version: what it looks at, why, and its result."
    yield Page(_PATH, "Validation", "validation.html.j2", context, description, search)
