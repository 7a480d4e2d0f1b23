"""Read Label Studio's JSON export, and return its judgements and all its problems."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from espress.errors import InputError
from espress_build.annotate.label_studio import Answer, read_results
from espress_build.annotate.questions import (
    KINDS,
    NO_PROPOSITION,
    PAIR,
    Group,
    get_reading_order,
    make_groups,
    make_tasks,
)
from espress_build.inputs.judgements import ENTRY_SOURCES, Judgement
from espress_build.inputs.judgements import list_problems as find_class_problems

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress_build.annotate.material import Material

_STATE = re.compile(r"[A-Z]{2}")
_CONFIDENCE = re.compile(r"0(?:\.\d+)?|1(?:\.0+)?")
# attributed -> fields that the codebook excludes, and the one that it requires
_ATTRIBUTION = {
    "yes": (("lapsed", "carried_source_id"), "cue_strength"),
    "no": (("cue_strength", "cue_span"), "lapsed"),
}
_NO_REASON = "no reason asked"  # stored for a unit that does not bear on the proposition, if the coder gives no reason
_REQUIRED = ("source_id", "outlet_guess", "country_guess", "focal_proposition")


@dataclass
class Export:
    """Judgements in reading order, the times at which they were made, and every problem."""

    judgements: list[Judgement] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_export(material: Material, path: Path, annotator: str) -> Export:
    """Read one export of Label Studio, or a folder of them; faults inside a file are in `problems`.

    Raises:
        InputError: a file is not an export, or the folder has no exports.
    """
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files:
        raise InputError([f"{path}: the folder has no JSON file. In Label Studio: Export, format JSON."])
    reader = _Reader(material, annotator)
    export = reader.export
    for file in files:
        export.problems += [f"{file.name}: {one}." for row in _read_rows(file) for one in reader.read_task(row)]
    seen: set[Any] = set()
    for one in export.judgements:
        if one.key in seen:
            named = " ".join(str(part) for part in one.key if part)
            export.problems.append(f"a second judgement for {named}: two tasks contain one.")
        seen.add(one.key)
    order = get_reading_order(material)
    export.judgements.sort(key=lambda one: order[one.item_id, one.proposition_id, one.source_no, one.field])
    if not export.judgements and not export.problems:
        export.problems.append(f"{path}: no task has an annotation.")
    return export


# Fields for which the command lists the tasks that have no judgement yet.
_COUNTED = ("bears_on", "outlet_guess", "country_guess", "stance", "lead_voice", "claim")


def find_missing(material: Material, judgements: list[Judgement]) -> dict[str, list[str]]:
    """Return, for each field that every task asks for, the names of the tasks in which it is not judged."""
    judged = {(one.item_id, one.proposition_id, one.field) for one in judgements}
    missing: dict[str, list[str]] = {field: [] for field in _COUNTED}
    for data in [data for tasks in make_tasks(material).values() for data in tasks]:
        for group in make_groups(material, data):
            about = group.proposition_id or group.item_id.partition("/")[2]
            name = f"{_name_task(data)} {about}".rstrip()
            for asked in group.fields:
                if asked in missing and (group.item_id, group.proposition_id, asked) not in judged:
                    missing[asked].append(name)
    return missing


def _read_rows(path: Path) -> list[Any]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError([f"{path}: this is not JSON: {error}."]) from error
    if not isinstance(rows, list):
        raise InputError([f"{path}: an export is a list of tasks. In Label Studio: Export, format JSON."])
    return rows


def _name_task(data: dict[str, Any]) -> str:
    return " ".join(str(data[key]) for key in ("unit", "proposition", "article") if key in data)


class _Reader:
    """Collects the judgements of one annotator from the tasks of exports."""

    def __init__(self, material: Material, annotator: str) -> None:
        self.export = Export()
        self._material, self._annotator = material, annotator
        self._asked = {_name_task(data): data for tasks in make_tasks(material).values() for data in tasks}

    def read_task(self, row: Any) -> list[str]:
        """Add the judgements of one task; return its faults."""
        if not isinstance(row, dict):
            return [f"{row!r} is not a task"]
        where = f"task {row.get('id')}"
        problems: list[str] = []
        try:
            data = self._check_task(row.get("data"))
            where += f" ({_name_task(data)})"
            for one in _select_annotation(row.get("annotations", [])):
                self.export.judgements += self._read_annotation(data, one.get("result"), problems)
                self.export.times += [str(one[key]) for key in ("created_at", "updated_at") if one.get(key)]
        except (ValueError, TypeError, KeyError) as error:
            problems.append(str(error))
        return [f"{where}, {problem}" for problem in problems]

    def _check_task(self, data: Any) -> dict[str, Any]:
        """Return the data of the task as we export it; raises ValueError if it is not ours or has changed."""
        if not isinstance(data, dict) or data.get("kind") not in (*KINDS, PAIR):
            raise ValueError("this is not one of our tasks (or the export is not in the format JSON)")
        name = str(data.get("article" if data["kind"] == "articles" else "unit"))
        own = self._asked.get(name)
        if own is None or (own["kind"] == "articles") != (data["kind"] == "articles"):
            raise ValueError(f"there is no unit or article {name!r}")
        known = self._material.propositions
        if data["kind"] == PAIR:
            if data.get("proposition") not in list(known):
                raise ValueError(f"there is no proposition {data.get('proposition')!r}")
            own = own | {"kind": PAIR, "proposition": data["proposition"]}
        elif data.get("propositions") != own.get("propositions"):
            raise ValueError(
                f"it asks about the propositions {data.get('propositions')}, here they are {list(known)}: "
                "import in a clone of that version"
            )
        if data.get("codebook") != own["codebook"]:
            versions = f"coded by codebook {data.get('codebook')}, here it is {own['codebook']}"
            raise ValueError(f"{versions}: import in a clone of that version")
        if data.get("text") != own["text"]:
            raise ValueError("its text is not the text of this dataset, so its offsets would be wrong")
        return own

    def _read_annotation(self, data: dict[str, Any], results: Any, problems: list[str]) -> list[Judgement]:
        """Return the judgements of one annotation of a task."""
        answers = read_results(results, data["text"], problems)
        groups = make_groups(self._material, data)
        known = {control for group in groups for control in group.controls}
        problems += [f"{control}: this task does not ask for it" for control in answers if control not in known]
        judged = [one for group in groups for one in self._judge_group(group, answers, problems)]
        for first in [group for group in groups if group.fields == ("bears_on",)]:
            if (control := first.name_control("bears_on")) not in answers:
                problems.append(f"{control}: is missing")
            pair = [one for one in judged if one.proposition_id == first.proposition_id]
            problems += _check_pair(pair, first.suffix)
        if not answers:
            problems.append("the annotation is empty")
        return judged

    def _judge_group(self, group: Group, answers: dict[str, Answer], problems: list[str]) -> Iterator[Judgement]:
        """Yield the judgements of a group, if any of its controls has an answer."""
        given = {control: answers[control] for control in group.controls if control in answers}
        if not given:
            return
        reason = _join_reason(group, given, problems)
        for name in group.fields:
            control = group.name_control(name)
            answer = given.get(control, Answer(""))
            try:
                value = _convert_value(self._material, group, name, answer.value)
            except ValueError as error:
                problems.append(f"{control}: {error}")
                continue
            one = Judgement(
                self._annotator, group.item_id, group.proposition_id, group.source_no, name, value,
                answer.start, answer.end, value if answer.start is not None else "", reason, self._material.codebook,
            )  # fmt: skip
            problems += [f"{control}: {problem}" for problem in find_class_problems(one) if reason.strip()]
            yield one


def _select_annotation(annotations: Any) -> list[dict[str, Any]]:
    """Return the annotation of a task, if it has one that was not skipped; raises ValueError for several."""
    if not isinstance(annotations, list) or not all(isinstance(one, dict) for one in annotations):
        raise ValueError("it has no list of annotations")
    done = [one for one in annotations if not one.get("was_cancelled")]
    if len(done) > 1:
        people = ", ".join(str(one.get("completed_by")) for one in done)
        raise ValueError(
            f"a second judgement: {len(done)} annotations by {people}; keep one per task, and give each coder their "
            "own project"
        )
    return done


def _join_reason(group: Group, answers: dict[str, Answer], problems: list[str]) -> str:
    """Return the reason, followed by the confidence if the group asks for one."""
    reason = answers.get(group.reason, Answer("")).value
    answer = answers.get(group.name_control("bears_on"))
    if not reason.strip() and group.fields == ("bears_on",) and answer == Answer("no"):
        return _NO_REASON
    if not reason.strip():
        problems.append(f"{group.reason}: a judgement needs a reason")
    if "outlet_guess" not in group.fields:
        return reason
    confidence = answers.get("confidence", Answer("")).value.strip()
    if not _CONFIDENCE.fullmatch(confidence):
        problems.append(f"confidence: {confidence!r} is not a number from 0 to 1")
    return f"{reason} (confidence {confidence})"


def _convert_value(material: Material, group: Group, name: str, text: str) -> str:
    """Return the value of a field as judgements store it; raises ValueError if it is not allowed."""
    if name == "country_guess":
        text = text.strip()
        if text and not _STATE.fullmatch(text):
            raise ValueError(f"{text!r} is not a state; write two capital letters as in ISO 3166-1, such as CZ")
    if name in ENTRY_SOURCES and text and text not in material.sources:
        raise ValueError(f"there is no source {text!r} in the registry")
    if name in _REQUIRED and not text.strip():
        raise ValueError("may not be empty")
    if name == "focal_proposition":
        if text not in (*material.propositions, NO_PROPOSITION):
            raise ValueError(f"there is no proposition {text!r}")
        return "" if text == NO_PROPOSITION else text
    if name == "claim_units":
        article = group.item_id.split("/")[0]
        items = {key: unit.item_id for key, unit in material.units.items() if unit.item_id.split(".")[0] == article}
        if wrong := [unit for unit in text.split() if unit not in items]:
            raise ValueError(f"this article has no units {', '.join(wrong)}")
        return " ".join(items[unit] for unit in text.split())
    return text


def _check_pair(judged: list[Judgement], mark: str) -> Iterator[str]:
    """Yield inconsistencies between bears_on and the entries of one pair; `mark` ends the names of its controls."""
    entries: dict[int, dict[str, str]] = {}
    bears = ""
    for one in judged:
        if one.source_no:
            entries.setdefault(one.source_no, {})[one.field] = one.value
        else:
            bears = one.value
    numbers = ", ".join(map(str, entries))
    if bears == "yes" and not entries:
        yield (
            f"bears_on{mark}: is yes, but no source is judged; judge at least one, the outlet if there is no other "
            "source"
        )
    if entries and bears != "yes":
        yield f"bears_on{mark}: is {bears or 'missing'}, but sources are judged: {numbers}"
    if sorted(entries) != list(range(1, len(entries) + 1)):
        yield f"source_id{mark}_{max(entries)}: sources {numbers} are judged; number them from 1 without gaps"
    about = f" of {mark[1:].upper()}" if mark else ""
    for number, entry in entries.items():
        yield from (f"source {number}{about}: {problem}" for problem in _check_entry(entry))


def _check_entry(entry: dict[str, str]) -> Iterator[str]:
    """Yield the combinations in one entry that the codebook does not allow."""
    attributed, source = entry.get("attributed"), entry.get("source_id")
    excluded, required = _ATTRIBUTION.get(attributed or "", ((), ""))
    yield from (f"attributed is {attributed}, but {name} is given" for name in excluded if entry.get(name))
    if required and not entry.get(required):
        yield f"attributed is {attributed}, but {required} is missing"
    if attributed == "yes" and source == "outlet":
        yield "attributed is yes, but the source is the outlet itself"
    if attributed == "no" and source not in ("outlet", None):
        yield "attributed is no, so the source must be the outlet"
    for name in ("carried_source_id", "carried_cue_strength"):
        if (entry.get("lapsed") == "yes") != bool(entry.get(name)):
            yield f"{name} is given if and only if lapsed is yes"
