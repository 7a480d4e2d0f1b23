"""The way out: files for Label Studio, and judgements as annotations of its tasks."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from espress.errors import InputError, UnknownNameError
from espress_build.annotate.answers import Answer, to_result
from espress_build.annotate.forms import KINDS, NO_PROPOSITION, Group, groups, tasks, type_of
from espress_build.annotate.label_studio import configurations
from espress_build.inputs.judgements import Judgement, current

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from espress_build.annotate.items import Material

GUESS_REASON = re.compile(r"(?P<reason>.*) \(confidence (?P<confidence>0(?:\.\d+)?|1(?:\.0+)?)\)", re.DOTALL)
_README = """\
Three projects for Label Studio, made by `espress-build annotate export`.
Codebook: version {codebook}, docs/generated/codebook.md.
Give each coder projects of their own, so that nobody sees what another judged, and one annotation a task.
1. Start Label Studio; create three projects; name them as you like.
2. In each: Settings, Labeling Interface, Code: paste units.xml, pairs.xml or articles.xml.
3. In each: Import the JSON file of the same name. Let the coder do articles first, then units, then pairs.
4. pairs: mark the words of source and cue with the labels "1 source", "1 cue"; leave empty what is null.
5. Names such as A1.03 hide the outlet: do not look the texts up, and do not show coders this project's folders.
6. When all is judged: Export, format JSON (not JSON-MIN), one file a project, into one folder.
7. `espress-build annotate import FOLDER --annotator human-1 --kind human` checks all and writes raw/annotations/.
8. If it refuses, it names task and field: mend it in Label Studio, export and import again.
"""


def export(material: Material, folder: Path, articles: list[str] | None = None) -> dict[str, int]:
    """Write tasks, configurations and a README to a folder; returns how many tasks of each kind.

    Raises:
        UnknownNameError: an article is named that there is not.
    """
    names = {article: name for name, article in material.key.articles.items()}
    for article in articles or []:
        if article not in names:
            raise UnknownNameError("article", article, sorted(names))
    made = tasks(material, {names[article] for article in articles} if articles else None)
    folder.mkdir(parents=True, exist_ok=True)
    for kind, configuration in configurations(material).items():
        (folder / f"{kind}.xml").write_text(configuration, encoding="utf-8")
        rows = [{"data": data} for data in made[kind]]
        (folder / f"{kind}.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / "README.txt").write_text(_README.format(codebook=material.codebook), encoding="utf-8")
    return {kind: len(made[kind]) for kind in KINDS}


def _value(material: Material, one: Judgement) -> str:
    """Return a value as the form shows it."""
    if one.field == "focal_proposition":
        return one.value or NO_PROPOSITION
    if one.field == "claim_units":
        names = {unit.item_id: name for name, unit in material.key.units.items()}
        return " ".join(names[item] for item in one.value.split())
    return one.value


def _answers(material: Material, group: Group, found: dict[str, Judgement]) -> dict[str, Answer]:
    """Return the answers of one group; raises ValueError for what the form cannot hold."""
    if missing := [field for field in group.fields if field not in found]:
        raise ValueError(f"{', '.join(missing)} is not judged, the rest is")
    if len(reasons := {one.reason for one in found.values()}) > 1:
        raise ValueError(f"the fields have {len(reasons)} reasons, and the form has room for one")
    answers = {}
    for field, one in found.items():
        if value := _value(material, one):
            answers[group.control(field)] = Answer(value, one.start, one.end)
    (reason,) = reasons
    if "outlet_guess" in group.fields:
        parts = GUESS_REASON.fullmatch(reason)
        if not parts:
            raise ValueError("the reason does not end in its confidence")
        answers["confidence"], reason = Answer(parts["confidence"]), parts["reason"]
    return answers | {group.reason: Answer(reason)}


def _results(group: Group, answers: dict[str, Answer]) -> list[dict[str, Any]]:
    ordered = (control for control in group.controls if control in answers)
    return [to_result(one, answers[one], "text" if type_of(one) == "labels" else group.shown_on) for one in ordered]


def annotated(material: Material, judgements: Iterable[Judgement]) -> dict[str, list[dict[str, Any]]]:
    """Return all tasks by kind, each with the annotation that the judgements give: what an export would hold.

    Only judgements that count are used. The results also serve to fill tasks in beforehand.

    Raises:
        InputError: judgements that the forms have no room for; each is named.
    """
    left = {(j.item_id, j.proposition_id, j.source_no, j.field): j for j in current(judgements)[0].values()}
    problems: list[str] = []
    made: dict[str, list[dict[str, Any]]] = {}
    for kind, every in tasks(material).items():
        made[kind] = []
        for number, data in enumerate(every, 1):
            results: list[dict[str, Any]] = []
            for group in groups(material, data):
                keys = [(group.item_id, group.proposition_id, group.source_no, field) for field in group.fields]
                if found := {key[-1]: left.pop(key) for key in keys if key in left}:
                    try:
                        results += _results(group, _answers(material, group, found))
                    except (ValueError, KeyError) as error:
                        problems.append(f"{group.item_id} {group.proposition_id} {group.source_no or ''}: {error}.")
            made[kind].append(
                {"id": number, "data": data} | ({"annotations": [{"result": results}]} if results else {})
            )
    problems += [f"{' '.join(map(str, key))}: no form asks for this." for key in left]
    if problems:
        raise InputError(problems)
    return made
