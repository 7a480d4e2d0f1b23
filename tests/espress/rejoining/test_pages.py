"""A page as received gives its article's fields by `source_pieces` alone, however it is put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.espress_build.pipeline.helpers import (
    PROPERTY,
    basic_spans,
    beside,
    received,
    run_up_to,
    span,
    write_registries,
)

from espress.rejoining.match import cut_fields
from espress_build.inputs.params import read_params
from espress_build.inputs.registries import Registries, read_registries

if TYPE_CHECKING:
    from espress_build.inputs.params import Params

PARAMS = read_params()
ARTICLE = "herald-20200102-00000000"


@pytest.fixture(scope="module")
def registries(tmp_path_factory: pytest.TempPathFactory) -> Registries:
    return read_registries(write_registries(tmp_path_factory.mktemp("registries")))


def _cut_as_built(page: bytes, spans: list[dict[str, Any]], registries: Registries, params: Params = PARAMS) -> None:
    tables = {"received": received({ARTICLE: page}, {ARTICLE: spans}), **beside(registries)}
    (article,) = run_up_to("normalise", tables, params)["articles"].to_pylist()
    built = {name: article[name] for name in ("title", "standfirst", "text")}
    assert cut_fields(article, page) == built
    size = sum(piece["source_end"] - piece["source_start"] for piece in article["source_pieces"])
    assert size == article["kept_bytes"]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_furniture_inside_paragraphs_several_roles_a_line_and_decomposed_letters(
    registries: Registries, mark: str, end: str
) -> None:
    lines = [
        "Kde\u030c a head",
        "line 𠮷野",
        "Sum\u00a0up. Advert More.",
        "PRAGUE – Bod\u0301y  one Share this two.",
        "Last \u1100\u1161",
    ]
    spans = [
        span(1, 0, 11, "title"),
        span(2, 0, 7, "title"),
        span(3, 0, 7, "standfirst"),
        span(3, 8, 14, "boilerplate"),
        span(3, 15, 20, "standfirst"),
        span(4, 0, 6, "dateline"),
        span(4, 7, 14, "body"),
        span(4, 16, 19, "body"),
        span(4, 20, 30, "boilerplate"),
        span(4, 31, 35, "body"),
        span(5, 0, 7, "body"),
    ]
    assert [lines[one["line"] - 1][one["start"] : one["end"]] for one in spans][-2:] == ["two.", lines[4]]
    _cut_as_built((mark + end.join(lines) + end).encode(), spans, registries)


_LINE = st.text(alphabet="ab e\u0301\u0323 \u00a0𠮷。ÅA\u030a", min_size=1, max_size=12).filter(
    lambda line: line.strip() == line
)


@PROPERTY
@given(lines=st.lists(_LINE, min_size=2, max_size=5), end=st.sampled_from(["\n", "\r\n"]))
def test_any_page_comes_back(registries: Registries, lines: list[str], end: str) -> None:
    page = end.join(lines)
    _cut_as_built(page.encode(), basic_spans(page), registries)
