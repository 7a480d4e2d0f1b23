"""Gold and label rows of a small invented ballot: three passes, one article of four units, two propositions."""

from __future__ import annotations

from typing import Any

import pytest

from espress_build.inputs.judgements import Judgement
from espress_build.labels.gold import (
    Ballot,
    article_rows,
    claim_rows,
    decide_all,
    entry_rows,
    is_recorded,
    relevance_rows,
    vote_rows,
)

ARTICLE, EVENT, PROPOSITION = "paper-20200101-00000000", "affair-2020", "spying"
ITEM = f"{ARTICLE}/{EVENT}"
PASSES = ("m1", "m2", "m3")
SOURCES = {
    "ministry": {"source_class": "official", "generic": False},
    "paper": {"source_class": "outlet", "generic": False},
    "expert": {"source_class": "scholar", "generic": False},
    "somebody": {"source_class": "scholar", "generic": True},
}


def unit(number: int, article: str = ARTICLE) -> dict[str, Any]:
    """Return a unit whose first word is the name of a paper, which is masked."""
    return {
        "sentence_id": f"{article}.p01.{number:02d}",
        "article_id": article,
        "role": "body",
        "event_id": EVENT,
        "event_ids": [EVENT],
        "text": f"Gazette says thing {number}.",
        "text_masked": f"[OUTLET] says thing {number}.",
        "masks": [{"mask_start": 0, "mask_end": 7, "mask": "[OUTLET]"}],
    }


def judge(item: str, field: str, *values: str, entry: tuple[str, int] = ("", 0), **more: Any) -> list[Judgement]:
    """Return what the passes say of a field, in order; fewer values than passes are of the first ones."""
    stated = {"start": None, "end": None} | more
    return [
        Judgement(who, item, *entry, field, value, stated["start"], stated["end"], "", "because", "2.0.0")
        for who, value in zip(PASSES, values, strict=False)
    ]


def say(number: int, *, entry: tuple[str, int] = (PROPOSITION, 1), passes: int = 3, **values: str) -> list[Judgement]:
    """Return the judgements of so many passes, all alike, about an entry of a unit."""
    stated = {
        "position": "support", "attributed": "yes", "source_id": "ministry", "lapsed": "", "carried_source_id": "",
        "cue_strength": "neutral", "carried_cue_strength": "",
    } | values  # fmt: skip
    item = f"{ARTICLE}.p01.{number:02d}"
    return [one for field, value in stated.items() for one in judge(item, field, *[value] * passes, entry=entry)]


def bears(number: int, *values: str, proposition: str = PROPOSITION) -> list[Judgement]:
    return judge(f"{ARTICLE}.p01.{number:02d}", "bears_on", *values, entry=(proposition, 0))


def ballot(*judgements: list[Judgement], units: int = 4, **more: Any) -> Ballot:
    counted = [one for several in judgements for one in several]
    stated: dict[str, Any] = {
        "judgements": counted,
        "counted": counted,
        "passes": {who: {"kind": "model"} for who in PASSES},
        "articles": [{"article_id": ARTICLE, "outlet_id": "paper", "outlet": "Paper", "event_ids": [EVENT]}],
        "units": [unit(number) for number in range(1, units + 1)],
        "propositions": {PROPOSITION: "They spied.", "other": "Something else."},
        "sources": SOURCES,
        "event_sources": {EVENT: {"alleging": ["ministry"], "named": None}},
        "claims": {EVENT: ["First.", "Second."]},
        "fewest_passes": 3,
    } | more
    return Ballot(**stated)


ALL_YES = ("yes", "yes", "yes")


@pytest.mark.parametrize(("passes", "is_entry"), [(1, False), (2, True), (3, True)])
def test_an_entry_needs_more_than_half_of_those_who_judged_its_unit(passes: int, *, is_entry: bool) -> None:
    found = ballot(bears(1, *ALL_YES), say(1, passes=passes))
    rows = entry_rows(found)
    assert bool(rows) == is_entry
    golds = decide_all(found.counted, found.kinds, 3)
    assert is_recorded(golds, f"{ARTICLE}.p01.01", PROPOSITION, 1) == is_entry
    if is_entry:
        assert (rows[0]["n_judged"], rows[0]["n_annotators"]) == (3, passes)
        assert rows[0]["gold_basis"] == "model_majority"


