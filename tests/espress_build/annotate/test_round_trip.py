"""Judgements to Label Studio's annotations and back: nothing is lost, added or moved."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.espress_build.annotate.annotated import annotate, make_pair_tasks, run_import
from tests.helpers import PROJECT

from espress.errors import InputError
from espress_build.annotate.import_ import read_export
from espress_build.annotate.questions import SLOTS, get_reading_order, make_groups, make_tasks
from espress_build.cli.main import main
from espress_build.inputs.judgements import Judgement, current, read_annotations, read_csv, read_passes

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.annotate.material import Material
    from espress_build.build import Places

Passes = dict[str, list[Judgement]]


@pytest.mark.parametrize("tasks", ["units", "pairs"])
def test_every_pass_comes_back_the_same_and_in_reading_order(
    tasks: str, material: Material, passes: Passes, tmp_path: Path
) -> None:
    order = get_reading_order(material)
    for name, judgements in passes.items():
        folder = tmp_path / name
        folder.mkdir()
        asked = None if tasks == "units" else make_pair_tasks(material)
        for kind, rows in annotate(material, judgements, asked).items():
            (folder / f"{kind}.json").write_text(json.dumps(rows), encoding="utf-8")
        came = read_export(material, folder, name)
        assert came.problems == []
        wanted = current(judgements)[0].values()
        assert set(came.judgements) == {replace(one, supersedes=False) for one in wanted}
        assert len(came.judgements) == len(wanted)
        places = [order[one.item_id, one.proposition_id, one.source_no, one.field] for one in came.judgements]
        assert places == sorted(places)


def test_three_slots_and_every_field_survive(material: Material, passes: Passes, tmp_path: Path) -> None:
    """One unit with three sources, one of them lapsed, with all fields in use somewhere."""
    text = next(unit for unit in material.units.values() if unit.text.count(" ") > 4)
    words = text.text.split()[0]
    entry = {"source_id": "bis", "via_source_id": "czech_radio", "position": "deny", "attributed": "yes"}
    entry |= {"cue_strength": "neutral", "hedged": "yes"}
    lapsed = {"source_id": "outlet", "position": "support", "attributed": "no", "lapsed": "yes"}
    lapsed |= {"hedged": "no", "carried_source_id": "bis", "carried_cue_strength": "endorsing"}
    judged = []
    for group in make_groups(material, {"kind": "units", "unit": _name(material, text.item_id)}):
        is_asked = group.proposition_id == "covert_activity_by_cn"
        if group.source_no and not is_asked:
            continue
        values = {0: {"bears_on": "yes" if is_asked else "no"}, 2: lapsed}.get(group.source_no, entry)
        for field in group.fields:
            marked = field.endswith("_span") and group.source_no != 2
            start, end, quote = (0, len(words), words) if marked else (None, None, "")
            value = words if marked else values.get(field, "")
            key = ("human-1", group.item_id, group.proposition_id, group.source_no, field)
            judged.append(Judgement(*key, value, start, end, quote, f"r{group.source_no}", material.codebook))
    path = tmp_path / "units.json"
    path.write_text(json.dumps(annotate(material, judged)["units"]), encoding="utf-8")
    came = read_export(material, path, "human-1")
    assert came.problems == []
    assert set(came.judgements) == set(judged)
    assert {one.source_no for one in came.judgements} == {0, *SLOTS}


def _name(material: Material, item: str) -> str:
    return next(name for name, unit in material.units.items() if unit.item_id == item)


def test_what_the_forms_cannot_hold_is_refused_and_named(material: Material, passes: Passes) -> None:
    spoilt = [
        replace(one, reason="another") if one.field == "position" and one.source_no == 2 else one
        for one in passes["model-1"]
        if one.field != "hedged" or one.source_no != 1
    ]
    fourth = next(one for one in spoilt if one.source_no == 2)
    with pytest.raises(InputError) as caught:
        annotate(material, [*spoilt, replace(fourth, source_no=4)])
    text = str(caught.value)
    assert "the fields have 2 reasons" in text
    assert "hedged is not judged" in text
    assert f"{fourth.item_id} {fourth.proposition_id} 4 {fourth.field}: no form asks for this." in text


def test_import_writes_the_pass_and_its_entry_and_nothing_else(
    where: Places, folder: Path, passes: Passes, capsys: pytest.CaptureFixture[str]
) -> None:
    annotations = where.raw / "annotations"
    before = {path: path.read_bytes() for path in annotations.iterdir() if path.is_file()}
    assert run_import(where, folder, "human-1") == 0
    assert "309 of 309" in capsys.readouterr().out
    rows, problems = read_csv(annotations / "human-1.csv")
    assert problems == []
    assert {replace(one, annotator="model-1") for one in rows} == set(passes["model-1"])
    made = {one.annotator: one for one in read_passes(annotations)}["human-1"]
    assert (made.kind, made.family, made.started, made.ended) == (
        "human", "", "2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z"
    )  # fmt: skip
    assert made.input_sha256 == hashlib.sha256(before[annotations / "input.jsonl"]).hexdigest()
    assert len(read_annotations(annotations).passes) == len(read_passes(PROJECT / "raw" / "annotations")) + 1
    for path, content in before.items():
        now = path.read_bytes()
        assert now.startswith(content) if path.name == "passes.toml" else now == content
    assert {path for path in annotations.iterdir() if path.is_file()} == {*before, annotations / "human-1.csv"}


def test_a_pass_is_corrected_by_rows_that_supersede(
    where: Places, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_import(where, folder, "human-1") == 0
    path = where.raw / "annotations" / "human-1.csv"
    first = path.read_bytes()
    assert run_import(where, folder, "human-1") == 2
    assert "a second judgement for human-1" in capsys.readouterr().err
    assert run_import(where, folder, "human-1", "--supersede") == 0
    assert path.read_bytes() == first
    tasks = json.loads((folder / "units.json").read_text(encoding="utf-8"))
    results = tasks[0]["annotations"][0]["result"]
    next(one for one in results if one["id"] == "bears_on_reason_p1")["value"]["text"] = ["mended"]
    (folder / "units.json").write_text(json.dumps(tasks), encoding="utf-8")
    assert run_import(where, folder, "human-1", "--supersede") == 0
    assert path.read_bytes().startswith(first)
    rows, problems = read_csv(path)
    assert problems == []
    assert [(one.field, one.reason) for one in rows if one.supersedes] == [("bears_on", "mended")]


def test_the_two_files_may_come_one_after_the_other(where: Places, folder: Path, passes: Passes) -> None:
    assert run_import(where, folder / "articles.json", "human-1") == 0
    assert run_import(where, folder / "units.json", "human-1", "--supersede") == 0
    rows, problems = read_csv(where.raw / "annotations" / "human-1.csv")
    assert problems == []
    assert {replace(one, annotator="model-1") for one in rows} == set(passes["model-1"])


def test_times_come_from_the_annotations_unless_named(
    where: Places, folder: Path, exported: dict[str, list[dict[str, list[dict[str, str]]]]]
) -> None:
    for number, row in enumerate(exported["units"]):
        row["annotations"][0]["created_at"] = f"2026-11-2{number % 5}T10:00:00.123456Z"
    (folder / "units.json").write_text(json.dumps(exported["units"]), encoding="utf-8")
    options = ["annotate", "import", str(folder / "units.json"), "--annotator", "other-1", "--kind", "model"]
    assert main(["--project", str(where.project), *options, "--family", "Other"]) == 0
    made = {one.annotator: one for one in read_passes(where.raw / "annotations")}["other-1"]
    assert (made.family, made.started, made.ended) == ("Other", "2026-11-20T10:00:00Z", "2026-11-24T10:00:00Z")


def test_tasks_cover_every_unit_pair_article_event_and_claim(material: Material) -> None:
    made = make_tasks(material)
    lengths = {"units": len(material.lines), "articles": len(material.articles)}
    assert {kind: len(tasks) for kind, tasks in made.items()} == lengths
    claims = sum(len(material.claims.get(event, [])) for events in material.article_events.values() for event in events)
    assert sum(len(data["claims"]) for data in made["articles"]) == claims > 0
