"""Reading judgements: what is refused, with file and line, and what a correction does."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from espress import InputError
from espress_build.inputs.judgements import (
    COLUMNS,
    Annotations,
    Judgement,
    Pass,
    current,
    get_major,
    read_annotations,
    read_csv,
    read_passes,
    write_csv,
)

if TYPE_CHECKING:
    from pathlib import Path

_ROW = {
    "annotator": "one", "item_id": "x-20200101-00000000.p01.01", "proposition_id": "covert_activity_by_cn",
    "source_no": "",
    "field": "bears_on", "value": "yes", "start": "", "end": "", "quote": "", "reason": "why", "codebook": "1.0.0",
    "supersedes": "",
}  # fmt: skip
_ENTRY = '[one]\nkind = "human"\nfamily = ""\ncodebook = "1.0.0"\ninput_sha256 = ""\nstarted = ""\nended = ""\n'


def _write(folder: Path, rows: list[dict[str, str]], columns: list[str] | None = None) -> Path:
    path = folder / "one.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns or list(COLUMNS))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"field": "mood"}, "codebook 1.x has no field 'mood'"),
        ({"codebook": "2.0.0", "field": "aspect"}, "codebook 2.x has no field 'aspect'"),
        ({"field": "lead_voice"}, "codebook 1.x has no field 'lead_voice'"),
        (
            {"codebook": "2.0.0", "field": "stance", "value": "none"},
            "'none' is not a class of stance; classes: against",
        ),
        ({"field": "stance", "value": "neither"}, "'neither' is not a class of stance; classes: against, none, favor"),
        ({"codebook": "2"}, "'2' is not a version of the codebook"),
        ({"value": "perhaps"}, "'perhaps' is not a class of bears_on; classes: no, yes"),
        ({"value": ""}, "bears_on may not be null"),
        ({"source_no": "1"}, "source_no 1 does not fit the field bears_on"),
        ({"field": "position", "value": "deny"}, "source_no 0 does not fit the field position"),
        ({"source_no": "first"}, "source_no, start and end are whole numbers"),
        ({"start": "3"}, "give start, end and quote together"),
        ({"reason": ""}, "a judgement needs a reason"),
        ({"annotator": "two"}, "annotator is 'two', but the file is one.csv"),
        ({"supersedes": "yes"}, "supersedes is 1 or empty"),
        ({"supersedes": "1"}, "there is no earlier judgement"),
    ],
)
def test_a_wrong_row_is_refused_with_file_and_line(tmp_path: Path, change: dict[str, str], says: str) -> None:
    _, problems = read_csv(_write(tmp_path, [_ROW | {"item_id": "x-20200101-00000000.p01.02"}, _ROW | change]))
    assert any(says in problem and "one.csv" in problem for problem in problems), problems


def test_a_second_judgement_needs_supersedes_and_then_wins(tmp_path: Path) -> None:
    _, problems = read_csv(_write(tmp_path, [_ROW, _ROW | {"value": "no"}]))
    assert "a correction has supersedes = 1" in problems[0]
    judgements, problems = read_csv(_write(tmp_path, [_ROW, _ROW | {"value": "no", "supersedes": "1"}]))
    assert problems == []
    assert len(judgements) == 2
    assert [one.value for one in current(judgements)[0].values()] == ["no"]


def test_wrong_columns_and_annotators_without_a_pass_are_refused(tmp_path: Path) -> None:
    path = _write(tmp_path, [{"annotator": "one"}], ["annotator"])
    assert "the columns must be annotator, item_id" in read_csv(path)[1][0]
    with pytest.raises(InputError, match=r"one needs both an entry in passes\.toml and a file one\.csv"):
        read_annotations(tmp_path)
    _write(tmp_path, [_ROW])
    (tmp_path / "passes.toml").write_text(_ENTRY, encoding="utf-8")
    assert len(read_annotations(tmp_path).judgements) == 1
    (tmp_path / "passes.toml").write_text(_ENTRY.replace('"human"', '"model"'), encoding="utf-8")
    with pytest.raises(InputError, match="kind is human, or model with its family"):
        read_annotations(tmp_path)


_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


@given(reason=_WORDS, quote=_WORDS, at=st.integers(0, 9), again=st.booleans())
def test_written_judgements_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, reason: str, quote: str, at: int, *, again: bool
) -> None:
    first = Judgement(
        "one", "a.p01.01", "covert_activity_by_cn", 1, "cue_span", quote, at, at + len(quote), quote, reason, "1.0.0"
    )
    rows = [
        first,
        Judgement(**(vars(first) | {"value": "", "start": None, "end": None, "quote": "", "supersedes": True})),
    ]
    path = tmp_path_factory.mktemp("csv") / "one.csv"
    write_csv(path, rows if again else rows[:1])
    assert read_csv(path) == (rows if again else rows[:1], [])


def _judge(annotator: str, codebook: str, *, supersedes: bool = False) -> Judgement:
    return Judgement(
        annotator, "a.p01.01", "p", 0, "bears_on", "yes", None, None, "", "r", codebook, supersedes=supersedes
    )


def _pass(annotator: str, codebook: str, *, votes: bool = True) -> Pass:
    return Pass(annotator, "model", "Quill", codebook, "", "", "", votes=votes)


def test_gold_counts_current_judgements_of_voting_passes_by_the_newest_codebook() -> None:
    passes = (_pass("old", "1.0.0"), _pass("new", "2.0.0"), _pass("free", "2.1.0", votes=False))
    judged = (
        _judge("old", "1.0.0"), _judge("new", "2.0.0"), _judge("new", "2.0.1", supersedes=True), _judge("free", "3.0.0")
    )  # fmt: skip
    annotations = Annotations(passes, judged)
    assert annotations.select_counted() == [judged[2]]
    assert annotations.tables()["judgements"]["is_counted"].to_pylist() == [False, False, True, False]
    assert Annotations(passes[:1], judged[:1]).select_counted() == [judged[0]]  # no newer codebook: the old one counts
    # a batch without any judgement under the newest codebook counts none
    assert [one.select_counted() for one in annotations.split([{"b"}, {"a"}])] == [[], [judged[2]]]


def test_lists_beside_the_passes_are_no_judgements(tmp_path: Path) -> None:
    for name in ("key.csv", "changes-2.0.0.csv"):
        (tmp_path / name).write_text("article,stance\n", encoding="utf-8")
    assert read_annotations(tmp_path).judgements == ()


def test_every_pass_under_codebook_2_says_how_it_was_made(project: Path) -> None:
    annotations = project / "raw" / "annotations"
    made = [one for folder in (annotations, *annotations.glob("*/")) for one in read_passes(folder)]
    newest = [one for one in made if get_major(one.codebook) > 1]
    assert len(newest) >= 4
    for one in newest:
        assert one.kind == "human" or (one.model and one.order and one.contexts), one
        assert (project / one.prompt).is_file(), one
    assert [one.annotator for one in read_passes(annotations) if not one.votes] == ["no-codebook"]


def _entry(**fields: str) -> list[dict[str, str]]:
    about = _ROW | {"source_no": "1"}
    return [about | {"field": field, "value": value} for field, value in fields.items()]


def _claim(status: str, units: str) -> list[dict[str, str]]:
    about = _ROW | {"item_id": "x-20200101-00000000/e/01", "proposition_id": ""}
    return [about | {"field": "claim", "value": status}, about | {"field": "claim_units", "value": units}]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (_entry(attributed="yes", lapsed="yes"), "line 3: lapsed of x-20200101-00000000.p01.01: lapsed is yes"),
        (_entry(attributed="no", cue_strength="neutral"), "line 3: cue_strength of x-20200101-00000000.p01.01: a cue"),
        (_entry(lapsed="no", carried_source_id="bis"), "line 3: carried_source_id of x-20200101-00000000.p01.01: "),
        (_entry(lapsed="yes", carried_source_id=""), "so name the source that spoke last"),
        (_entry(source_id="nobody"), "line 2: source_id of x-20200101-00000000.p01.01: there is no source 'nobody'"),
        (_entry(actor_state="XX"), "line 2: 'XX' is not a country of ISO 3166-1"),
        (_claim("reported", ""), "line 3: claim_units of x-20200101-00000000/e/01: a claim that is reported names"),
        (_claim("left_out", "x-20200101-00000000.p01.01"), "a claim that is left out has no units"),
        (_claim("reported", "y-20200101-00000000.p01.01"), "y-20200101-00000000.p01.01 is no unit of x-20200101-000"),
        (_claim("reported", "x-20200101-00000000.p99.01"), "there is no unit x-20200101-00000000.p99.01"),
        (_claim("reported", "x-20200101-00000000.p01.01 " * 2), "names a unit twice"),
        ([_ROW | {"item_id": "x-20200101-00000000.p09.01"}], "line 2: bears_on of x-20200101-00000000.p09.01: there"),
        ([_ROW | {"codebook": "1.0.1"}], "line 2: codebook is 1.0.1, but passes.toml names 1.0.0"),
    ],
)
def test_contradictions_and_unknown_ids_are_refused_with_file_and_line(
    tmp_path: Path, rows: list[dict[str, str]], says: str
) -> None:
    (tmp_path / "passes.toml").write_text(_ENTRY, encoding="utf-8")
    path = _write(tmp_path, rows)
    with pytest.raises(InputError) as raised:
        read_annotations(tmp_path, sources={"bis", "outlet"}, units={"x-20200101-00000000.p01.01"})
    (problem,) = raised.value.problems
    assert problem.startswith(f"{path}, line ")
    assert says in problem
