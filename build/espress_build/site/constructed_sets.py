"""The constructed sets as pages show them: each case beside the others of its pair, and the versions of an article."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from espress_build.metadata.set_sizes import SPLITS
from espress_build.site.differences import cut, find_differences

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from espress_build.site.dataset import Row
    from espress_build.site.differences import Piece

ENGLISH, CONTRAST = "en", "contrast"
STANCES = ("against", "neither", "favor")
_PAIR = 2
_SWAPS = (None, "states", "polarity")


@dataclass(frozen=True)
class ShownCase:
    """A case of `check`: its sentence and its neighbours, as pieces; `path` is its page, if it is on another page."""

    row: Row
    before: list[list[Piece]]
    text: list[Piece]
    after: list[list[Piece]]
    path: str | None


@dataclass(frozen=True)
class Group:
    """Cases next to each other: those of a pair, or one case alone; `kind` says in what they may differ."""

    kind: str | None
    cases: list[ShownCase]


@dataclass(frozen=True)
class Frame:
    """The cases that were made from one frame."""

    frame_id: str
    split: str
    groups: list[Group]


@dataclass(frozen=True)
class Function:
    """A function in one language, or the contrast cases of one question."""

    path: str
    name: str
    title: str
    task: str
    language: str
    tests: str | None  # the test as its file describes it; None if the file is missing
    why: str | None
    labels: list[tuple[str, int]]
    written: int
    kept: int
    splits: list[tuple[str, int]]  # kept cases
    pairs: int  # pairs and larger groups of cases that are compared with each other
    rows: list[Row]


@dataclass(frozen=True)
class Version:
    """One article of a fact sheet, as pieces."""

    row: Row
    title: list[Piece]
    text: list[Piece]


@dataclass(frozen=True)
class Sheet:
    """The articles of one fact sheet: for each register, the three stances beside each other, and copies of each."""

    sheet_id: str
    path: str
    split: str
    event_type: str
    accused: str
    accusing: str
    written: int
    kept: int
    stances: list[tuple[str, list[Version]]]  # register -> versions
    copies: list[tuple[str, list[Version]]]  # article_id -> the article and its copies


def name_page(row: Row) -> str:
    """Return the address of the page that shows a case."""
    name = f"{CONTRAST}-{row['task']}" if row["function"] == CONTRAST else row["function"]
    return f"constructed/{name}.html" if row["language"] == ENGLISH else f"constructed/{row['language']}-{name}.html"


def _read_file(project: Path, name: str, language: str) -> dict[str, str]:
    folder = project / "schema" / "check"
    path = (folder if language == ENGLISH else folder / language) / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def list_functions(rows: Iterable[Row], project: Path) -> list[Function]:
    """Return every function in every language, English first, in the order of questions and names."""
    by_page: dict[str, list[Row]] = defaultdict(list)
    sizes = Counter[str]()  # a pair may have cases of two functions
    for row in rows:
        by_page[name_page(row)].append(row)
        sizes[row["pair_id"]] += 1
    found = []
    for path, own in by_page.items():
        first = own[0]
        described = _read_file(project, first["function"], first["language"])
        is_contrast = first["function"] == CONTRAST
        kept = [row for row in own if row["kept"]]
        splits = Counter(row["split"] for row in kept)
        title = f"contrast cases, {first['task'].replace('_', ' ')}" if is_contrast else first["function"]
        found.append(
            Function(
                path,
                first["function"],
                title,
                first["task"],
                first["language"],
                "Sentences written one by one, each with three small edits." if is_contrast else described.get("tests"),
                described.get("why"),
                sorted(Counter(row["label"] for row in own).items(), key=lambda pair: (-pair[1], pair[0])),
                len(own),
                len(kept),
                [(split, splits[split]) for split in SPLITS],
                len({row["pair_id"] for row in own if row["pair_id"] and sizes[row["pair_id"]] > 1}),
                own,
            )
        )
    return sorted(found, key=lambda one: (one.language != ENGLISH, one.language, one.task, one.title))


def _show_cases(rows: Sequence[Row], path: str) -> list[ShownCase]:
    """Return cases next to each other, with what differs marked in sentences and neighbours alike."""
    differing = find_differences([row["text"] for row in rows])
    around = []
    for column in ("context_before", "context_after"):
        flags = find_differences(["\n".join(row[column] or ()) for row in rows])
        around.append([_cut_lines(row[column] or (), own) for row, own in zip(rows, flags, strict=True)])
    shown = []
    for place, row in enumerate(rows):
        source = None if row["source_start"] is None else (row["source_start"], row["source_end"])
        own_path = name_page(row)
        text = cut(row["text"], differing[place], source)
        shown.append(ShownCase(row, around[0][place], text, around[1][place], None if own_path == path else own_path))
    return shown


def _cut_lines(lines: Sequence[str], flags: Sequence[bool]) -> list[list[Piece]]:
    found, place = [], 0
    for line in lines:
        found.append(cut(line, flags[place : place + len(line)]))
        place += len(line) + 1
    return found


def list_frames(function: Function, pairs: dict[str, list[Row]]) -> list[Frame]:
    """Return the frames of a function, each case beside those of its pair.

    Args:
        function: the function.
        pairs: pair_id -> the cases of the pair, of all functions.
    """
    by_frame: dict[str, list[Row]] = defaultdict(list)
    for row in function.rows:
        by_frame[row["frame_id"]].append(row)
    shown_pairs: set[str] = set()
    frames = []
    for frame_id, own in sorted(by_frame.items(), key=lambda pair: (SPLITS.index(pair[1][0]["split"]), pair[0])):
        groups = []
        for row in sorted(own, key=lambda one: one["fill_id"]):
            partners = pairs.get(row["pair_id"], []) if row["pair_id"] else []
            if len(partners) < 2:
                groups.append(Group(None, _show_cases([row], function.path)))
            elif row["pair_id"] not in shown_pairs:
                shown_pairs.add(row["pair_id"])
                ordered = sorted(partners, key=lambda one: (one["frame_id"] != frame_id, one["case_id"]))
                groups.append(Group(row["pair_kind"], _show_cases(ordered, function.path)))
        if groups:
            frames.append(Frame(frame_id, own[0]["split"], groups))
    return frames


def choose_example(pairs: dict[str, list[Row]]) -> list[ShownCase]:
    """Return the shortest English minimal pair of the training split of which both cases are kept; empty if none."""
    found = [
        rows
        for rows in pairs.values()
        if len(rows) == _PAIR
        and all(
            (row["pair_kind"], row["language"], row["split"], row["kept"]) == ("label", ENGLISH, "train", True)
            for row in rows
        )
    ]
    if not found:
        return []
    shortest = min(found, key=lambda rows: (sum(len(row["text"]) for row in rows), rows[0]["pair_id"]))
    return _show_cases(sorted(shortest, key=lambda row: str(row["case_id"])), "")


def group_pairs(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Return the cases of each pair."""
    pairs: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["pair_id"]:
            pairs[row["pair_id"]].append(row)
    return dict(pairs)


