"""Each fault that an export can have is refused with the task and the field; nothing is written then."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress_build.annotate.annotated import run_import
from tests.helpers import PROJECT

from espress.errors import InputError
from espress_build.annotate.import_ import find_missing, read_export
from espress_build.cli.main import main
from espress_build.inputs.registries import read_registries

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from espress_build.annotate.material import Material
    from espress_build.build import Places

    Export = dict[str, list[dict[str, Any]]]
    Refused = Callable[..., list[str]]

Results = list[dict[str, Any]]

PAIR = {"unit": "A1.01", "proposition": "covert_activity_against_cn"}  # model-1: yes, cctv, attributed, two spans
NEGATIVE = {"unit": "A1.01", "proposition": "covert_activity_by_cn"}


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
    results[:] = [one for one in results if not one["id"].endswith("_1")]


def _move(**value: Any) -> Callable[[Results], None]:
    return lambda results: _find(results, "source_span_1")["value"].update(value)


def _twice(results: Results) -> None:
    results.append(dict(_find(results, "position_1")))


def _two_choices(results: Results) -> None:
    _find(results, "position_1")["value"]["choices"].append("deny")


def _second_slot_only(results: Results) -> None:
    for one in results:
        for key in ("id", "from_name"):
            one[key] = one[key].replace("_1", "_2")
        if one["type"] == "labels":
            one["value"]["labels"] = [one["value"]["labels"][0].replace("1", "2")]


PAIR_FAULTS = [
    (_choose("position_1", "praise"), "position_1: 'praise' is not a class of position; classes: support, deny"),
    (_choose("source_id_1", "the-moon"), "source_id_1: there is no source 'the-moon' in the registry"),
    (_choose("via_source_id_1", "the-moon"), "via_source_id_1: there is no source 'the-moon'"),
    (_drop("source_id_1"), "source_id_1: may not be empty"),
    (_drop("position_1"), "position_1: position may not be null"),
    (_drop("bears_on_reason"), "bears_on_reason: a judgement needs a reason"),
    (_type("reason_1", " \n "), "reason_1: a judgement needs a reason"),
    (_drop("hedged_1"), "hedged_1: hedged may not be null"),
    (_move(end=4000), "source_span_1: 0 to 4000 lies outside the text, which has 80 characters"),
    (_move(start=-1), "source_span_1: -1 to 8 is not a span"),
    (_move(start=1), "source_span_1: the words 'State TV' are not at 1 to 8, where the text has 'tate TV'"),
    (_move(text="State Tv"), "source_span_1: the words 'State Tv' are not at 0 to 8"),
    (_move(start=None), "source_span_1: start None and end 8 must be whole numbers"),
    (_move(text=None), "source_span_1: the span has no text"),
    (_move(labels=["1 moon"]), "moon_span_1: this task does not ask for it"),
    (_move(labels=["4 source"]), "source_span_4: this task does not ask for it"),
    (_drop_entry, "bears_on: is yes, but no source is judged"),
    (_choose("bears_on", "no"), "bears_on: is no, but sources are judged: 1"),
    (_drop("bears_on", "bears_on_reason"), "bears_on: is missing, but sources are judged: 1"),
    (_drop("bears_on"), "bears_on: bears_on may not be null"),
    (_twice, "position_1: a second judgement; one annotation answers each question once"),
    (_two_choices, "position_1: needs exactly one value, has ['support', 'deny']"),
    (_second_slot_only, "source_id_2: sources 2 are judged; number them from 1 without gaps"),
    (_choose("lapsed_1", "yes"), "source 1: attributed is yes, but lapsed is given"),
    (_drop("cue_strength_1"), "source 1: attributed is yes, but cue_strength is missing"),
    (_choose("source_id_1", "outlet"), "source 1: attributed is yes, but the source is the outlet itself"),
    (_choose("attributed_1", "no"), "source 1: attributed is no, but lapsed is missing"),
    (
        _choose("carried_source_id_1", "cctv"),
        "source 1: carried_source_id is given if and only if lapsed is yes",
    ),
    (_choose("bears_on_9", "no"), "bears_on_9: this task does not ask for it"),
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


FIRST = f"A1.01, {next(iter(read_registries(PROJECT / 'schema' / 'registries').propositions))}"
TASK_FAULTS = [
    (lambda row: row["data"].update(unit="A9.01"), "task 1, there is no unit or article 'A9.01, "),
    (lambda row: row["data"].update(text="other words"), "task 1, its text is not the text of this dataset"),
    (lambda row: row["data"].update(codebook="0.9.0"), "task 1, coded by codebook 0.9.0, here it is "),
    (lambda row: row["data"].update(kind="moods"), "task 1, this is not one of our tasks"),
    (lambda row: row.update(data=None), "task 1, this is not one of our tasks"),
    (lambda row: row.update(annotations="none"), f"task 1 ({FIRST}), it has no list of annotations"),
    (
        lambda row: row["annotations"].append(row["annotations"][0]),
        f"task 1 ({FIRST}), a second judgement: 2 annotations by",
    ),
    (lambda row: row["annotations"][0].update(result=[]), f"task 1 ({FIRST}), the annotation is empty"),
    (lambda row: row["annotations"][0].update(result=None), f"task 1 ({FIRST}), a result: the result cannot be read"),
]


def _in_results(change: Callable[[Results], None]) -> Callable[[Any], None]:
    return lambda row: change(row["annotations"][0]["result"])


FAULTS = [
    *(("pairs", PAIR, _in_results(change), f"task 2 (A1.01, {PAIR['proposition']}), {message}")
      for change, message in PAIR_FAULTS),
    ("pairs", NEGATIVE, _in_results(_choose("source_id_1", "cctv")),
     "task 3 (A1.01, covert_activity_by_cn), bears_on: is no, but sources are judged: 1"),
    ("pairs", NEGATIVE, lambda row: row["data"].update(proposition="moon_is_cheese"),
     "task 3, there is no proposition 'moon_is_cheese'."),
    *(("articles", {"article": "A1"}, _in_results(change), f"task 1 (A1), {message}")
      for change, message in ARTICLE_FAULTS),
    *(("pairs", {}, change, message) for change, message in TASK_FAULTS),
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


def test_two_tasks_for_one_unit_are_a_second_judgement(exported: Export, refused: Refused) -> None:
    negative = next(one for one in exported["pairs"] if NEGATIVE.items() <= one["data"].items())
    exported["pairs"].append(negative)
    (problem,) = refused("pairs")
    assert problem.startswith("a second judgement for human-1 ")
    assert problem.endswith(" bears_on: two tasks contain one.")


def _answers_yes(row: dict[str, Any]) -> bool:
    found = [one for one in row["annotations"][0]["result"] if one["from_name"] == "bears_on"]
    return bool(found[0]["value"]["choices"] == ["yes"])


def test_a_unit_that_does_not_bear_on_the_proposition_needs_no_reason(
    material: Material, exported: Export, folder: Path
) -> None:
    row = next(row for row in exported["pairs"] if not _answers_yes(row))
    _drop("bears_on_reason")(row["annotations"][0]["result"])
    (folder / "pairs.json").write_text(json.dumps([row]), encoding="utf-8")
    (folder / "articles.json").unlink()
    export = read_export(material, folder, "human-1")
    assert export.problems == []
    assert [(one.field, one.value, one.reason) for one in export.judgements] == [
        ("bears_on", "no", "no reason asked")
    ]  # fmt: skip


def test_an_import_names_what_is_missing(material: Material, exported: Export, folder: Path) -> None:
    left_out = [exported["pairs"].pop(4)["data"], exported["pairs"].pop(0)["data"]]
    exported["articles"].pop()
    for kind, rows in exported.items():
        (folder / f"{kind}.json").write_text(json.dumps(rows), encoding="utf-8")
    missing = find_missing(material, read_export(material, folder, "human-1").judgements)
    assert missing["bears_on"] == [f"{data['unit']}, {data['proposition']}" for data in reversed(left_out)]
    last = list(material.articles)[-1]
    assert missing["outlet_guess"] == missing["country_guess"] == [last]
    assert missing["stance"] == [f"{last} {event}" for event in material.article_events[last]]


def test_skipped_tasks_count_as_not_judged(exported: Export, refused: Refused) -> None:
    exported["pairs"][0]["annotations"].append({"was_cancelled": True, "result": []})
    exported["pairs"][1]["annotations"] = []
    assert refused("pairs") == []


def test_all_problems_come_at_once_and_nothing_is_written(
    where: Places, exported: Export, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in where.raw.rglob("*") if path.is_file()}
    yes = [row for row in exported["pairs"] if _answers_yes(row)]
    for row in yes[:7]:
        _drop("bears_on_reason")(row["annotations"][0]["result"])
    (folder / "pairs.json").write_text(json.dumps(exported["pairs"]), encoding="utf-8")
    options = ["annotate", "import", str(folder), "--annotator", "model-1", "--kind", "human", "--family", "x"]
    assert main(["--project", str(where.project), *options, "--started", "yesterday"]) == 2
    told = capsys.readouterr().err
    assert told.count("bears_on_reason: a judgement needs a reason") == 7
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
    found = next(one for one in exported["pairs"] if PAIR.items() <= one["data"].items())["annotations"][0]["result"]
    _drop_entry(found)
    _choose("bears_on", "no")(found)
    (folder / "pairs.json").write_text(json.dumps(exported["pairs"]), encoding="utf-8")
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
