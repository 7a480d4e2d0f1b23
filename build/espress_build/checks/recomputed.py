"""Checks of level 4 that compute columns again with the build's own functions and compare every cell.

Only what follows from other columns of the dataset can be checked here. In a clone, `checks.against_raw`
compares all other cells with the sources.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from itertools import groupby, islice, pairwise
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from espress.errors import EspressError
from espress.masking import apply_masks, find_masks, fold_name
from espress.schema import schema
from espress.text import words
from espress_build.checks.comparison import compare_tables
from espress_build.constructed.frames import find_word_span
from espress_build.inputs.catalogue import catalogue_id
from espress_build.inputs.judgements import from_rows, select_counted
from espress_build.inputs.params import read_params
from espress_build.inputs.wire_stories import group_wire_stories
from espress_build.pipeline.label import LABEL_TABLES, label
from espress_build.pipeline.language import resolve
from espress_build.pipeline.link import find_links, sketch
from espress_build.pipeline.mask import list_patterns
from espress_build.pipeline.normalise import SEPARATOR, hash_text
from espress_build.pipeline.segment import cut_units
from espress_build.pipeline.shortcut_scores import measure_shortcuts
from espress_build.pipeline.split import assign_block_folds
from espress_build.tables import (
    CLAIMS,
    JUDGEMENTS,
    PASSES,
    RELATIONS,
    SKETCHES,
    read_groups,
    read_rows,
    read_table,
    set_column,
    to_stream,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from espress_build.inputs.params import Params
    from espress_build.pipeline.result_cache import ResultCache

    Found = Iterator[tuple[str, str]]
    Row = dict[str, Any]

_FAULTS = (EspressError, pa.ArrowException, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def _guard(function: Callable[..., Found]) -> Callable[..., Found]:
    """Report values from which nothing can be computed as a finding, not as a bug.

    A check gets the folder of the dataset and, if it uses one, a cache of results for row groups with the same content.
    """

    def run(folder: Path, cache: ResultCache | None = None) -> Found:
        try:
            yield from function(folder, cache) if function in _CACHED else function(folder)
        except _FAULTS as error:
            yield function.__name__, f"cannot be computed from the tables: {type(error).__name__}: {error}"

    run.__name__ = function.__name__
    return run


def _compare(found: Any, computed: Any, name: str, before: int = 0) -> Found:
    return compare_tables(found, computed, schema().table(name), "the other columns give", before=before)


# ---------------------------------------------------------------- row groups


@dataclass(frozen=True)
class _Groups:
    """A batch of articles with their units, and the number of rows before them in both tables."""

    articles: Any
    sentences: Any
    articles_before: int
    sentences_before: int


def _list_articles(groups: Iterable[Any]) -> list[tuple[set[str], int]]:
    return [(set(group["article_id"].unique().to_pylist()), group.num_rows) for group in groups]


def _pair_groups(folder: Path) -> Iterator[_Groups]:
    """Yield each row group of `articles` with the units of its articles.

    If the row groups of `sentences` are not those of the build, both tables are yielded whole.
    """
    columns = {"article_id"}
    batches = _list_articles(read_groups(folder, "articles", columns))
    units = _list_articles(read_groups(folder, "sentences", columns))
    counts, at = [], 0
    for own, _ in batches:
        first = at
        while at < len(units) and units[at][0] <= own:
            at += 1
        counts.append(at - first)
    if at < len(units):
        yield _Groups(read_table(folder, "articles"), read_table(folder, "sentences"), 0, 0)
        return
    sentences = read_groups(folder, "sentences")
    empty, rows = next(read_groups(folder, "sentences")).slice(0, 0), [0, 0]
    for articles, number in zip(read_groups(folder, "articles"), counts, strict=True):
        own = pa.concat_tables([empty, *islice(sentences, number)])
        yield _Groups(articles, own, *rows)
        rows = [rows[0] + articles.num_rows, rows[1] + own.num_rows]


def _name_result(about: str, cache: ResultCache, tables: Iterable[Any]) -> str:
    """Return the key of a check of these tables; the setting of the cache covers code, schema and libraries."""
    digest = hashlib.sha256(repr((about, cache.setting, read_params())).encode())
    for table in tables:
        digest.update(to_stream(table))
    return digest.hexdigest()


def _unless_passed(
    cache: ResultCache | None, check: Callable[..., Found], tables: dict[str, Any], *given: Any
) -> Found:
    """Yield what a check finds, nothing if it passed before with the same tables.

    Only a check without findings is remembered. The tables must determine all values in `given`, except for numbers of
    rows.
    """
    names = sorted(tables)
    key = _name_result(f"{check.__name__} {names}", cache, (tables[name] for name in names)) if cache else ""
    if cache and cache.fetch(key) is not None:
        return
    sound = True
    for found in check(*given):
        sound = False
        yield found
    if cache and sound:
        cache.store(key, b"")


# ---------------------------------------------------------------- labels


def _ballot_tables(folder: Path) -> dict[str, Any]:
    """Return the input of the stage `label` that all articles share, as far as the dataset holds it."""
    claims: dict[str, dict[int, str]] = defaultdict(dict)
    for row in read_rows(folder, "claim_matrix", {"event_id", "claim_no", "claim"}):
        claims[row["event_id"]].setdefault(row["claim_no"], row["claim"])
    listed = [
        {"event_id": event, "claims": [own.get(number, "") for number in range(1, max(own) + 1)]}
        for event, own in sorted(claims.items())
    ]
    passes = {
        row["annotator"]: {"kind": row["annotator_kind"], "family": row["family"] or ""}
        for row in read_rows(folder, "annotations", {"annotator", "annotator_kind", "family"})
    }
    return {
        "passes": pa.Table.from_pylist([{"annotator": name, **row} for name, row in passes.items()], schema=PASSES),
        "claims": pa.Table.from_pylist(listed, schema=CLAIMS),
        **{name: read_table(folder, name) for name in ("events", "propositions", "sources")},
    }


def _read_judgements(folder: Path) -> dict[str, list[tuple[int, Row]]]:
    """Return the judgements about each article, as the stage `label` takes them, with their place in the table."""
    rows = list(read_rows(folder, "annotations"))
    judgements = from_rows(rows)
    voters = {row["annotator"] for row in rows if row["is_counted"]}
    counted = set(map(id, select_counted(judgements, voters)))
    found: dict[str, list[tuple[int, Row]]] = defaultdict(list)
    for place, one in enumerate(judgements):
        found[one.article_id].append((place, vars(one) | {"is_counted": id(one) in counted}))
    return found


def _fill_links(table: Any, known: dict[str, Row]) -> Any:
    """Fill the columns of a label table that come from `articles` and `splits`."""
    ids = table["article_id"].to_pylist() if "article_id" in table.column_names else []
    for column in ("block_id", "fold_article", "fold_block"):
        if column in table.column_names:
            table = set_column(table, column, [known[article].get(column) for article in ids])
    return table


def _read_links(folder: Path) -> dict[str, Row]:
    """Return the block and the folds of each article."""
    known: dict[str, Row] = defaultdict(dict)
    for row in read_rows(folder, "articles", {"article_id", "block_id"}):
        known[row["article_id"]] = {"block_id": row["block_id"]}
    for row in read_rows(folder, "splits"):
        known[row["article_id"]][f"fold_{row['split']}"] = row["fold"]
    return known


def labels_computed(folder: Path) -> Found:
    """Yield cells of the label tables that do not follow from the judgements, units and registries."""
    shared, judged, links = _ballot_tables(folder), _read_judgements(folder), _read_links(folder)
    made: dict[str, list[Any]] = {name: [] for name in LABEL_TABLES}
    wrong: list[tuple[str, str]] = []
    # Each row group is one batch of the build; the batches determine the order of the rows.
    for group in _pair_groups(folder):
        ids = group.articles["article_id"].to_pylist()
        placed = sorted((one for article in ids for one in judged.get(article, ())), key=lambda one: one[0])
        own = [row for _, row in placed]
        given = {"judgements": pa.Table.from_pylist(own, schema=JUDGEMENTS),
                 "articles": group.articles, "sentences": group.sentences}  # fmt: skip
        step = label(shared | given, read_params()).kept
        for name in LABEL_TABLES:
            made[name].append(_fill_links(step[name], links))
        wrong += _compare(group.articles, step["articles"], "articles", group.articles_before)
    for name in LABEL_TABLES:
        yield from _compare(read_table(folder, name), pa.concat_tables(made[name]), name)
    yield from wrong


# ---------------------------------------------------------------- articles


def _sketch(articles: Any, params: Params, cache: ResultCache | None) -> Any:
    """Return the sketches of a row group of `articles`, from the cache if they were computed from the same texts."""
    key = _name_result("sketches", cache, [articles]) if cache else ""
    if cache and (held := cache.fetch(key)) is not None:
        return pa.ipc.open_stream(held).read_all()
    made = sketch({"articles": articles}, params).kept["sketches"]
    if cache:
        cache.store(key, to_stream(made).to_pybytes())
    return made


def links_computed(folder: Path, cache: ResultCache | None = None) -> Found:
    """Yield duplicate groups, blocks and folds that do not follow from texts, outlets and events."""
    params = read_params()
    groups = read_groups(folder, "articles", {"text", *SKETCHES.names})
    sketches = pa.concat_tables([_sketch(group, params, cache) for group in groups])
    given = {"sketches": sketches, "events": read_table(folder, "events")}
    relations = find_links(given, params).kept["relations"]
    stated = pa.concat_tables(list(read_groups(folder, "articles", set(RELATIONS.names))))
    yield from _compare(stated, relations.cast(RELATIONS), "articles")


def folds_computed(folder: Path) -> Found:
    """Yield folds that a build would not assign: it gives each article its own fold, and each block one fold."""
    blocks = {row["article_id"]: row["block_id"] for row in read_rows(folder, "articles", {"article_id", "block_id"})}
    splits = read_table(folder, "splits")
    # The dataset lacks the folds of earlier releases, so blocks are assigned from the folds that the dataset states.
    stated = {row["article_id"]: row["fold"] for row in splits.to_pylist() if row["split"] == "block" and row["fold"]}
    rows = [{"split": "article", "article_id": article, "fold": article} for article in blocks]
    own = assign_block_folds(blocks, stated)
    # An article that a build left out has no fold, and the dataset does not give the reason.
    own = {article: fold if article in stated else None for article, fold in own.items()}
    rows += [{"split": "block", "article_id": article, "fold": fold} for article, fold in own.items()]
    yield from _compare(splits, pa.Table.from_pylist(rows, schema=splits.schema), "splits")
    withdrawn = {row["id"] for row in read_rows(folder, "rejects") if row["reason"] == "withdrawn"}
    for article, fold in stated.items():
        if fold not in blocks.keys() | withdrawn:  # a fold may be named after a withdrawn article
            yield f"block/{article}", f"fold is {fold}, which is not an article"


def _check_articles(table: Any, before: int) -> Found:
    params, rows = read_params(), table.to_pylist()
    for row in rows:
        found = resolve(f"{row['title']}\n\n{row['text']}", row["language_declared"], params.language)
        row |= {
            "n_words": len(words(row["text"])),
            "n_paragraphs": len(row["text"].split("\n\n")),
            **{f"{field}_sha256": hash_text(row[field]) for field in SEPARATOR},
            **found.columns,
        }
    yield from _compare(table, pa.Table.from_pylist(rows, schema=table.schema), "articles", before)


def articles_computed(folder: Path, cache: ResultCache | None = None) -> Found:
    """Yield counts, hashes and languages of articles that do not follow from their texts."""
    before = 0
    for table in read_groups(folder, "articles"):
        yield from _unless_passed(cache, _check_articles, {"articles": table}, table, before)
        before += table.num_rows


# ---------------------------------------------------------------- units


def _cut(article: Row, field: str, units: list[Row]) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield (start, text, role, events) of each passage of a field; roles and events are those of its first unit."""
    text, at = article[field] or "", 0
    by_start = {unit["text_start"]: unit for unit in units if unit["field"] == field}
    # Headings are joined by a space, which also occurs inside them, so they are cut where their units begin.
    cuts = [0, *sorted(start for start in by_start if start)] if field == "title" else []
    parts = [text[a:b].rstrip(" ") for a, b in pairwise([*cuts, len(text)])] if cuts else text.split("\n\n")
    for part in parts:
        if part and at in by_start:
            yield at, part, by_start[at]["role"], by_start[at]["event_ids"]
        elif part:
            yield at, part, field if field != "text" else "body", article["event_ids"]
        at += len(part) + (1 if field == "title" else 2)


