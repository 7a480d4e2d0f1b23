"""What is written for lm-evaluation-harness says what the tasks' own files say; needs no harness."""

from __future__ import annotations

import importlib
import json
from typing import TYPE_CHECKING, Any

import pytest

import espress
from espress.errors import EspressError, InputError, UnknownNameError
from espress.probe import classes, gold, rows, task
from espress.probe.classes import name_metric
from espress.probe.harnesses import export, recorded
from espress.probe.harnesses.lm_eval import FAILED, documents, make_files, process_choice, process_text
from espress.probe.harnesses.shared import find_any, list_tasks, name_score, score
from espress.probe.prompts import DRAWS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Return the fields of every file by the name of its task, its functions imported as the harness imports them."""
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    def function(loader: Any, node: Any) -> Any:
        module, name = loader.construct_scalar(node).rsplit(".", 1)
        return getattr(importlib.import_module(module), name)

    Loader.add_constructor("!function", function)
    folder = tmp_path_factory.mktemp("files")
    export("lm-eval", folder)
    found = [yaml.load(path.read_text(encoding="utf-8"), Loader) for path in folder.rglob("*.yaml")]  # noqa: S506
    assert len({fields["task"] for fields in found}) == len(found)
    return {fields["task"]: fields for fields in found}


def test_each_task_prompt_draw_and_style_has_a_file(written: dict[str, dict[str, Any]]) -> None:
    prompts = sum(len(one.prompts) for one in list_tasks())
    assert len(written) == prompts * (1 + DRAWS) * 2
    asked = {tuple(sorted(fields["dataset_kwargs"].items(), key=str)) for fields in written.values()}
    assert len(asked) == prompts * (1 + DRAWS)


def test_files_carry_the_claims_and_the_labels_and_no_training_split(written: dict[str, dict[str, Any]]) -> None:
    for fields in written.values():
        one = find_any(fields["dataset_kwargs"]["probe_task"])
        assert all(claim in fields["metadata"]["description"] for claim in (*one.may_claim, *one.may_not_claim))
        assert fields.get("doc_to_choice", list(one.labels)) == list(one.labels)
        assert not {"training_split", "validation_split", "fewshot_split", "description"} & set(fields)
        assert fields["test_split"] == "test"
        names = [entry["metric"] for entry in fields["metric_list"]]
        assert name_score(one) in names


def test_the_claims_are_not_put_before_the_prompt(written: dict[str, dict[str, Any]]) -> None:
    fields = written["espress_position_prompt1_generate"]
    first = fields["custom_dataset"](**fields["metadata"], **fields["dataset_kwargs"])["test"][0]
    assert first["prompt"] == task("position").prompt(rows("position")[0], 1)


def test_documents_hold_every_item_once_with_its_gold(written: dict[str, dict[str, Any]]) -> None:
    fields = written["espress_attribution_prompt2_choice"]
    found = fields["custom_dataset"](**fields["metadata"], **fields["dataset_kwargs"], pretrained="a model")["test"]
    assert found["item_id"] == [row["item_id"] for row in rows("attribution")]
    assert dict(zip(found["item_id"], found["target"], strict=True)) == gold("attribution")


def test_the_same_data_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        export("lm-eval", tmp_path / name)
    one, two = ({p.name: p.read_bytes() for p in (tmp_path / n).rglob("*.yaml")} for n in ("one", "two"))
    assert one == two


def test_results_in_words_are_parsed_and_counted(written: dict[str, dict[str, Any]]) -> None:
    fields = written["espress_relevance_prompt1_generate"]
    document = {"task": "relevance", "item_id": "x", "target": "no"}
    name = name_metric(classes("relevance"))
    assert fields["process_results"](document, [" **No.**\n"])[name] == ("relevance", 0, 0, True)
    failed = fields["process_results"](document, ["No, it does not."])
    assert failed[name][2] == -1
    assert failed["answers that are no label"] == 1


def test_a_failed_answer_is_wrong() -> None:
    one = task("relevance")
    assert score(one, [0, 1], [0, 1]) == 1.0
    assert score(one, [0, 1], [0, -1]) == 0.5


def test_files_of_other_data_are_refused() -> None:
    with pytest.raises(EspressError, match=r"written for the data 000000000000.*export-harness"):
        documents(probe_task="position", probe_prompt=1, probe_draw=None, data_sha256="0" * 64)


def test_export_says_what_to_type_and_refuses_what_it_cannot_do(tmp_path: Path) -> None:
    assert "espress_position_generate" in export("lm-eval", tmp_path / "new" / "folder")
    assert "mteb.evaluate" in export("mteb", tmp_path / "untouched")
    assert not (tmp_path / "untouched").exists()
    with pytest.raises(EspressError, match="is not empty"):
        export("lm-eval", tmp_path / "new")
    with pytest.raises(UnknownNameError, match=r"There is no harness .helm."):
        export("helm", tmp_path / "other")
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(EspressError, match="cannot be written"):
        export("lm-eval", tmp_path / "file")


def _sample(item_id: str, *given: object, of: str = "relevance") -> str:
    return json.dumps({"doc": {"task": of, "item_id": item_id}, "filtered_resps": list(given)})


def test_saved_answers_are_repeated_as_they_came(tmp_path: Path) -> None:
    path = tmp_path / "samples_x.jsonl"
    path.write_text(
        "\n".join([_sample("a", "perhaps"), _sample("b", ["-2.5", "False"], ["-0.5", "True"])]), encoding="utf-8"
    )
    predict = recorded(path, "relevance")
    assert predict([{"item_id": "b"}, {"item_id": "a"}]) == ["yes", "perhaps"]
    with pytest.raises(InputError, match=r"lacks c.*without a limit"):
        predict([{"item_id": "a"}, {"item_id": "c"}])


def test_likelihoods_that_are_not_numbers_are_no_answer(tmp_path: Path) -> None:
    path = tmp_path / "samples_x.jsonl"
    path.write_text(
        "\n".join([_sample("a", ["nan", "False"], ["-0.5", "True"]), _sample("b", ["-1", "x"], ["NaN", "x"])])
    )
    assert recorded(path, "relevance")([{"item_id": "a"}, {"item_id": "b"}]) == ["", ""]
    document = {"task": "relevance", "item_id": "a", "target": "no"}
    found = process_choice(document, [(float("nan"), False), (-0.5, True)])
    assert {value[2] for value in found.values()} == {-1}
    assert {value[2] for value in process_choice(document, [(-1.0, False), (-0.5, True)]).values()} == {1}


def test_an_answer_may_begin_with_line_ends_and_hold_any_character(tmp_path: Path) -> None:
    assert not [text for _, text in make_files() if '"until": ["' in text]  # nothing stops a model at a line end
    document = {"task": "relevance", "item_id": "a", "target": "no"}
    assert process_text(document, ["\n\n yes \nbecause"])[FAILED] == 0
    assert process_text(document, ["because\nyes"])[FAILED] == 1
    path = tmp_path / "samples_x.jsonl"
    sample = {
        "doc": {"task": "relevance", "item_id": "a", "text": "one\u2028two\x85three"},
        "filtered_resps": ["\nyes"],
    }
    path.write_text(json.dumps(sample, ensure_ascii=False) + "\n", encoding="utf-8")
    assert recorded(path, "relevance")([{"item_id": "a"}]) == ["yes"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("s.jsonl", _sample("a", "yes") + "\n" + _sample("a", "no"), "several answers to a"),
        ("s.jsonl", "[" * 200_000, "cannot be read"),
        ("s.jsonl", _sample("a", "yes", of="position"), "answers to position, not to relevance"),
        ("s.jsonl", "{broken", r"samples_\*\.jsonl"),
        ("s.jsonl", "{}", "cannot be read"),
        ("s.jsonl", "3", "cannot be read"),
        ("p.json", json.dumps({"default": {"test": [[1.0, 0.0]]}}), "which needs .* rows"),
        ("p.json", "[]", "cannot be read"),
        ("absent.json", None, "cannot be read"),
    ],
)
def test_files_that_hold_no_answers_to_the_task_are_refused(
    tmp_path: Path, name: str, text: str | None, message: str
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        recorded(tmp_path / name, "relevance")


def test_mteb_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from espress.probe.harnesses.mteb import tasks as mteb_tasks

    monkeypatch.setitem(sys.modules, "mteb", None)
    monkeypatch.setitem(sys.modules, "mteb.abstasks.zeroshot_classification", None)
    with pytest.raises(espress.MissingLibraryError, match="pip install mteb"):
        mteb_tasks()
