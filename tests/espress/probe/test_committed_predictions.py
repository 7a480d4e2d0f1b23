"""The committed predictions are what the baselines say, and the generated tables are what the predictions give."""

from __future__ import annotations

import csv
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from benchmarks.statistics.baselines import keep, predictions, undated
from statsmodels.stats.multitest import multipletests

from espress.probe import compare, gold, read, rows, score, tasks, write
from espress.probe.baselines import baseline, baselines
from espress.probe.folds import SPLITS
from espress.probe.model_runs import ask
from espress_build.docs.probe import (
    FILES,
    SECTIONS,
    STALE,
    compare_with_lexicon,
    is_beyond,
    table_lexicon,
    table_results,
    write_csv,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from espress.probe.predictions import Prediction

NAMES = [one.name for one in baselines()]
DATE, TASK = "2026-01-31", "relevance"


@pytest.mark.parametrize("name", NAMES)
def test_every_baseline_has_committed_answers_to_all_and_gives_them_again(name: str, project: Path) -> None:
    held = read(project / "predictions" / f"{name}.parquet")
    wanted = {(task.name, split, row["item_id"]) for task in tasks() for split in SPLITS for row in rows(task)}
    assert {(one.task, one.split, one.item_id) for one in held} == wanted
    assert len(held) == len(wanted)
    assert {one.model for one in held} == {name}
    assert None not in {one.prediction for one in held}
    if baseline(name).extra is None:  # what needs an extra may not be installed
        assert undated(predictions(baseline(name), DATE)) == undated(held)


def test_an_unchanged_file_keeps_its_date_and_a_changed_one_does_not(tmp_path: Path) -> None:
    path = tmp_path / "new" / "majority.parquet"
    early = list(ask("majority", "position", date="2026-01-01", progress=False).predictions)
    late = [replace(one, ran_on="2026-02-02") for one in early]
    assert keep(early, path)
    before = path.read_bytes()
    assert not keep(late, path)
    assert path.read_bytes() == before
    assert keep([replace(late[0], prediction=None), *late[1:]], path)
    assert {one.ran_on for one in read(path)} == {"2026-02-02"}


# ------------------------------------------------------------------------------------------------ tables


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Where a dataset would lie, beside which the predictions of two systems on one task are committed."""
    for name in ("lexicon", "majority"):
        keep(_answers(name), tmp_path / "predictions" / f"{name}.parquet")
    return tmp_path / "dataset"


def _answers(name: str) -> list[Prediction]:
    return list(ask(name, TASK, date=DATE, progress=False).predictions)


def _given(answer: Callable[[str], str | None], name: str) -> list[Prediction]:
    """Return a system's predictions that answers by item."""
    return [replace(one, model=name, prediction=answer(one.item_id)) for one in _answers("majority")]


def test_tables_do_not_depend_on_the_order_of_rows_and_files(dataset: Path) -> None:
    before = write_csv(dataset), table_results(dataset), table_lexicon(dataset)
    folder = dataset.parent / "predictions"
    for name, other in (("lexicon", "a"), ("majority", "b")):
        backwards = reversed(read(folder / f"{name}.parquet"))
        (folder / f"{name}.parquet").unlink()
        write(backwards, folder / f"{other}.jsonl")
    assert (write_csv(dataset), table_results(dataset), table_lexicon(dataset)) == before


def test_the_table_is_sorted_by_name_and_names_scored_classes_and_estimand(dataset: Path) -> None:
    text = table_results(dataset)
    assert text.index("`lexicon`") < text.index("`majority`")
    assert [word for word in ("macro_f1[2 of 2]", "these five articles") if word not in text] == []
    assert "rank" not in text


def test_the_csv_holds_every_score_and_difference_under_both_estimands(dataset: Path) -> None:
    rows = list(csv.DictReader(write_csv(dataset).splitlines()))
    (result,) = score(_answers("lexicon"))
    own = [row for row in rows if row["system"] == "lexicon"]
    assert [row["minus"] for row in own] == ["", "", "majority", "majority", "proposition", "proposition"]
    assert {row["estimand"] for row in own} == {"these five articles", "new articles"}
    assert float(own[0]["value"]) == pytest.approx(result.value, abs=5e-5)
    assert float(own[2]["p"]) == pytest.approx(result.references[0].fixed.p, abs=5e-5)
    raw = [row for row in rows if row["minus"] and row["estimand"] == "these five articles"]
    adjusted = multipletests([float(row["p"]) for row in raw], method="holm")[1]
    assert [float(row["p_holm"]) for row in raw] == pytest.approx(adjusted, abs=1e-3)
    assert own[0]["ran_on"] == DATE


def test_without_a_better_system_the_task_is_string_matching(dataset: Path) -> None:
    text = table_lexicon(dataset)
    assert f"On one task ({TASK}), no system is shown to be better than the codebook's patterns (`lexicon`)" in text
    assert "so the results on this task show no more than string matching." in text
    assert "no large language model is among them" in text
    assert "| more than patterns" not in text


def test_a_better_system_shows_more_than_string_matching_by_the_permutation_test(dataset: Path) -> None:
    right = gold(TASK)
    write(_given(lambda item: right[item], "oracle"), dataset.parent / "predictions" / "oracle.parquet")
    text = table_lexicon(dataset)
    assert "| `oracle`" in text
    assert "On every task, some system is better" in text
    ((_, pair),) = compare_with_lexicon(tuple(score([*_answers("lexicon"), *read(_oracle(dataset))])))
    assert pair.fixed.p_holm is not None
    assert pair.fixed.p_holm <= 0.05


def _oracle(dataset: Path) -> Path:
    return dataset.parent / "predictions" / "oracle.parquet"


def test_an_interval_without_zero_is_not_enough_to_show_more_than_patterns() -> None:
    lexicon, best = score(_answers("lexicon")), score(_answers("majority"))
    pair = compare(best[0], lexicon[0])
    above = replace(pair.fixed, estimate=replace(pair.fixed.estimate, value=0.1, low=0.01, high=0.2))
    assert not is_beyond(replace(pair, fixed=replace(above, p=0.02, p_holm=0.12)))
    assert is_beyond(replace(pair, fixed=replace(above, p=0.004, p_holm=0.024)))


def test_a_look_up_by_article_is_no_rival_where_articles_are_held_out() -> None:
    found = tuple(one for name in ("article", "lexicon") for one in score(_answers(name)))
    assert compare_with_lexicon(found) == []
    rival = tuple(one for name in ("article", "lexicon", "majority") for one in score(_answers(name)))
    assert {best.model for best, _ in compare_with_lexicon(rival)} == {"majority"}


@pytest.mark.parametrize("section", [SECTIONS["probe-results"], SECTIONS["probe-lexicon"], *FILES.values()])
def test_predictions_for_another_dataset_are_stale(section: Callable[[Path], str], dataset: Path) -> None:
    path = dataset.parent / "predictions" / "majority.parquet"
    write([replace(one, split_hash="0" * 32) for one in read(path)], path)
    assert section(dataset) == STALE


def test_the_partition_names_aliases_and_coarser_columns(project: Path) -> None:
    import pyarrow.parquet as pq

    table = SECTIONS["probe-partition"](project / "dataset")
    articles = pq.read_table(project / "dataset" / "data" / "articles.parquet").to_pylist()
    cells = {
        line.split("|")[1].strip(): [cell.strip() for cell in line.split("|")]
        for line in table.splitlines()
        if "`" in line
    }
    assert cells["article"][3] == str(len(articles))
    for name, column in (("outlet", "outlet_id"), ("block", "block_id"), ("date", "published_date")):
        groups = {article[column] for article in articles}
        assert cells[name][3] == str(len(groups))
        assert cells[name][4].startswith("alias" if len(groups) == len(articles) else "coarser")


def test_tables_of_tasks_and_baselines_name_all_of_them(project: Path) -> None:
    of_tasks, of_baselines = (SECTIONS[name](project / "dataset") for name in ("probe-tasks", "probe-baselines"))
    for task in tasks():
        assert all(f"`{label}`" in of_tasks for label in task.labels)
    assert all(f"`{one.name}`" in of_baselines and one.about in of_baselines for one in baselines())


def test_the_time_is_that_of_all_baselines_tasks_and_splits(project: Path) -> None:
    text = SECTIONS["probe-seconds"](project / "dataset")
    assert f"{len(tasks())} tasks, {len(SPLITS)} splits" in text
    assert all(one.name in text for one in baselines() if one.extra)
