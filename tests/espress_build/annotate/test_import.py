"""Each fault that an export can have is refused with the task and the field; nothing is written then."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress_build.annotate.annotated import run_import

from espress.errors import InputError
from espress_build.annotate.import_ import find_missing, read_export
from espress_build.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from espress_build.annotate.material import Material
    from espress_build.build import Places

    Export = dict[str, list[dict[str, Any]]]
    Refused = Callable[..., list[str]]

Results = list[dict[str, Any]]

UNIT = {"unit": "A1.01"}  # model-1: P2 yes, cctv, attributed, two spans; P1 and P3 no


def _find(results: Results, control: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in results if one["id"] == control)
    return found


def _answer(control: str, kind: str, key: str, value: str) -> Callable[[Results], None]:
    answer = {"id": control, "from_name": control, "to_name": "text", "type": kind, "value": {key: [value]}}

    def change(results: Results) -> None:
        results[:] = [*(one for one in results if one["id"] != control), answer]

    return change


def _choose(control: str, value: str) -> Callable[[Results], None]:
    return _answer(control, "choices", "choices", value)


def _type(control: str, value: str) -> Callable[[Results], None]:
    return _answer(control, "textarea", "text", value)


def _drop(*controls: str) -> Callable[[Results], None]:
    def change(results: Results) -> None:
        results[:] = [one for one in results if one["id"] not in controls]

    return change


def _drop_entry(results: Results) -> None:
    results[:] = [one for one in results if not one["id"].endswith("_p2_1")]


def _move(**value: Any) -> Callable[[Results], None]:
    return lambda results: _find(results, "source_span_p2_1")["value"].update(value)


def _twice(results: Results) -> None:
    results.append(dict(_find(results, "position_p2_1")))


def _two_choices(results: Results) -> None:
    _find(results, "position_p2_1")["value"]["choices"].append("deny")


def _second_slot_only(results: Results) -> None:
    for one in results:
        for key in ("id", "from_name"):
            one[key] = one[key].replace("_p2_1", "_p2_2")
        if one["type"] == "labels":
            one["value"]["labels"] = [one["value"]["labels"][0].replace("1", "2")]


UNIT_FAULTS = [
    (_choose("position_p2_1", "praise"), "position_p2_1: 'praise' is not a class of position; classes: support, deny"),
    (_choose("source_id_p2_1", "the-moon"), "source_id_p2_1: there is no source 'the-moon' in the registry"),
    (_choose("via_source_id_p2_1", "the-moon"), "via_source_id_p2_1: there is no source 'the-moon'"),
    (_drop("source_id_p2_1"), "source_id_p2_1: may not be empty"),
    (_drop("position_p2_1"), "position_p2_1: position may not be null"),
    (_drop("bears_on_reason_p2"), "bears_on_reason_p2: a judgement needs a reason"),
    (_type("reason_p2_1", " \n "), "reason_p2_1: a judgement needs a reason"),
    (_drop("hedged_p2_1"), "hedged_p2_1: hedged may not be null"),
    (_move(end=4000), "source_span_p2_1: 0 to 4000 lies outside the text, which has 80 characters"),
    (_move(start=-1), "source_span_p2_1: -1 to 8 is not a span"),
    (_move(start=1), "source_span_p2_1: the words 'State TV' are not at 1 to 8, where the text has 'tate TV'"),
    (_move(text="State Tv"), "source_span_p2_1: the words 'State Tv' are not at 0 to 8"),
    (_move(start=None), "source_span_p2_1: start None and end 8 must be whole numbers"),
    (_move(text=None), "source_span_p2_1: the span has no text"),
    (_move(labels=["1 moon"]), "moon_span_p2_1: this task does not ask for it"),
    (_move(labels=["4 source"]), "source_span_p2_4: this task does not ask for it"),
    (_drop_entry, "bears_on_p2: is yes, but no source is judged"),
    (_choose("bears_on_p2", "no"), "bears_on_p2: is no, but sources are judged: 1"),
    (_drop("bears_on_p2", "bears_on_reason_p2"), "bears_on_p2: is missing, but sources are judged: 1"),
    (_drop("bears_on_p2"), "bears_on_p2: bears_on may not be null"),
    (_twice, "position_p2_1: a second judgement; one annotation answers each question once"),
    (_two_choices, "position_p2_1: needs exactly one value, has ['support', 'deny']"),
    (_second_slot_only, "source_id_p2_2: sources 2 are judged; number them from 1 without gaps"),
    (_choose("lapsed_p2_1", "yes"), "source 1 of P2: attributed is yes, but lapsed is given"),
    (_drop("cue_strength_p2_1"), "source 1 of P2: attributed is yes, but cue_strength is missing"),
    (_choose("source_id_p2_1", "outlet"), "source 1 of P2: attributed is yes, but the source is the outlet itself"),
    (_choose("attributed_p2_1", "no"), "source 1 of P2: attributed is no, but lapsed is missing"),
    (
        _choose("carried_source_id_p2_1", "cctv"),
        "source 1 of P2: carried_source_id is given if and only if lapsed is yes",
    ),
    (_choose("bears_on_p9", "no"), "bears_on_p9: this task does not ask for it"),
    (_choose("stance_0", "favor"), "stance_0: this task does not ask for it"),
    (lambda results: results.append({"type": "relation"}), "a result: the result cannot be read: KeyError 'from_name'"),
    (
        lambda results: results.append({"from_name": "mood", "type": "rating", "value": {}}),
        "mood: a 'rating' named 'mood' is not a control",
    ),
]


ARTICLE_FAULTS = [
    (_choose("stance_0", "neutral"), "stance_0: 'neutral' is not a class of stance; classes: against, neither, favor"),
    (_choose("focal_proposition_0", "all"), "focal_proposition_0: there is no proposition 'all'"),
    (_drop("focal_proposition_0"), "focal_proposition_0: may not be empty"),
    (_choose("lead_voice_0", "shouts"), "lead_voice_0: 'shouts' is not a class of lead_voice; classes: denies"),
    (_drop("lead_voice_reason_0"), "lead_voice_reason_0: a judgement needs a reason"),
    (_drop("stance_reason_0"), "stance_reason_0: a judgement needs a reason"),
    (_type("country_guess", "cn"), "country_guess: 'cn' is not a state"),
    (_drop("outlet_guess"), "outlet_guess: may not be empty"),
    (_drop("confidence"), "confidence: '' is not a number from 0 to 1"),
    (_type("confidence", "1.5"), "confidence: '1.5' is not a number from 0 to 1"),
    (_choose("stance_1", "neither"), "stance_1: this task does not ask for it"),
    (_choose("claim_0", "reported"), "claim_0: this task does not ask for it"),
]


TASK_FAULTS = [
    (lambda row: row["data"].update(unit="A9.01"), "task 1, there is no unit or article 'A9.01'"),
    (lambda row: row["data"].update(text="other words"), "task 1, its text is not the text of this dataset"),
    (lambda row: row["data"].update(codebook="0.9.0"), "task 1, coded by codebook 0.9.0, here it is "),
    (lambda row: row["data"].update(kind="moods"), "task 1, this is not one of our tasks"),
    (lambda row: row.update(data=None), "task 1, this is not one of our tasks"),
    (lambda row: row.update(annotations="none"), "task 1 (A1.01), it has no list of annotations"),
    (
        lambda row: row["annotations"].append(row["annotations"][0]),
        "task 1 (A1.01), a second judgement: 2 annotations by",
    ),
    (lambda row: row["annotations"][0].update(result=[]), "task 1 (A1.01), the annotation is empty"),
    (lambda row: row["annotations"][0].update(result=None), "task 1 (A1.01), a result: the result cannot be read"),
]


def _in_results(change: Callable[[Results], None]) -> Callable[[Any], None]:
    return lambda row: change(row["annotations"][0]["result"])


FAULTS = [
    *(("units", UNIT, _in_results(change), f"task 1 (A1.01), {message}") for change, message in UNIT_FAULTS),
    ("units", UNIT, _in_results(_choose("source_id_p3_1", "cctv")),
     "task 1 (A1.01), bears_on_p3: is no, but sources are judged: 1"),
    ("units", UNIT, lambda row: row["data"].update(propositions=["moon_is_cheese"]),
     "task 1, it asks about the propositions ['moon_is_cheese'], here they are ['countermeasures_warranted', "),
    *(("articles", {"article": "A1"}, _in_results(change), f"task 1 (A1), {message}")
      for change, message in ARTICLE_FAULTS),
    *(("units", {}, change, message) for change, message in TASK_FAULTS),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=[fault[-1][:70] for fault in FAULTS])
def test_a_fault_is_reported_with_its_task_and_field(
    fault: tuple[str, dict[str, str], Callable[[Any], None], str], exported: Export, refused: Refused
) -> None:
    kind, data, change, message = fault
    place, row = next((at, one) for at, one in enumerate(exported[kind], 1) if data.items() <= one["data"].items())
    change(row)
    problems = refused(kind)
    assert any(one.startswith(f"{kind}.json: {message}") for one in problems), problems
    assert all(one.startswith(f"{kind}.json: task {place}") for one in problems)


def test_claims_name_units_of_their_article(exported: Export, refused: Refused) -> None:
    found = next(one for one in exported["articles"] if one["data"]["article"] == "A4")["annotations"][0]["result"]
    _choose("claim_0", "perhaps")(found)
    _type("claim_units_0", "A1.01 A4.02 A4.99")(found)
    problems = refused("articles")
    assert "articles.json: task 4 (A4), claim_reason_0: a judgement needs a reason." in problems
    assert "articles.json: task 4 (A4), claim_units_0: this article has no units A1.01, A4.99." in problems
    _type("claim_reason_0", "why")(found)
    assert any("claim_0: 'perhaps' is not a class of claim" in one for one in refused("articles"))


def _get_answer(result: dict[str, Any]) -> str:
    """Return the answer of bears_on, "" for other results."""
    return str(result["value"]["choices"][0]) if re.fullmatch(r"bears_on_p\d", result["from_name"]) else ""


def _find_negative(exported: Export) -> dict[str, Any]:
    """Return a unit that bears on no proposition."""
    rows = exported["units"]
    return next(row for row in rows if "yes" not in map(_get_answer, row["annotations"][0]["result"]))


def test_two_tasks_for_one_unit_are_a_second_judgement(exported: Export, refused: Refused) -> None:
    exported["units"].append(_find_negative(exported))
    problems = refused("units")
    assert len(problems) == 3
    assert all(one.startswith("a second judgement for human-1 ") for one in problems)
    assert all(one.endswith(" bears_on: two tasks contain one.") for one in problems)


def test_a_unit_that_does_not_bear_on_the_proposition_needs_no_reason(
    material: Material, exported: Export, folder: Path
) -> None:
    row = _find_negative(exported)
    _drop("bears_on_reason_p1", "bears_on_reason_p2", "bears_on_reason_p3")(row["annotations"][0]["result"])
    (folder / "units.json").write_text(json.dumps([row]), encoding="utf-8")
    (folder / "articles.json").unlink()
    export = read_export(material, folder, "human-1")
    assert export.problems == []
    judged = [(one.proposition_id, one.field, one.value, one.reason) for one in export.judgements]
    assert judged == [(name, "bears_on", "no", "no reason asked") for name in material.propositions]


def test_an_import_names_what_is_missing(material: Material, exported: Export, folder: Path) -> None:
    left_out = [exported["units"].pop(4)["data"], exported["units"].pop(0)["data"]]
    exported["articles"].pop()
    for kind, rows in exported.items():
        (folder / f"{kind}.json").write_text(json.dumps(rows), encoding="utf-8")
    missing = find_missing(material, read_export(material, folder, "human-1").judgements)
    names = [f"{data['unit']} {name}" for data in reversed(left_out) for name in material.propositions]
    assert missing["bears_on"] == names
    last = list(material.articles)[-1]
    assert missing["outlet_guess"] == missing["country_guess"] == [last]
    assert missing["stance"] == [f"{last} {event}" for event in material.article_events[last]]


def test_skipped_tasks_count_as_not_judged(exported: Export, refused: Refused) -> None:
    exported["units"][0]["annotations"].append({"was_cancelled": True, "result": []})
    exported["units"][1]["annotations"] = []
    assert refused("units") == []


def test_all_problems_come_at_once_and_nothing_is_written(
    where: Places, exported: Export, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in where.raw.rglob("*") if path.is_file()}
    left = 7
    for row in exported["units"]:
        result = row["annotations"][0]["result"]
        for control in [one["from_name"] for one in result if _get_answer(one) == "yes"][:left]:
            _drop(control.replace("bears_on", "bears_on_reason"))(result)
            left -= 1
    (folder / "units.json").write_text(json.dumps(exported["units"]), encoding="utf-8")
    options = ["annotate", "import", str(folder), "--annotator", "model-1", "--kind", "human", "--family", "x"]
    assert main(["--project", str(where.project), *options, "--started", "yesterday"]) == 2
    told = capsys.readouterr().err
    assert len(re.findall(r"bears_on_reason_p\d: a judgement needs a reason", told)) == 7
    for also in (
        "[model-1] is in passes.toml already",
        "--kind is human, or model with its --family",
        "--started: Invalid",
        "--ended: ",
    ):
        assert also in told
    assert told.rstrip().splitlines()[-1].startswith("Nothing was written; problems: ")
    assert {path: path.read_bytes() for path in where.raw.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["../model-9", "Human 1", "", "passes.toml"])
def test_an_annotator_has_a_plain_name(
    name: str, where: Places, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_import(where, folder, name) == 2
    assert "small letters, digits and hyphens" in capsys.readouterr().err


def test_a_source_that_is_judged_no_more_cannot_be_taken_back(
    where: Places, exported: Export, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_import(where, folder, "human-1") == 0
    found = next(one for one in exported["units"] if UNIT.items() <= one["data"].items())["annotations"][0]["result"]
    _drop_entry(found)
    _choose("bears_on_p2", "no")(found)
    (folder / "units.json").write_text(json.dumps(exported["units"]), encoding="utf-8")
    assert run_import(where, folder, "human-1", "--supersede") == 2
    assert "source 1 is in human-1.csv but not in the import" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "message"),
    [("{}", "a list of tasks"), ("[", "not JSON"), ("[]", "no task has"), ("[7]", "7 is not a task")],
)
def test_what_is_no_export_is_refused(content: str, message: str, material: Material, tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_text(content, encoding="utf-8")
    try:
        problems = read_export(material, path, "human-1").problems
    except InputError as error:
        problems = error.problems
    assert any(message in one for one in problems)


def test_the_masked_input_must_be_the_datasets(where: Places, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = where.raw / "annotations" / "input.jsonl"
    whole = path.read_bytes()
    changed = whole.replace(b"State TV", b"State Tv", 1)
    path.write_bytes(changed)
    assert main(["--project", str(where.project), "annotate", "export", str(folder)]) == 2
    assert "no input*.jsonl equals the masked text of the dataset" in capsys.readouterr().err
    for _ in range(2):  # the second time the file is there already
        assert main(["--project", str(where.project), "annotate", "renew-input"]) == 0
    kept = {file.name: file.read_bytes() for file in path.parent.glob("input*.jsonl")}
    assert kept == {"input.jsonl": changed, f"input-{hashlib.sha256(whole).hexdigest()[:12]}.jsonl": whole}
    assert main(["--project", str(where.project), "annotate", "export", str(folder)]) == 0
