"""Texts that are shared are grouped, whatever the order; outlets and events link articles, buckets link nothing."""

from __future__ import annotations

import hashlib
import random
import unicodedata
from dataclasses import replace
from itertools import combinations
from typing import Any

import pyarrow as pa
import pytest
from benchmarks.scale.links_in_memory import find_links_in_memory
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.espress_build.pipeline.helpers import EVENTS, PARAMS, PROPERTY

from espress.near_duplicates import LinkedGroups
from espress_build.pipeline.link import find_links, shingles, sketch
from espress_build.tables import ARTICLES, SKETCHES

EVENT_TABLE = pa.table({"event_id": list(EVENTS), "event_kind": list(EVENTS.values())})
WORDS = [f"word{number}" for number in range(500)]


def related(texts: dict[str, str], order: list[str] | None = None, **columns: Any) -> dict[str, Any]:
    """Sketch and relate these texts; returns id -> (group, kind, block). Outlets all differ unless they are given."""
    names = order or list(texts)
    outlets, events = columns.get("outlets", {}), columns.get("events", {})
    rows = {
        "article_id": names,
        "text": [texts[name] for name in names],
        "text_sha256": [hashlib.sha256(texts[name].encode()).hexdigest() for name in names],
        "outlet_id": [outlets.get(name, f"outlet-{name}") for name in names],
        "event_ids": [events.get(name, ["other-cases"]) for name in names],
    }
    articles = pa.table(rows, schema=pa.schema([ARTICLES.field(name) for name in rows]))
    sketches = sketch({"articles": articles}, PARAMS).kept["sketches"]
    assert sketches.schema.equals(SKETCHES)
    relations = find_links({"sketches": sketches, "events": EVENT_TABLE}, PARAMS).kept["relations"].to_pylist()
    assert [row["article_id"] for row in relations] == names
    return {row["article_id"]: (row["duplicate_group"], row["duplicate_kind"], row["block_id"]) for row in relations}


def text_of(seed: int, size: int = 200) -> str:
    """Return so many words in an order that the seed decides."""
    generator = random.Random(seed)  # noqa: S311 - not for secrets
    return " ".join(generator.choice(WORDS) for _ in range(size))


def edited(text: str, every: int) -> str:
    """Replace each so-manieth word."""
    return " ".join("new" if at % every == every - 1 else word for at, word in enumerate(text.split()))


def jaccard(first: str, second: str) -> float:
    """Return the exact similarity of two texts' shingles."""
    one, other = (set(shingles(text, PARAMS.link)) for text in (first, second))
    return len(one & other) / len(one | other) if one | other else 0.0


ORIGINAL = text_of(1)
FAMILY = {
    "b": ORIGINAL,
    "a": f"{ORIGINAL} {text_of(2, 8)}",  # a line of credits behind it
    "d": ORIGINAL,
    "c": " ".join(ORIGINAL.split()[8:]),  # the first line cut
    "e": text_of(3),
    "f": f"{ORIGINAL} {text_of(4, 400)}",  # quoted in a longer text
}


GROUPS = ["a near", "a exact", "a near", "a exact", "e none", "f none"]  # of a to f


@pytest.mark.parametrize("seed", range(6))
def test_copies_are_grouped_and_named_by_the_least_id_whatever_the_order(seed: int) -> None:
    order = list(FAMILY)
    random.Random(seed).shuffle(order)  # noqa: S311 - not for secrets
    found = related(FAMILY, order)
    assert [" ".join(found[name][:2]) for name in sorted(found)] == GROUPS


def test_a_lone_article_is_its_own_group_and_no_article_gives_no_row() -> None:
    assert related({"a": ORIGINAL}) == {"a": ("a", "none", "a")}
    assert related({}) == {}


def test_near_copies_link_through_one_that_stands_between() -> None:
    texts = {"a": ORIGINAL, "b": f"{ORIGINAL} {text_of(5, 30)}", "c": f"{ORIGINAL} {text_of(5, 30)} {text_of(6, 58)}"}
    assert jaccard(texts["a"], texts["c"]) < PARAMS.link.near_threshold
    assert {group for group, *_ in related(texts).values()} == {"a"}


@pytest.mark.parametrize("size", [1, 5, 10, 19])
def test_short_texts_are_grouped_only_if_they_are_the_same(size: int) -> None:
    short = text_of(7, size)
    texts = {"a": short, "b": f"{short}!", "c": short, "d": "", "e": "", "f": "."}
    found = related(texts)
    assert [found[name][:2] for name in "abc"] == [("a", "exact"), ("b", "none"), ("a", "exact")]
    assert [found[name][:2] for name in "def"] == [("d", "exact"), ("d", "exact"), ("f", "none")]


def test_the_least_number_of_words_is_the_one_that_params_states() -> None:
    assert shingles(text_of(8, PARAMS.link.minimum_words - 1), PARAMS.link) == []
    assert len(shingles(text_of(8, PARAMS.link.minimum_words), PARAMS.link)) == PARAMS.link.minimum_words - 4


CZECH = (
    "Tajná služba ve své výroční zprávě uvedla, že činnost cizích rozvědek na území státu loni zesílila. "
    "Podle mluvčího služby se zájem soustředil na vysoké školy, ozbrojené síly a státní správu, kde pracují odborníci."
)  # fmt: skip
CHINESE = (
    "国家安全机关提醒公众注意境外情报机构的招募手法，并及时举报可疑行为。"
    "有关部门表示，近年来此类案件有所增加，涉及科研人员、留学生和企业职员，应当提高警惕。"
)


