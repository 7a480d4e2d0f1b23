"""The studies: what is compared, what an exchange should make of each value, and that every change has a reason."""

from __future__ import annotations

import csv
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from espress.errors import InputError
from espress.schema import schema
from espress_build.docs.labels import describe_heldout_articles
from espress_build.inputs.judgements import Judgement, write_csv
from espress_build.labels.changes import explain, list_changes
from espress_build.labels.studies import _MIRRORED, Exchange, compare_unguided, compare_with_key, measure_heldout

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_ITEM, _UNIT = "a/e", "a.p01.01"
_BY, _AGAINST = "covert_activity_by_cn", "covert_activity_against_cn"


def _judge(  # noqa: PLR0913 - a judgement has many parts
    field: str, value: str, item: str = _ITEM, *, proposition: str = "", source_no: int = 0, codebook: str = "2.0.0"
) -> Judgement:
    return Judgement("", item, proposition, source_no, field, value, None, None, "", "r", codebook)


def _write(folder: Path, passes: Mapping[str, Iterable[Judgement]], *, silent: tuple[str, ...] = ()) -> Path:
    """Write passes, each by the codebook of its judgements; passes in `silent` do not vote."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for name, judgements in passes.items():
        own = [replace(one, annotator=name) for one in judgements]
        write_csv(folder / f"{name}.csv", own)
        lines += [f'[{name}]\nkind = "model"\nfamily = "Quill"\ncodebook = "{own[0].codebook}"']
        lines += ['input_sha256 = ""\nstarted = ""\nended = ""', f"votes = {str(name not in silent).lower()}\n"]
    (folder / "passes.toml").write_text("\n".join(lines), encoding="utf-8")
    return folder


def _three(*judgements: Judgement) -> dict[str, Iterable[Judgement]]:
    return dict.fromkeys(("x", "y", "z"), judgements)


def _entry(position: str, proposition: str = _BY, codebook: str = "2.0.0") -> list[Judgement]:
    return [
        _judge("bears_on", "yes", _UNIT, proposition=proposition, codebook=codebook),
        _judge("position", position, _UNIT, proposition=proposition, source_no=1, codebook=codebook),
    ]


def test_every_class_that_an_exchange_of_polarity_mirrors_has_an_expected_value() -> None:
    for field, mirrored in _MIRRORED.items():
        classes = set(schema().vocabularies[field])
        assert set(mirrored) == classes
        for value, expected in mirrored.items():
            assert set(expected) <= classes
            for other in expected:  # the mirror image of the mirror image may be the value itself
                assert value in mirrored[other], (field, value)


@pytest.mark.parametrize(
    ("field", "before", "after", "flipped"),
    [
        ("stance", "favor", "against", 0),
        ("stance", "favor", "favor", 1),
        ("stance", "neither", "neither", 0),
        ("stance", "neither", "against", 1),
        ("lead_voice", "endorses", "denies", 0),
        ("lead_voice", "denies", "endorses", 0),
        ("lead_voice", "denies", "asserts", 0),
        ("lead_voice", "denies", "denies", 1),
        ("lead_voice", "asserts", "endorses", 1),
    ],
)
def test_an_exchange_of_charge_and_denial_mirrors_the_voice(
    tmp_path: Path, field: str, before: str, after: str, flipped: int
) -> None:
    _write(tmp_path, _three(_judge(field, before)))
    _write(tmp_path / "polarity_swap", {"polarity-1": [_judge(field, after)]})
    exchange = Exchange.read(tmp_path, "polarity_swap")
    assert exchange
    (found,) = exchange.count_flips()
    assert (found.field, found.compared, found.flipped) == (field, 1, flipped)


def test_an_exchange_of_polarity_mirrors_positions_and_leaves_questions_aside(tmp_path: Path) -> None:
    _write(tmp_path, _three(*_entry("support")))
    _write(tmp_path / "polarity_swap", {"polarity-1": _entry("mention")})
    exchange = Exchange.read(tmp_path, "polarity_swap")
    assert exchange
    found = {one.field: one for one in exchange.count_flips()}
    assert found["position"].directions == {"deny -> mention": 1}
    assert found["bears_on"].flipped == 0
    assert exchange.count_entries() == (1, 0, 0)
    _write(tmp_path, _three(*_entry("question")))
    exchange = Exchange.read(tmp_path, "polarity_swap")
    assert exchange
    assert "position" not in {one.field for one in exchange.count_flips()}


def test_an_exchange_of_states_keeps_values_exchanges_propositions_and_leaves_units_out(tmp_path: Path) -> None:
    _write(tmp_path, _three(*_entry("support"), _judge("focal_proposition", _BY)))
    swapped = [*_entry("deny", _AGAINST), _judge("focal_proposition", _AGAINST)]
    folder = _write(tmp_path / "state_swap", {"swap-2": swapped})
    exchange = Exchange.read(tmp_path, "state_swap")
    assert exchange
    found = {one.field: one for one in exchange.count_flips()}
    assert found["position"].directions == {"support -> deny": 1}
    assert (found["focal_proposition"].compared, found["focal_proposition"].flipped) == (1, 0)
    (folder / "left_out.txt").write_text(f"{_UNIT}\n", encoding="utf-8")
    exchange = Exchange.read(tmp_path, "state_swap")
    assert exchange
    assert {one.field for one in exchange.count_flips()} == {"focal_proposition"}


def test_both_sides_of_an_exchange_follow_one_codebook(tmp_path: Path) -> None:
    old = [_judge("stance", "none", codebook="1.0.0")]
    _write(tmp_path, {"old": old, "new": [_judge("stance", "favor")]})
    _write(tmp_path / "state_swap", {"swap-1": old})
    exchange = Exchange.read(tmp_path, "state_swap")
    assert exchange
    assert [(one.compared, one.flipped) for one in exchange.count_flips()] == [(1, 0)]
    _write(tmp_path / "state_swap", {"swap-1": old, "swap-2": [_judge("stance", "against")]})
    exchange = Exchange.read(tmp_path, "state_swap")
    assert exchange
    assert exchange.count_flips()[0].directions == {"favor -> against": 1}
    assert Exchange.read(tmp_path, "polarity_swap") is None


def test_held_out_sentences_are_measured_apart_for_each_codebook(tmp_path: Path) -> None:
    def judge(value: str, codebook: str) -> list[Judgement]:
        return [
            _judge("bears_on", value if n else "no", f"H.p{n:02d}.01", proposition=_BY, codebook=codebook)
            for n in range(3)
        ]

    passes = {"h-1": judge("yes", "1.0.0"), "h-2": judge("yes", "1.0.0")}
    passes |= {"h-3": judge("no", "2.0.0"), "h-4": judge("yes", "2.0.0")}
    _write(tmp_path / "heldout", passes)
    found = measure_heldout(tmp_path)
    assert list(found) == ["2.0.0", "1.0.0"]
    assert [one[0].disputed for one in found.values()] == [2, 0]


def test_invented_articles_are_compared_with_the_intended_labels(tmp_path: Path) -> None:
    folder = tmp_path / "raw" / "annotations" / "heldout_articles"
    passes = {
        name: [_judge("stance", "favor", "H01/event"), _judge("stance", value, "H02/event")]
        for name, value in (("x", "against"), ("y", "against"), ("no-codebook", "neither"))
    }
    _write(folder, passes, silent=("no-codebook",))
    (folder / "key.csv").write_text("article,stance\nH01,favor\nH02,against\n", encoding="utf-8")
    found = {item.article: item for item in compare_with_key(folder.parent)}
    assert found["H02"].intended == "against"
    assert found["H02"].given == {"x": "against", "y": "against", "no-codebook": "neither"}
    shown = describe_heldout_articles(tmp_path / "dataset")
    assert "1 of 2" in shown
    assert "2 of 2" in shown
    (folder / "key.csv").write_text("item,stance\nH01,favor\n", encoding="utf-8")
    with pytest.raises(InputError, match="each article needs one row"):
        compare_with_key(folder.parent)


def test_a_pass_that_does_not_vote_stands_beside_gold(tmp_path: Path) -> None:
    passes = _three(_judge("stance", "favor"), _judge("lead_voice", "asserts"))
    _write(tmp_path, passes | {"no-codebook": [_judge("stance", "neither")]}, silent=("no-codebook",))
    (found,) = compare_unguided(tmp_path, 3)
    assert (found.annotator, found.field, found.given, found.gold) == ("no-codebook", "stance", "neither", "favor")


def _changes(tmp_path: Path) -> Path:
    old = [*_entry("support", codebook="1.0.0"), _judge("stance", "none", codebook="1.0.0")]
    new = [_judge("bears_on", "no", _UNIT, proposition=_BY), _judge("stance", "favor")]
    same = {f"old-{n}": old for n in range(3)} | {f"new-{n}": new for n in range(3)}
    return _write(tmp_path, same)


def _write_reasons(path: Path, *rows: tuple[str, ...]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("table", "item", "field", "old", "new", "reason"), *rows])
    return path


def test_every_changed_label_is_listed_and_needs_a_reason(tmp_path: Path) -> None:
    found = list_changes(_changes(tmp_path), 3)
    told = {(one.table, one.field, one.old, one.new) for one in found}
    assert told == {
        ("relevance", "bears_on", "yes", "no"),
        ("entries", "entry", "recorded", "not recorded"),
        ("article_stance", "stance", "neither", "favor"),  # `none` became `neither`, which is no change by itself
    }
    path = tmp_path / "changes-2.0.0.csv"
    with pytest.raises(InputError) as caught:
        explain(found, path)
    assert len(caught.value.problems) == 3
    _write_reasons(
        path, ("", "", "stance", "", "", "one rule for both directions"), ("entries", "", "", "", "", "gone")
    )
    with pytest.raises(InputError, match="no reason fits relevance"):
        explain(found, path)
    _write_reasons(path, ("relevance", f"{_UNIT}:{_BY}", "", "", "", "own reason"), ("", "", "", "", "", "bulk reason"))
    groups = explain(found, path)
    assert {(key[0], key[3]) for key in groups} == {
        ("bears_on", "own reason"), ("entry", "bulk reason"), ("stance", "bulk reason")
    }  # fmt: skip


def test_changes_need_two_versions_and_enough_passes(tmp_path: Path) -> None:
    folder = _changes(tmp_path)
    assert list_changes(folder, 4) == []  # nobody decides
    _write(tmp_path / "one", _three(_judge("stance", "favor")))
    assert list_changes(tmp_path / "one", 3) == []