def _show_versions(rows: Sequence[Row], first: int = 0) -> list[Version]:
    """Return articles next to each other; differences are from the article at place `first`."""
    ordered = [rows[first], *rows[:first], *rows[first + 1 :]]
    titles, texts = (find_differences([row[column] for row in ordered]) for column in ("title", "text"))
    versions = [
        Version(row, cut(row["title"], title), cut(row["text"], text))
        for row, title, text in zip(ordered, titles, texts, strict=True)
    ]
    return [*versions[1 : first + 1], versions[0], *versions[first + 1 :]]


def list_sheets(rows: Iterable[Row]) -> list[Sheet]:
    """Return every fact sheet with its articles."""
    by_sheet: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_sheet[row["sheet_id"]].append(row)
    return [_describe_sheet(sheet_id, own) for sheet_id, own in sorted(by_sheet.items())]


def _describe_sheet(sheet_id: str, rows: list[Row]) -> Sheet:
    originals = [row for row in rows if not row["swap_kind"]]
    stances = []
    for register in sorted({row["register"] for row in originals if not row["is_control"]}):
        own = [row for row in originals if row["register"] == register]
        own.sort(key=lambda row: STANCES.index(row["stance"]))
        neutral = next((place for place, row in enumerate(own) if row["stance"] == "neither"), 0)
        stances.append((register, _show_versions(own, neutral)))
    copies = []
    for row in sorted(originals, key=lambda one: (one["is_control"], one["article_id"])):
        own = [row, *(one for one in rows if one["swap_of"] == row["article_id"])]
        own.sort(key=lambda one: _SWAPS.index(one["swap_kind"]))
        copies.append((row["article_id"], _show_versions(own)))
    first = originals[0]
    return Sheet(
        sheet_id,
        f"constructed/stance-{sheet_id}.html",
        first["split"],
        first["event_type"],
        first["state_accused"],
        first["state_accusing"],
        len(rows),
        sum(row["kept"] for row in rows),
        stances,
        copies,
    )
