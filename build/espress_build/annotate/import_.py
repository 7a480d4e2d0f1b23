"""The way back: Label Studio's JSON export turned into judgements, or into the list of all that is wrong with it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from espress.errors import InputError
from espress_build.annotate.answers import Answer, from_results
from espress_build.annotate.forms import KINDS, NO_PROPOSITION, Group, groups, reading_order, tasks
from espress_build.inputs.judgements import ENTRY_SOURCES, ENTRY_STATES, Judgement
from espress_build.inputs.judgements import _problems as class_problems

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress_build.annotate.items import Material

_STATE = re.compile(r"[A-Z]{2}")
_CONFIDENCE = re.compile(r"0(?:\.\d+)?|1(?:\.0+)?")


@dataclass
class Came:
    """What an export held: judgements in reading order, when they were made, and every problem."""

    judgements: list[Judgement] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def _name(data: dict[str, Any]) -> str:
    return ", ".join(str(data[key]) for key in ("unit", "proposition", "article") if key in data)


def _files(path: Path) -> list[Path]:
    found = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not found:
        raise InputError([f"{path}: no JSON file is in it. In Label Studio: Export, format JSON."])
    return found


def _rows(path: Path) -> list[Any]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError([f"{path}: this is no JSON: {error}."]) from error
    if not isinstance(rows, list):
        raise InputError([f"{path}: an export is a list of tasks. In Label Studio: Export, format JSON."])
    return rows


def _value(material: Material, group: Group, name: str, answer: Answer | None) -> str:
    """Return the value of a field as judgements hold it; raises ValueError for what there is not."""
    text = answer.value if answer else ""
    if name in (*ENTRY_STATES, "country_guess"):
        text = text.strip()
        if text and not _STATE.fullmatch(text):
            raise ValueError(f"{text!r} is no state: two capital letters as in ISO 3166-1, such as CZ")
    if name in ENTRY_SOURCES and text and text not in material.sources:
        raise ValueError(f"there is no source {text!r} in the registry")
    if name in ("source_id", "outlet_guess", "country_guess", "focal_proposition") and not text.strip():
        raise ValueError("may not be empty")
    if name == "focal_proposition":
        if text and text not in (*material.propositions, NO_PROPOSITION):
            raise ValueError(f"there is no proposition {text!r}")
        return "" if text == NO_PROPOSITION else text
    if name == "claim_units":
        units = text.split()
        own = {key: unit.item_id for key, unit in material.key.units.items()}
        if wrong := [unit for unit in units if own.get(unit, "").split(".")[0] != group.item_id.split("/")[0]]:
            raise ValueError(f"this article has no units {', '.join(wrong)}")
        return " ".join(own[unit] for unit in units)
    return text


def _reason(group: Group, answers: dict[str, Answer], problems: list[str]) -> str:
    """Return the reason, with the confidence at the end where one is asked for."""
    reason = answers[group.reason].value if group.reason in answers else ""
    if not reason.strip():
        problems.append(f"{group.reason}: a judgement needs a reason")
    if "outlet_guess" not in group.fields:
        return reason
    confidence = answers["confidence"].value.strip() if "confidence" in answers else ""
    if not _CONFIDENCE.fullmatch(confidence):
        problems.append(f"confidence: {confidence!r} is no number from 0 to 1")
    return f"{reason} (confidence {confidence})"


def _judged(
    material: Material, annotator: str, group: Group, answers: dict[str, Answer], problems: list[str]
) -> Iterator[Judgement]:
    """Give the judgements of a group that was answered at all."""
    given = {control: answers[control] for control in group.controls if control in answers}
    if not given:
        return
    reason = _reason(group, given, problems)
    for name in group.fields:
        answer = given.get(group.control(name))
        try:
            value = _value(material, group, name, answer)
        except ValueError as error:
            problems.append(f"{group.control(name)}: {error}")
            continue
        start, end = (answer.start, answer.end) if answer else (None, None)
        one = Judgement(
            annotator, group.item_id, group.proposition_id, group.source_no, name, value, start, end,
            value if start is not None else "", reason, material.codebook,
        )  # fmt: skip
        problems += [f"{group.control(name)}: {found}" for found in class_problems(one) if reason.strip()]
        yield one


def _contradictions(entry: dict[str, str]) -> Iterator[str]:
    """Give what in one entry cannot stand together by the codebook."""
    if entry.get("attributed") == "yes":
        yield from (
            f"attributed is yes, and {name} is given" for name in ("lapsed", "carried_source_id") if entry.get(name)
        )
        if not entry.get("cue_strength"):
            yield "attributed is yes, and cue_strength is missing"
        if entry.get("source_id") == "outlet":
            yield "attributed is yes, and the source is the outlet itself"
    if entry.get("attributed") == "no":
        yield from (
            f"attributed is no, and {name} is given" for name in ("cue_strength", "cue_span") if entry.get(name)
        )
        if not entry.get("lapsed"):
            yield "attributed is no, and lapsed is missing"
        if entry.get("source_id") not in ("outlet", None):
            yield "attributed is no; the source is then the outlet"
    for name in ("carried_source_id", "carried_cue_strength"):
        if (entry.get("lapsed") == "yes") != bool(entry.get(name)):
            yield f"{name} is given where lapsed is yes, and only there"


def _pair_problems(judged: list[Judgement]) -> Iterator[str]:
    """Give what does not fit between bears_on and the entries of one pair."""
    entries: dict[int, dict[str, str]] = {}
    bears = ""
    for one in judged:
        if one.source_no:
            entries.setdefault(one.source_no, {})[one.field] = one.value
        else:
            bears = one.value
    if bears == "yes" and not entries:
        yield "bears_on: is yes, and no source is judged; it needs one at least, the outlet if nobody else"
    if entries and bears != "yes":
        yield f"bears_on: is {bears or 'missing'}, and sources are judged: {', '.join(map(str, entries))}"
    if sorted(entries) != list(range(1, len(entries) + 1)):
        yield f"source_id_{max(entries)}: sources {', '.join(map(str, entries))} are judged; the numbers leave a hole"
    for number, entry in entries.items():
        yield from (f"source {number}: {problem}" for problem in _contradictions(entry))


def _annotation(
    material: Material, annotator: str, data: dict[str, Any], results: Any, problems: list[str]
) -> list[Judgement]:
    """Return the judgements of one annotation of a task."""
    answers = from_results(results, data["text"], problems)
    asked = groups(material, data)
    known = {control for group in asked for control in group.controls}
    problems += [f"{control}: this task does not ask for it" for control in answers if control not in known]
    judged = [one for group in asked for one in _judged(material, annotator, group, answers, problems)]
    if data["kind"] == "pairs":
        problems += _pair_problems(judged)
    if data["kind"] != "articles" and asked[0].control(asked[0].fields[0]) not in answers:
        problems.append(f"{asked[0].fields[0]}: is missing")
    if not answers:
        problems.append("the annotation is empty")
    return judged


def _checked(material: Material, asked: dict[str, dict[str, Any]], data: Any) -> dict[str, Any]:
    """Return the data of the task as we export it; raises ValueError where it is none of ours or has changed."""
    if not isinstance(data, dict) or data.get("kind") not in KINDS:
        raise ValueError("this is no task of ours (or the export is not of format JSON)")
    name = _name(data)
    if data.get("proposition") not in (None, *material.propositions):
        raise ValueError(f"there is no proposition {data['proposition']!r}")
    if (own := asked.get(f"{data['kind']}: {name}")) is None:
        raise ValueError(f"there is no unit or article {name!r}")
    if data.get("codebook") != own["codebook"]:
        raise ValueError(
            f"coded by codebook {data.get('codebook')}, here it is {own['codebook']}: import in a clone of that version"
        )
    if data.get("text") != own["text"]:
        raise ValueError("its text is not the text of this dataset; the offsets would point elsewhere")
    return own


def _done(annotations: Any) -> list[dict[str, Any]]:
    """Return the annotation of a task, or none; raises ValueError for several. What a coder skipped does not count."""
    if not isinstance(annotations, list) or not all(isinstance(one, dict) for one in annotations):
        raise ValueError("it has no list of annotations")
    done = [one for one in annotations if not one.get("was_cancelled")]
    if len(done) > 1:
        people = ", ".join(str(one.get("completed_by")) for one in done)
        raise ValueError(
            f"a second judgement: {len(done)} annotations by {people}; keep one a task, and give each coder a project"
        )
    return done


def _task(material: Material, annotator: str, asked: dict[str, dict[str, Any]], row: Any, came: Came) -> None:
    """Add what one task of the export holds."""
    if not isinstance(row, dict):
        came.problems.append(f"{row!r} is no task")
        return
    where = f"task {row.get('id')}"
    problems: list[str] = []
    try:
        data = _checked(material, asked, row.get("data"))
        where += f" ({_name(data)})"
        for one in _done(row.get("annotations", [])):
            came.judgements += _annotation(material, annotator, data, one.get("result"), problems)
            came.times += [str(one[key]) for key in ("created_at", "updated_at") if one.get(key)]
    except (ValueError, TypeError, KeyError) as error:
        problems.append(str(error))
    came.problems += [f"{where}, {problem}." for problem in problems]


def read_export(material: Material, path: Path, annotator: str) -> Came:
    """Read one export of Label Studio or a folder of them.

    Raises:
        InputError: a file is no export at all; what is wrong inside of one stands in `problems`.
    """
    came = Came()
    asked = {f"{kind}: {_name(data)}": data for kind, every in tasks(material).items() for data in every}
    for file in _files(path):
        inside = Came()
        for row in _rows(file):
            _task(material, annotator, asked, row, inside)
        came.judgements += inside.judgements
        came.times += inside.times
        came.problems += [f"{file.name}: {problem}" for problem in inside.problems]
    seen: set[Any] = set()
    for one in came.judgements:
        if one.key in seen:
            came.problems.append(
                f"a second judgement for {' '.join(str(part) for part in one.key if part)}: two tasks gave one."
            )
        seen.add(one.key)
    order = reading_order(material)
    came.judgements.sort(key=lambda one: order[one.item_id, one.proposition_id, one.source_no, one.field])
    if not came.judgements and not came.problems:
        came.problems.append(f"{path}: no task has an annotation.")
    return came