def test_half_of_two_judges_is_no_majority_and_two_passes_are_too_few() -> None:
    two = ballot(bears(1, "yes", "yes"), say(1, passes=1), fewest_passes=2)
    assert entry_rows(two) == []
    assert not is_recorded(decide_all(two.counted, two.kinds, 2), f"{ARTICLE}.p01.01", PROPOSITION, 1)
    few = ballot(bears(1, "yes", "yes"), say(1, passes=2))
    assert not is_recorded(decide_all(few.counted, few.kinds, 3), f"{ARTICLE}.p01.01", PROPOSITION, 1)
    assert [(row["gold_basis"], row["position"]) for row in entry_rows(few)] == [(None, None)]


def test_entries_are_those_of_their_unit_in_order_and_other_units_have_none() -> None:
    second = (PROPOSITION, 2)
    rows = entry_rows(
        ballot(
            bears(2, *ALL_YES), say(2, entry=second, source_id="expert"), say(2),
            bears(1, *ALL_YES), say(1, entry=("other", 1)), bears(1, *ALL_YES, proposition="other"),
        )
    )  # fmt: skip
    found = [(row["sentence_id"][-2:], row["proposition_id"], row["source_no"], row["source_id"]) for row in rows]
    assert found == [
        ("01", "other", 1, "ministry"), ("02", PROPOSITION, 1, "ministry"), ("02", PROPOSITION, 2, "expert"),
    ]  # fmt: skip
    assert rows[0]["proposition"] == "Something else."
    assert (rows[1]["outlet_id"], rows[1]["outlet"], rows[1]["role"], rows[1]["text"]) == (
        "paper", "Paper", "body", "Gazette says thing 2.",
    )  # fmt: skip
    assert rows[1]["context_before_masked"] == "[OUTLET] says thing 1."
    assert rows[1]["context_after_masked"] == "[OUTLET] says thing 3.\n[OUTLET] says thing 4."


@pytest.mark.parametrize(
    ("lapsed", "source", "strength"), [("yes", "ministry", "strong"), ("no", "paper", "weak"), ("", "paper", "weak")]
)
def test_the_carried_reading_takes_the_earlier_source_only_where_attribution_lapsed(
    lapsed: str, source: str, strength: str
) -> None:
    own: dict[str, Any] = {"source_id": "paper", "cue_strength": "weak", "attributed": "no", "lapsed": lapsed}
    carried: dict[str, Any] = {"carried_source_id": "ministry", "carried_cue_strength": "strong"}
    (row,) = entry_rows(ballot(bears(1, *ALL_YES), say(1, **own, **carried)))
    assert (row["source_id"], row["cue_strength"]) == ("paper", "weak")
    assert (row["source_id_carried"], row["cue_strength_carried"]) == (source, strength)
    assert (row["source_class"], row["attribution"]) == ("outlet", "outlet")
    assert row["source_class_carried"] == SOURCES[source]["source_class"]
    assert row["carried_in_context"] == (False if lapsed == "yes" else None)


@pytest.mark.parametrize(
    ("source", "kind", "group"),
    [
        ("ministry", "official", "official"),
        ("paper", "outlet", "outlet"),
        ("expert", "scholar", "other_named"),
        ("somebody", "scholar", "unnamed"),
        ("", None, None),
    ],
)
def test_sources_are_grouped_by_class_and_name(source: str, kind: str | None, group: str | None) -> None:
    (row,) = entry_rows(ballot(bears(1, *ALL_YES), say(1, source_id=source)))
    assert (row["source_class"], row["attribution"]) == (kind, group)


@pytest.mark.parametrize(
    ("at", "speaker", "attributed", "is_shown"),
    [
        (12, "ministry", "yes", True),
        (21, "ministry", "yes", True),  # as far after it as the context reaches
        (1, "ministry", "yes", True),  # as far before it
        (22, "ministry", "yes", False),
        (12, "expert", "yes", False),
        (12, "ministry", "no", False),
    ],
)
def test_carried_in_context_says_whether_the_shown_context_names_the_source(
    at: int, speaker: str, attributed: str, *, is_shown: bool
) -> None:
    lapse = say(11, attributed="no", lapsed="yes", source_id="paper", carried_source_id="ministry")
    spoken = say(at, source_id=speaker, attributed=attributed)
    rows = entry_rows(ballot(bears(11, *ALL_YES), lapse, bears(at, *ALL_YES), spoken, units=30))
    (row,) = (row for row in rows if row["lapsed"] == "yes")
    assert row["carried_in_context"] is is_shown