def _rebuild_units(article: Row, units: list[Row]) -> Iterator[Row]:
    """Yield the units that title, standfirst and text of an article give, in the order of the source."""
    first_byte = {(unit["field"], unit["text_start"]): unit["source_byte_start"] for unit in units}
    passages = [
        {"field": field, "paragraph": number, "start": start, "text": text, "role": role, "events": events}
        for field in ("title", "standfirst", "text")
        for number, (start, text, role, events) in enumerate(_cut(article, field, units), 1)
    ]
    passages.sort(key=lambda one: first_byte.get((one["field"], one["start"]), 0))
    yield from (unit for unit, *_ in cut_units(article, passages))


def _find_bytes(article: Row) -> dict[str, list[int]] | None:
    """Return for each field the byte of the source at which each character begins.

    None if the bytes are not the characters in UTF-8, as in a page with entities or another character set.
    """
    found: dict[str, list[int]] = {field: [] for field in ("title", "standfirst", "text")}
    for piece in article["source_pieces"]:
        places, text = found[piece["field"]], article[piece["field"]] or ""
        places += [-1] * len(piece["before"])
        at = piece["source_byte_start"]
        while at < piece["source_byte_end"] and len(places) < len(text):
            places.append(at)
            at += len(text[len(places) - 1].encode())
        if at != piece["source_byte_end"]:
            return None
    return found if all(len(found[field]) == len(article[field] or "") for field in found) else None


