"""Judgements of persons: how they are compared with the model passes, and that every document speaks of them."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from tests.helpers import PROJECT, copy_project, read_constructed

from espress.probe.tasks import tasks
from espress.stats.agreement import SEEN
from espress_build.build import make_dataset, places
from espress_build.constructed import tables as constructed
from espress_build.docs import audit, constructed_results, plots, probe
from espress_build.docs.generate import compute_files
from espress_build.inputs.judgements import Judgement, read_csv, read_passes, write_csv
from espress_build.labels.persons import Persons
from espress_build.metadata.labels import (
    count_confirmed_units,
    count_judged_units,
    describe_persons,
    say_who_judged,
)

if TYPE_CHECKING:
    from pathlib import Path

_TEMPLATES = PROJECT / "build" / "espress_build" / "site" / "templates"
_UNIT = "a.p01.01"
_KINDS = {"x": "model", "y": "model", "z": "model", "p": "human", "q": "human"}


def _judge(who: str, field: str, value: str, source_no: int = 0, item: str = _UNIT) -> Judgement:
    return Judgement(who, item, "p", source_no, field, value, None, None, "", "r", "2.0.0")


def _annotate(who: str, *positions: str, item: str = _UNIT) -> list[Judgement]:
    entries = [_judge(who, "position", value, number, item) for number, value in enumerate(positions, 1)]
    return [_judge(who, "bears_on", "yes" if positions else "no", item=item), *entries]


def _persons(*own: list[Judgement]) -> Persons:
    models = [one for who in "xyz" for one in _annotate(who, "support")]
    return Persons([*models, *(one for judged in own for one in judged)], _KINDS, 3)


@pytest.mark.parametrize(
    ("own", "confirmed"),
    [
        ([_annotate("p", "support")], True),
        ([_annotate("p", "deny")], False),
        ([_annotate("p", "support", "deny")], False),  # an entry that the models do not record
        ([_annotate("p")], False),  # an entry of the models that the person does not record
        ([_annotate("p", "deny"), _annotate("q", "support")], True),  # one of two persons agrees
        ([[_judge("p", "bears_on", "yes")]], False),
    ],
)
def test_a_unit_is_confirmed_if_a_person_agrees_with_the_models_in_every_field(
    own: list[list[Judgement]], *, confirmed: bool
) -> None:
    found = _persons(*own)
    assert found.list_units() == [_UNIT]
    assert found.list_confirmed() == ([_UNIT] if confirmed else [])


def test_nothing_is_confirmed_where_the_models_have_no_gold() -> None:
    elsewhere = _annotate("p", "support", item="a.p01.02")
    found = _persons(elsewhere)
    assert found.list_units() == ["a.p01.02"]
    assert found.list_confirmed() == []
    assert found.compare() == []


def test_persons_are_compared_by_field_and_entries_that_one_side_records() -> None:
    found = {one.field: one for one in _persons(_annotate("p", "deny"), _annotate("q")).compare()}
    assert (found["bears_on"].compared, found["bears_on"].agreed) == (2, 1)
    assert found["position"].differences == {"support -> deny": 1}
    assert (found[SEEN].compared, found[SEEN].differences) == (2, {"recorded -> not recorded": 1})


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which one person judged one article, and disagrees on one unit; built."""
    copy = copy_project(tmp_path_factory.mktemp("person") / "project")
    for name in ("docs", "benchmarks", "predictions", "validation"):
        shutil.copytree(PROJECT / name, copy / name)
    for path in [*PROJECT.glob("*.md"), *PROJECT.glob("build/*.md")]:
        target = copy / path.relative_to(PROJECT)
        target.parent.mkdir(exist_ok=True)
        shutil.copy(path, target)
    folder = copy / "raw" / "annotations"
    version = max(one.codebook for one in read_passes(folder) if one.votes)
    like = next(one.annotator for one in read_passes(folder) if one.votes and one.codebook == version)
    rows = [one for one in read_csv(folder / f"{like}.csv")[0] if "." in one.item_id]
    article = rows[0].article_id
    own = [replace(one, annotator="human-1", reason=f"read: {one.reason}") for one in rows if one.article_id == article]
    at = next(n for n, one in enumerate(own) if one.field == "position")
    own[at] = replace(own[at], value="deny" if own[at].value == "support" else "support")
    write_csv(folder / "human-1.csv", own)
    entry = f'kind = "human"\nfamily = ""\ncodebook = "{version}"\ninput_sha256 = ""\nstarted = ""\nended = ""\n'
    with (folder / "passes.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[human-1]\n{entry}")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(constructed, "make_constructed", lambda *_: read_constructed())
        make_dataset(places(copy))
    return copy


