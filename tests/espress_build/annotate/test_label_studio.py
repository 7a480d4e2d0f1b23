"""Spans and results of any kind: words are hit to the character or refused, and the reader never breaks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from espress_build.annotate.import_ import read_export
from espress_build.annotate.label_studio import read_result, read_results

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.annotate.material import Material

_TEXT = st.text(alphabet=st.one_of(st.sampled_from("ab 🕵é"), st.characters(codec="utf-8")), min_size=1, max_size=30)


def _marked(start: Any, end: Any, text: Any) -> dict[str, Any]:
    value = {"start": start, "end": end, "text": text, "labels": ["2 cue"]}
    return {"id": "x", "from_name": "spans", "to_name": "text", "type": "labels", "value": value}


@given(_TEXT, st.data())
def test_a_span_is_read_to_the_character_counted_in_code_points_or_as_browsers_count(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    control, answer = read_result(_marked(start, end, text[start:end]), text)
    assert (control, answer.start, answer.end, answer.value) == ("cue_span_2", start, end, text[start:end])
    first, last = (len(text[:at].encode("utf-16-le")) // 2 for at in (start, end))
    _, answer = read_result(_marked(first, last, text[start:end]), text)
    assert text[answer.start : answer.end] == answer.value == text[start:end]


@given(_TEXT, st.integers(-3, 70), st.integers(-3, 70), st.one_of(_TEXT, st.none(), st.integers()))
def test_a_span_is_taken_only_where_its_words_stand(text: str, start: int, end: int, words: Any) -> None:
    try:
        _, answer = read_result(_marked(start, end, words), text)
    except ValueError:
        return
    assert text[answer.start : answer.end] == answer.value == words


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["from_name", "type", "value", "labels", "choices", "text", "start", "end", "id"]),
            inner,
            max_size=6,
        ),
    ),
    max_leaves=12,
)


@given(_JSON)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_json_is_read_or_refused_but_never_breaks_the_reader(results: Any) -> None:
    problems: list[str] = []
    answers = read_results(results, "the text", problems)
    assert answers or problems or results == []


@given(st.lists(st.fixed_dictionaries({"id": _JSON, "data": _JSON, "annotations": _JSON}), min_size=1, max_size=3))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=20, deadline=None
)
def test_an_export_of_anything_is_refused(material: Material, tmp_path: Path, rows: Any) -> None:
    path = tmp_path / "export.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    assert read_export(material, path, "human-1").problems