def _add_bytes(unit: Row, article: Row, places: dict[str, list[int]]) -> Row:
    own, last = places[unit["field"]], unit["text_end"] - 1
    size = len(article[unit["field"]][last].encode())
    return {"source_byte_start": own[unit["text_start"]], "source_byte_end": own[last] + size}


def _add_masks(article: Row, units: list[Row], outlets: list[Row]) -> None:
    """Fill masked texts: names of the outlet and the place, and of private persons as far as some unit masks them."""
    persons: dict[str, list[str]] = defaultdict(list)
    for unit in units:
        for one in unit["masks"]:
            if one["mask"].startswith("[PERSON_"):
                persons[one["mask"]].append(fold_name(unit["text"][one["mask_start"] : one["mask_end"]]))
    patterns = list_patterns(article, outlets, [])
    patterns += [(name, mask) for mask, names in persons.items() for name in set(names)]
    patterns.sort(key=lambda pair: (-len(pair[0]), pair))
    for unit in units:
        masks = find_masks(unit["text"], patterns)
        unit["text_masked"], unit["masks"] = apply_masks(unit["text"], masks), [vars(one) for one in masks]


def _check_units(group: _Groups, outlets: list[Row]) -> Found:
    table = group.sentences
    stated = {key: list(rows) for key, rows in groupby(table.to_pylist(), key=lambda row: str(row["article_id"]))}
    articles, computed = group.articles.to_pylist(), []
    for article in articles:
        units = stated.get(article["article_id"], [])
        beside = {unit["sentence_id"]: unit for unit in units}
        places = _find_bytes(article)
        rebuilt = []
        for unit in _rebuild_units(article, units):
            shown = beside.get(unit["sentence_id"], {})
            same = {name: shown.get(name, 0) for name in ("source_byte_start", "source_byte_end")}
            own = _add_bytes(unit, article, places) if places else same
            rebuilt.append(unit | own | {"masks": shown.get("masks", [])})
        _add_masks(article, rebuilt, outlets)
        computed += rebuilt
        article["n_sentences"] = len(rebuilt)
    yield from _compare(table, pa.Table.from_pylist(computed, schema=table.schema), "sentences", group.sentences_before)
    given = group.articles
    yield from _compare(given, pa.Table.from_pylist(articles, schema=given.schema), "articles", group.articles_before)