@pytest.mark.parametrize(
    ("text", "copy", "other"),
    [
        (CZECH, CZECH + CZECH[:3], "".join(reversed(CZECH.split()))),
        (CHINESE, CHINESE + CHINESE[:3], CHINESE[::-1]),
        (ORIGINAL, ORIGINAL.upper().replace(" ", ", "), text_of(2)),
    ],
    ids=["Czech", "Chinese", "other case and punctuation"],
)
def test_near_copies_are_found_in_every_language_case_and_punctuation(text: str, copy: str, other: str) -> None:
    found = related({"a": text, "b": copy, "c": other})
    assert [found[name][:2] for name in "abc"] == [("a", "near"), ("a", "near"), ("c", "none")]


QUOTED = "“The service’s five-day report,” he said, “isn’t ours: naïve work.” " * 4


@pytest.mark.parametrize(
    "copy",
    [
        QUOTED.translate(str.maketrans("“”’", '""\'')),
        QUOTED.replace("-", "\u2011"),
        unicodedata.normalize("NFD", QUOTED),
        QUOTED.replace("service", "ser\u00advice"),
        "".join(chr(ord(sign) + 0xFEE0) if sign.isascii() and sign.isalpha() else sign for sign in QUOTED),
    ],
    ids=["straight quotes", "no-break hyphen", "NFD", "soft hyphen", "full width"],
)
def test_copies_with_other_forms_of_characters_are_near(copy: str) -> None:
    assert shingles(copy, PARAMS.link) == shingles(QUOTED, PARAMS.link) != []
    assert related({"a": QUOTED, "b": copy})["b"][:2] == ("a", "near")


@settings(PROPERTY, max_examples=60)
@given(
    recipes=st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from([0, 2, 3, 60, 90, 150]), st.integers(0, 3)),
        min_size=2,
        max_size=10,
    )
)
def test_groups_agree_with_exact_similarity_where_it_is_clear(recipes: list[tuple[int, int, int]]) -> None:
    """Above 0.9 texts are one group; below 0.3 they are two, unless a third links them."""
    texts = {}
    for number, (seed, every, tail) in enumerate(recipes):
        text = text_of(seed, 300)
        text = edited(text, every) if every else text
        texts[f"{(number * 7) % 11:02d}"] = f"{text} {text_of(50 + tail, tail)}".strip()
    found = related(texts)
    similarity = {pair: jaccard(texts[pair[0]], texts[pair[1]]) for pair in combinations(sorted(texts), 2)}
    possible = LinkedGroups[str]()
    for (first, second), value in similarity.items():
        if value > 0.9:
            assert found[first][0] == found[second][0], value
        if value >= 0.3:
            possible.link(first, second)
    for first, second in similarity:
        if possible.name(first) != possible.name(second):
            assert found[first][0] != found[second][0]
    for name, (group, kind, _) in found.items():
        members = [other for other in found if found[other][0] == group]
        assert group == min(members)
        same = any(texts[other] == texts[name] for other in texts if other != name)
        assert (kind == "exact") == same
        assert (kind == "none") == (len(members) == 1)


def blocks(**columns: Any) -> dict[str, str]:
    """Link four unlike articles; return id -> block."""
    return {name: found[2] for name, found in related({n: text_of(ord(n)) for n in "abcd"}, **columns).items()}


LINKS: list[tuple[dict[str, Any], str]] = [
    ({"events": {name: ["other-cases"] for name in "abcd"}}, "abcd"),  # a bucket of events links nothing
    ({"events": {"b": ["case-2020"], "d": ["other-cases", "case-2020"], "a": ["trial-2021"]}}, "abcb"),
    ({"outlets": {"a": "x", "c": "x"}, "events": {"c": ["case-2020"], "d": ["case-2020"]}}, "abaa"),  # links chain
]


@pytest.mark.parametrize(("columns", "expected"), LINKS)
def test_outlets_and_events_link_articles_to_blocks(columns: dict[str, Any], expected: str) -> None:
    assert blocks(**columns) == dict(zip("abcd", expected, strict=True))


def test_an_outlet_and_an_event_of_one_name_are_not_mixed_up() -> None:
    found = blocks(outlets={"a": "case-2020"}, events={"b": ["case-2020"]})
    assert found["a"] != found["b"]


@st.composite
def many_sketches(draw: st.DrawFn) -> Any:
    """Return sketches of few different values in several batches, so that bands, texts, outlets and events coincide."""
    names = draw(st.lists(st.text("aé😀\uffff", min_size=1, max_size=3), unique=True, max_size=14))
    digit = st.integers(0, 1)
    rows = [
        {
            "article_id": name,
            "text_sha256": draw(st.sampled_from("stuvwxyz")),
            "minhash": draw(st.none() | st.lists(digit, min_size=9, max_size=9)),
            "outlet_id": draw(st.sampled_from("ABCDEFGH")),
            "event_ids": draw(st.lists(st.sampled_from(list(EVENTS)), min_size=1, max_size=2)),
        }
        for name in names
    ]
    cut = draw(st.integers(0, len(rows)))
    return pa.concat_tables(pa.Table.from_pylist(part, schema=SKETCHES) for part in (rows[:cut], [], rows[cut:]))


@settings(PROPERTY, max_examples=300)
@given(sketches=many_sketches(), bands=st.sampled_from([1, 2, 4, 9]), threshold=st.sampled_from([0.0, 0.5, 0.8, 1.0]))
def test_links_found_from_disk_are_those_found_in_memory(sketches: Any, bands: int, threshold: float) -> None:
    link = replace(PARAMS.link, permutations=9, bands=bands, near_threshold=threshold)
    found = find_links({"sketches": sketches, "events": EVENT_TABLE}, replace(PARAMS, link=link)).kept["relations"]
    assert found.equals(find_links_in_memory(sketches, EVENT_TABLE, link))
