"""What gives an outlet or a private person away is replaced, and can be traced back."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import espress
from espress.masking import Mask, apply_masks, find_contexts, find_masks, unmask_range
from espress_build.annotate.material import make_input
from espress_build.inputs.registries import read_registries
from espress_build.pipeline.mask import _outlet_names

if TYPE_CHECKING:
    from pathlib import Path

_PATTERNS = [("Daily News", "[OUTLET]"), ("Jane Roe", "[PERSON_1]"), ("Daily", "[OUTLET]"), ("Roe", "[PERSON_1]")]


def test_the_longest_name_wins_and_parts_of_words_stay() -> None:
    text = "Daily News told Roe of the Daily, of roe and of Roebuck."
    assert (
        apply_masks(text, find_masks(text, _PATTERNS))
        == "[OUTLET] told [PERSON_1] of the [OUTLET], of roe and of Roebuck."
    )


@pytest.mark.parametrize(
    ("name", "text", "masked"),
    [
        ("环球时报", "据环球时报报道，他走了。", "据[OUTLET]报道，他走了。"),
        ("Global Times", "据Global Times报道。", "据[OUTLET]报道。"),
        ("読売新聞", "昨日の読売新聞によると", "昨日の[OUTLET]によると"),
        ("조선일보", "어제 조선일보는 말했다.", "어제 [OUTLET]는 말했다."),
        ("Daily News", "The Daily\u00a0News and the Dai\u00adly  News.", "The [OUTLET] and the [OUTLET]."),
        ("Daily\u202fNews", "The Daily News.", "The [OUTLET]."),
        ("الشرق الأوسط", "قالت الشرق الأوسط والشرق الأوسط وبالشرق الأوسط", "قالت [OUTLET] و[OUTLET] وب[OUTLET]"),
        ("הארץ", "אמר הארץ והארץ", "אמר [OUTLET] ו[OUTLET]"),
        ("Mail", "Mailand and E-Mail, Mail", "Mailand and E-[OUTLET], [OUTLET]"),
    ],
)
def test_names_are_masked_in_every_script(name: str, text: str, masked: str) -> None:
    """In some, names touch other words; no-break spaces and soft hyphens do not hide a name."""
    assert apply_masks(text, find_masks(text, [(name, "[OUTLET]")])) == masked


def test_a_span_of_the_masked_text_maps_back_with_its_masks_whole() -> None:
    text = "The Daily News says Roe left."
    masks = find_masks(text, _PATTERNS)
    masked = apply_masks(text, masks)
    start = masked.index("[OUTLET] says")
    assert text[slice(*unmask_range(masks, start, start + len("[OUTLET]")))] == "Daily News"
    assert text[slice(*unmask_range(masks, start, start + len("[OUTLET] says")))] == "Daily News says"
    left = masked.index("left")
    assert text[slice(*unmask_range(masks, left, left + 4))] == "left"
    assert text[slice(*unmask_range(masks, 0, len(masked)))] == text
    assert text[slice(*unmask_range(masks, start + 2, start + 3))] == "Daily News"  # inside a mask: all of it


@given(st.lists(st.sampled_from(["Daily News", "Roe", "and", "é", "😀", ","]), max_size=12), st.data())
def test_every_run_outside_masks_maps_to_itself(parts: list[str], data: st.DataObject) -> None:
    text = " ".join(parts)
    masks = find_masks(text, _PATTERNS)
    masked = apply_masks(text, masks)
    if masked:
        start = data.draw(st.integers(0, len(masked) - 1))
        end = data.draw(st.integers(start + 1, len(masked)))
        low, high = unmask_range(masks, start, end)
        inside = [
            Mask(m.mask_start - low, m.mask_end - low, m.mask)
            for m in masks
            if low <= m.mask_start and m.mask_end <= high
        ]
        assert masked[start:end] in apply_masks(text[low:high], inside)
        assert 0 <= low < high <= len(text)


def test_no_unit_shows_an_outlet_or_a_private_person(project: Path) -> None:
    outlets = read_registries(project / "schema" / "registries").outlets
    units = espress.load("sentences", as_="arrow").to_pylist()
    for record in (project / "raw" / "articles").glob("*/record.toml"):
        facts = tomllib.loads(record.read_text(encoding="utf-8"))
        own = [facts["facts"].get(name, {}).get("value") for name in ("outlet_id", "republisher_id")]
        rows = [outlets[name] for name in own if name]
        names = {name for row in rows for name in (row["name"], *row["aliases"], *row["domains"])}
        names |= {name for person in facts.get("private_persons", []) for name in person}
        shown = "\n".join(unit["text_masked"] for unit in units if unit["article_id"] == record.parent.name)
        assert shown
        assert [name for name in sorted(names) if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", shown)] == []


def test_only_the_articles_own_outlet_and_republisher_are_masked() -> None:
    row = {"outlet_kind": "outlet", "aliases": [], "domains": []}
    outlets = [row | {"outlet_id": name.lower(), "name": name} for name in ("Herald", "Tribune", "Mirror", "Wire")]
    article = {"outlet_id": "herald", "republisher": "Mirror"}
    assert _outlet_names(article, outlets) == ["Herald", "Mirror"]
    agency = article | {"outlet_id": "wire", "republisher": None}
    assert _outlet_names(agency, [one | {"outlet_kind": "agency"} for one in outlets]) == ["Wire"]


def test_coders_saw_the_units_that_are_published(project: Path) -> None:
    articles, units = (espress.load(name, as_="arrow").to_pylist() for name in ("articles", "sentences"))
    frozen = (project / "raw" / "annotations" / "input.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in frozen] == make_input(articles, units), (
        "the masked units are no longer those that the passes judged: a changed unit needs a new judgement"
    )


def test_the_context_of_a_unit_is_up_to_ten_masked_units_of_its_article_on_each_side() -> None:
    units = [("a", "a.1", "One."), ("a", "a.2", "Two."), ("b", "b.1", "Three."), ("b", "b.2", "Four.")]
    assert find_contexts(units) == {
        "a.1": (None, "Two."), "a.2": ("One.", None), "b.1": (None, "Four."), "b.2": ("Three.", None),
    }  # fmt: skip
    many = [("a", f"a.{number}", str(number)) for number in range(30)]
    before, after = find_contexts(many)["a.15"]
    assert before == "\n".join(map(str, range(5, 15)))
    assert after == "\n".join(map(str, range(16, 26)))