def units_computed(folder: Path, cache: ResultCache | None = None) -> Found:
    """Yield cells of `sentences` that do not follow from the articles, their source pieces and the registries."""
    outlets = read_table(folder, "outlets")
    rows = outlets.to_pylist()
    for group in _pair_groups(folder):
        tables = {"articles": group.articles, "sentences": group.sentences, "outlets": outlets}
        yield from _unless_passed(cache, _check_units, tables, group, rows)


# ---------------------------------------------------------------- scores and catalogue


def shortcuts_computed(folder: Path) -> Found:
    """Yield scores of `shortcuts` that do not follow from labels and folds."""
    computed = measure_shortcuts(partial(read_groups, folder), read_table(folder, "splits"), read_params().split)
    yield from _compare(read_table(folder, "shortcuts"), computed, "shortcuts")


def catalogue_computed(folder: Path) -> Found:
    """Yield ids and groups of the catalogue that do not follow from its addresses, events and registries."""
    table = read_table(folder, "catalogue")
    rows = table.to_pylist()
    agencies = {row["outlet_id"] for row in read_table(folder, "outlets").to_pylist() if row["outlet_kind"] == "agency"}
    groups = group_wire_stories(rows, agencies, read_params().catalogue.wire_days)
    alone = {"wire_group_candidate": None, "wire_group_basis": None}
    rows = [row | groups.get(row["catalogue_id"], alone) | {"catalogue_id": catalogue_id(row["url"])} for row in rows]
    yield from _compare(table, pa.Table.from_pylist(rows, schema=table.schema), "catalogue")


