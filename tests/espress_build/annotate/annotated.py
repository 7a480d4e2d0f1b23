"""Turn judgements into what Label Studio would export, and import an export by the command."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from espress.errors import InputError
from espress.schema import schema
from espress_build.annotate.label_studio import Answer
from espress_build.annotate.questions import (
    NO_PROPOSITION,
    SPANS,
    Group,
    get_control_type,
    make_groups,
    make_label,
    make_tasks,
)
from espress_build.cli.main import main
from espress_build.inputs.judgements import Judgement, current, current_major, known_fields

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from espress_build.annotate.material import Material
    from espress_build.build import Places

_GUESS_REASON = re.compile(r"(?P<reason>.*) \(confidence (?P<confidence>0(?:\.\d+)?|1(?:\.0+)?)\)", re.DOTALL)


def _show_value(material: Material, one: Judgement) -> str:
    if one.field == "focal_proposition":
        return one.value or NO_PROPOSITION
    if one.field == "claim_units":
        names = {unit.item_id: name for name, unit in material.units.items()}
        return " ".join(names[item] for item in one.value.split())
    return one.value


def _answer(material: Material, group: Group, judged: dict[str, Judgement]) -> dict[str, Answer]:
    """Return the answers of one group; raises ValueError for what the form cannot hold."""
    if missing := [field for field in group.fields if field not in judged]:
        raise ValueError(f"{', '.join(missing)} is not judged, the rest is")
    if len(reasons := {one.reason for one in judged.values()}) > 1:
        raise ValueError(f"the fields have {len(reasons)} reasons, and the form has room for one")
    answers = {}
    for field, one in judged.items():
        if value := _show_value(material, one):
            answers[group.name_control(field)] = Answer(value, one.start, one.end)
    (reason,) = reasons
    if "outlet_guess" in group.fields:
        parts = _GUESS_REASON.fullmatch(reason)
        assert parts
        answers["confidence"], reason = Answer(parts["confidence"]), parts["reason"]
    return answers | {group.reason: Answer(reason)}


def _make_result(group: Group, control: str, answer: Answer) -> dict[str, Any]:
    kind = get_control_type(control)
    if kind == "labels":
        value = {"start": answer.start, "end": answer.end, "text": answer.value, "labels": [make_label(control)]}
        spans = SPANS + control.partition("_span")[2].rpartition("_")[0]
        return {"id": control, "from_name": spans, "to_name": "text", "type": kind, "value": value}
    value = {"choices" if kind == "choices" else "text": [answer.value]}
    parts = group.item_id.count("/")  # of an article, an event or a claim
    shown_on = "text" if not parts else f"{'event' if parts == 1 else 'claim_text'}{group.suffix}"
    return {"id": control, "from_name": control, "to_name": shown_on, "type": kind, "value": value}


def make_pair_tasks(material: Material) -> dict[str, list[dict[str, Any]]]:
    """Return the tasks of versions before 0.3.0, which asked about one unit and one proposition each."""
    made = make_tasks(material)
    pairs = [
        {key: value for key, value in unit.items() if key != "propositions"}
        | {"kind": "pairs", "proposition": name, "statement": row["statement"], "scope": row["scope"]}
        for unit in made["units"]
        for name, row in material.propositions.items()
    ]
    return {"pairs": pairs, "articles": made["articles"]}


def annotate(
    material: Material, judgements: Iterable[Judgement], asked: dict[str, list[dict[str, Any]]] | None = None
) -> dict[str, list[dict[str, Any]]]:
    """Return all tasks by kind, each with the annotation that the judgements give; raises InputError for the rest."""
    left = {(j.item_id, j.proposition_id, j.source_no, j.field): j for j in current(judgements)[0].values()}
    problems: list[str] = []
    tasks: dict[str, list[dict[str, Any]]] = {}
    for kind, every in (asked or make_tasks(material)).items():
        tasks[kind] = []
        for number, data in enumerate(every, 1):
            results: list[dict[str, Any]] = []
            for group in make_groups(material, data):
                keys = [(group.item_id, group.proposition_id, group.source_no, field) for field in group.fields]
                if judged := {key[-1]: left.pop(key) for key in keys if key in left}:
                    try:
                        answers = _answer(material, group, judged)
                    except ValueError as error:
                        problems.append(f"{group.item_id} {group.proposition_id} {group.source_no or ''}: {error}.")
                        continue
                    results += [_make_result(group, name, answers[name]) for name in group.controls if name in answers]
            annotations = {"annotations": [{"result": results}]} if results else {}
            tasks[kind].append({"id": number, "data": data} | annotations)
    problems += [f"{' '.join(map(str, key))}: no form asks for this." for key in left]
    if problems:
        raise InputError(problems)
    return tasks


def renew(judgements: Iterable[Judgement]) -> list[Judgement]:
    """Return the judgements of a pass by codebook 1.x as one by the current codebook might have made them."""
    version = str(schema().guidance["version"])
    kept = set(known_fields(current_major()))
    renewed: list[Judgement] = []
    for old in judgements:
        one = replace(old, codebook=version)
        if one.field in kept:
            renewed.append(replace(one, value="neither") if one.value == "none" else one)
        if one.field == "attributed":
            renewed.append(replace(one, field="hedged", value="no"))
        if one.field == "stance":
            renewed.append(replace(one, field="devices", value=""))
            renewed.append(replace(one, field="lead_voice", value="reports", reason="title and lead attribute"))
    return renewed


def run_import(where: Places, folder: Path, name: str, *more: str) -> int:
    """Import an export as a person's pass; returns the exit code."""
    times = ["--started", "2026-11-22T10:00:00Z", "--ended", "2026-11-22T12:00:00+01:00"]
    options = [str(folder), f"--annotator={name}", "--kind", "human", *times, *more]
    return main(["--project", str(where.project), "annotate", "import", *options])