def test_an_attributed_entry_in_the_unit_itself_is_no_context() -> None:
    lapse = say(1, entry=(PROPOSITION, 2), attributed="no", lapsed="yes", source_id="paper", carried_source_id="expert")
    rows = entry_rows(ballot(bears(1, *ALL_YES), lapse, say(1, source_id="expert")))
    assert [row["carried_in_context"] for row in rows] == [None, False]
    unknown = say(1, attributed="no", lapsed="yes", source_id="paper")
    (row,) = entry_rows(ballot(bears(1, *ALL_YES), unknown))
    assert (row["source_id_carried"], row["carried_in_context"]) == (None, None)


def test_spans_are_quoted_from_the_unmasked_text_and_votes_hold_their_words() -> None:
    item = f"{ARTICLE}.p01.01"
    span = judge(item, "cue_span", *ALL_YES, entry=(PROPOSITION, 1), start=0, end=13)
    found = ballot(bears(1, *ALL_YES), say(1), span)
    (row,) = entry_rows(found)
    assert (row["cue_span_start"], row["cue_span_end"], row["cue_span"]) == (0, 12, "Gazette says")
    assert (row["source_span_start"], row["source_span_end"], row["source_span"]) == (None, None, None)
    votes = {row["vote_id"]: row for row in vote_rows(found)}
    vote = votes[f"{item}:{PROPOSITION}:1:cue_span"]
    assert vote["value"] == "Gazette says"
    assert vote["votes"] == [{"value": "Gazette says", "n": 3, "annotator_kind": "model"}]


def test_relevance_has_a_row_for_each_judged_unit_and_proposition() -> None:
    rows = relevance_rows(ballot(bears(2, "yes", "no", "yes"), bears(1, "no", "no", "no", proposition="other")))
    found = [
        (row["sentence_id"][-2:], row["proposition_id"], row["bears_on"], row["gold_basis"], row["n_annotators"])
        for row in rows
    ]
    assert found == [("01", "other", "no", "model_majority", 3), ("02", PROPOSITION, "yes", "model_majority", 3)]


def judge_article(stance: str = "favor", focal: str = PROPOSITION) -> list[Judgement]:
    values = {"focal_proposition": focal, "stance": stance, "lead_voice": "reports"}
    return [one for field, value in values.items() for one in judge(ITEM, field, *[value] * 3)]


def test_sourcing_counts_units_by_position_and_side_in_both_readings() -> None:
    found = ballot(
        judge_article(),
        bears(1, *ALL_YES), say(1), say(1, entry=(PROPOSITION, 2), source_id="expert"),  # two entries, one unit
        bears(2, *ALL_YES), say(2, source_id="expert", position="deny"),
        bears(3, *ALL_YES), say(3, source_id="expert", position="question"),
        bears(4, *ALL_YES), say(4, attributed="no", lapsed="yes", source_id="paper", carried_source_id="ministry"),
        bears(5, *ALL_YES), say(5, source_id="expert", position="mention"),
        bears(6, *ALL_YES), say(6, source_id="expert", attributed="no"),
        bears(1, *ALL_YES, proposition="other"), say(1, entry=("other", 1), position="deny"),
        units=6,
    )  # fmt: skip
    (row,) = article_rows(found, entry_rows(found))
    names = ("supporting", "contesting", "skew", "alleging", "named")
    assert [row[f"sourcing_{name}"] for name in names] == [1, 2, -0.333333, 1, None]
    assert [row[f"sourcing_{name}_carried"] for name in names] == [2, 2, 0.0, 2, None]
    assert (row["article_id"], row["event_id"], row["stance"], row["lead_voice"]) == (
        ARTICLE, EVENT, "favor", "reports",
    )  # fmt: skip
    assert (row["gold_basis"], row["n_annotators"]) == ("model_majority", 3)