# ---------------------------------------------------------------- order of rows


def rows_ordered(folder: Path) -> Found:
    """Yield tables whose rows are not in the order of their key."""
    for name in ("articles", "events", "outlets", "propositions", "sources", "catalogue", "rejects", "unit_moves"):
        key = schema().table(name).key
        ids = ("/".join(str(row[part]) for part in key) for row in read_rows(folder, name, key))
        for before, after in pairwise(ids):
            if before > after:
                yield name, f"{after} comes after {before}"
    for name in ("check", "stance_articles", "practice"):
        for part in _list_parts(name, read_table(folder, name)):
            for before, after in pairwise(part[schema().table(name).key[0]].to_pylist()):
                if before > after:
                    yield name, f"{after} comes after {before}"
    last: dict[str, str] = {}  # within an article, annotators are in order; each annotator chose the order of the items
    for row in read_rows(folder, "annotations", {"article_id", "annotator"}):
        if row["annotator"] < last.get(row["article_id"], ""):
            yield "annotations", f"{row['annotator']} comes after {last[row['article_id']]} in {row['article_id']}"
        last[row["article_id"]] = row["annotator"]


def _list_parts(name: str, table: Any) -> list[Any]:
    """Return the rows of each file of a table of the constructed sets."""
    splits = schema().table(name).splits
    return [table.filter(pc.equal(table["split"], split)) for split in splits] if len(splits) > 1 else [table]


# ---------------------------------------------------------------- constructed sets


def constructed_counts(folder: Path) -> Found:
    """Yield invented articles with a wrong number of words, and cases with wrong offsets of the source."""
    for row in read_table(folder, "stance_articles").to_pylist():
        if row["n_words"] != (n := len(words(f"{row['title']}\n{row['text']}"))):
            yield row["article_id"], f"n_words is {row['n_words']}, but there are {n}"
    for row in read_table(folder, "check").to_pylist():
        place = find_word_span(row["source"] or "", row["text"])
        if (row["source_start"], row["source_end"]) != (place or (None, None)):
            yield row["case_id"], "source_start and source_end are not where the words of the source first occur"


_CACHED = (articles_computed, units_computed, links_computed)
FUNCTIONS: dict[str, Callable[..., Found]] = {
    function.__name__: _guard(function)
    for function in (
        labels_computed, links_computed, folds_computed, articles_computed, units_computed, shortcuts_computed,
        catalogue_computed, rows_ordered, constructed_counts,
    )
}  # fmt: skip