def test_units_that_the_person_judged_are_counted_and_decided(judged: Path) -> None:
    dataset = judged / "dataset"
    units = {row["sentence_id"] for row in pq.read_table(dataset / "data" / "relevance.parquet").to_pylist()
             if row["gold_basis"] == "person"}  # fmt: skip
    assert count_judged_units(dataset) == len(units) > 1
    assert 0 < count_confirmed_units(dataset) < len(units)
    text = describe_persons(dataset)
    assert f"human_judged = {len(units)}, human_confirmed = {count_confirmed_units(dataset)}" in text


def test_the_sentence_of_the_site_counts_what_the_person_judged(judged: Path) -> None:
    votes = pq.read_table(judged / "dataset" / "data" / "votes.parquet").to_pylist()
    decided = [one for one in votes if one["gold_basis"] == "person"]
    text = say_who_judged(judged / "dataset")
    assert f"Persons judged {len({one['item_id'] for one in decided})} of the " in text
    assert f"decided {len(decided):,} of the " in text
    assert not _DENIALS.search(text)


# What is true only while no person judged anything.
_DENIALS = re.compile(
    r"no person (?:has|confirmed)|(?<!where )no person judged|nobody (?:has )?judged|not confirmed by (?:any|a) person|"
    r"human_judged\W* = 0|human_confirmed = 0 *\)|every (?:gold )?label[^.]{0,60} language model|"
    r"(?:every|all) (?:pass|passes|judgements?) (?:was|were|is|are) made by (?:a )?(?:language )?models?|"
    r"labels? (?:come|comes) from (?:a )?language models?|by (?:a )?person: 0|persons who judged: 0|"
    r"units that (?:a person|persons) judged: 0|persons judged 0 |all labels[^.]{0,60} language model",
    re.IGNORECASE,
)


def test_no_document_denies_what_the_person_judged(judged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read every document, the generated files of text, the metadata and the tasks of the probe."""
    for module in (audit, constructed_results, plots, probe):  # plots and tables of numbers, which take seconds
        monkeypatch.setattr(module, "FILES", {})
    where = places(judged)
    texts = {str(path.relative_to(judged)): text for path, text in compute_files(where).items()}
    for path in sorted(where.dataset.iterdir()):
        if path.is_file():
            texts[f"dataset/{path.name}"] = path.read_text(encoding="utf-8")
    texts |= {f"task {task.name}": repr(task) for task in tasks()}
    texts |= {f"page {one.name}": one.read_text(encoding="utf-8") for one in _TEMPLATES.iterdir()}
    assert {"README.md", "DATASHEET.md", "docs/user/labels.md", "docs/user/probe.md", "dataset/README.md"} <= set(texts)
    flat = {name: re.sub(r"\s+", " ", text) for name, text in texts.items()}
    found = {name: [match[0] for match in _DENIALS.finditer(text)] for name, text in flat.items()}
    assert {name: matches for name, matches in found.items() if matches} == {}
    told = [name for name, text in flat.items() if "human_judged = " in text and "human_judged = 0" not in text]
    assert {"DATASHEET.md", "docs/user/labels.md", "docs/user/probe.md", "dataset/README.md"} <= set(told)
    assert any(name.startswith("dataset/croissant") for name in told)


def test_the_denials_are_what_documents_say_while_no_person_judged() -> None:
    for text in (
        "No person has judged any item", "not confirmed by any person", "human_judged = 0",
        "Every gold label is the majority of the passes that language models made",
        "Every label of this version comes from a language model",
        "Persons judged 0 of the 9 items",
        "all labels of the articles are majorities of passes by language models",
    ):  # fmt: skip
        assert _DENIALS.search(text), text