def test_sourcing_is_counted_for_the_event_and_article_alone_and_not_without_a_focal_proposition() -> None:
    found = ballot(judge_article(), bears(1, *ALL_YES), say(1))
    entries = entry_rows(found)
    others = [entries[0] | {"event_ids": ["elsewhere"]}, entries[0] | {"article_id": "another"}]
    (row,) = article_rows(found, others)
    assert (row["sourcing_supporting"], row["sourcing_skew"]) == (0, None)
    silent = ballot(judge_article(focal=""), bears(1, *ALL_YES), say(1))
    (row,) = article_rows(silent, entry_rows(silent))
    assert row["focal_proposition"] is None
    assert "sourcing_supporting" not in row
    assert article_rows(ballot(bears(1, *ALL_YES)), []) == []


def test_a_claims_units_are_those_that_more_than_half_of_the_panel_name() -> None:
    one, two, three = (f"{ARTICLE}.p01.0{number}" for number in (1, 2, 3))
    found = ballot(
        judge(f"{ITEM}/02", "claim", "reported", "reported", "contradicted"),
        judge(f"{ITEM}/02", "claim_units", f"{two} {one} {one}", f"{two} {one}", f"{three} {three}"),
    )
    (row,) = claim_rows(found)
    assert row == {
        "event_id": EVENT,
        "claim_no": 2,
        "claim": "Second.",
        "article_id": ARTICLE,
        "status": "reported",
        "gold_basis": "model_majority",
        "sentence_ids": [one, two],
        "n_annotators": 3,
    }


def test_a_claim_for_which_nobody_names_units_has_none() -> None:
    (row,) = claim_rows(ballot(judge(f"{ITEM}/01", "claim", *["left_out"] * 3)))
    assert (row["status"], row["sentence_ids"]) == ("left_out", [])


def test_a_claim_that_nobody_decides_has_no_units_and_persons_alone_name_them() -> None:
    named = f"{ARTICLE}.p01.01"
    item = f"{ITEM}/01"
    few = ballot(judge(item, "claim", "reported", "reported"), judge(item, "claim_units", named, named))
    assert [(row["status"], row["sentence_ids"]) for row in claim_rows(few)] == [(None, [])]
    kinds = {"m1": {"kind": "model"}, "m2": {"kind": "human"}, "m3": {"kind": "human"}}
    half = ballot(judge(item, "claim", *["reported"] * 3), judge(item, "claim_units", named, named, ""), passes=kinds)
    assert [(row["gold_basis"], row["sentence_ids"]) for row in claim_rows(half)] == [("majority_of_persons", [])]


def test_votes_have_a_row_for_each_gold_value_in_the_order_of_the_tables() -> None:
    found = ballot(
        bears(1, "yes", "yes", "no"), say(1, passes=2), judge_article(), judge(f"{ITEM}/01", "claim", *["left_out"] * 3)
    )
    rows = vote_rows(found)
    item = f"{ARTICLE}.p01.01"
    assert [row["vote_id"] for row in rows if row["table"] != "entries"] == [
        f"{item}:{PROPOSITION}:0:bears_on",
        f"{ITEM}::0:focal_proposition",
        f"{ITEM}::0:stance",
        f"{ITEM}::0:lead_voice",
        f"{ITEM}/01::0:claim",
    ]
    assert {row["article_id"] for row in rows} == {ARTICLE}
    first, entry = rows[0], next(row for row in rows if row["field"] == "position")
    assert (first["level"], first["proposition_id"], first["source_no"]) == ("unit x proposition", PROPOSITION, None)
    assert (first["value"], first["is_unclear"], first["is_unanimous"], first["n_annotators"]) == (
        "yes", False, False, 3,
    )  # fmt: skip
    assert first["votes"] == [
        {"value": "yes", "n": 2, "annotator_kind": "model"}, {"value": "no", "n": 1, "annotator_kind": "model"},
    ]  # fmt: skip
    assert (entry["level"], entry["proposition_id"], entry["source_no"]) == ("entry", PROPOSITION, 1)
    assert (entry["value"], entry["is_unanimous"]) == ("support", False)  # one who judged the unit saw no entry
    last = rows[-1]
    assert (last["level"], last["proposition_id"], last["is_unanimous"]) == ("claim x article", None, True)
    assert rows[-2]["level"] == "article x event"
