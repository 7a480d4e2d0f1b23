# ruff: noqa: E501, ARG005 - a table of faults, one a line
"""Plausible faults in every table and file of the built dataset, each with hashes and metadata written again.

`make mutation-data` applies all of them and prints the share that `validate` finds, by table: in a clone, where it
compares with a new build, and on the dataset alone. `test_mutants.py` runs a sample.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from tests.espress_build.checks.loader import Validator, sum_anew
from tests.helpers import DATASET

from espress_build.checks.against_raw import compare_with_build
from espress_build.inputs.params import read_params
from espress_build.pipeline.package import write_parquet

if TYPE_CHECKING:
    from collections.abc import Callable

    Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Mutant:
    """One fault: the table or file that it changes, what it does, and the function that does it.

    `change` gets the rows of the table, its Arrow table (`arrow`), or the text of the file, and returns them changed.
    """

    place: str
    what: str
    change: Callable[[Any], Any]
    kind: str = "rows"  # rows | arrow | file

    @property
    def name(self) -> str:
        """Table or file, and what is wrong with it."""
        return f"{self.place}: {self.what}"


def _set(column: str, value: Any, pick: Callable[[Any], bool] | int = 0) -> Callable[[Rows], Rows]:
    """Return a change of one cell in the first row that `pick` accepts; a function gets the old value."""

    def change(rows: Rows) -> Rows:
        accepts = pick if callable(pick) else lambda row: row is rows[pick]
        row = next(row for row in rows if accepts(row))
        old = row[column]
        row[column] = value(row) if callable(value) else value
        assert row[column] != old or type(row[column]) is not type(old), f"{column} is {old!r} already"
        return rows

    return change


def _swap(column: str, first: Callable[[Any], bool], second: Callable[[Any], bool]) -> Callable[[Rows], Rows]:
    def change(rows: Rows) -> Rows:
        one, two = next(filter(first, rows)), next(filter(second, rows))
        one[column], two[column] = two[column], one[column]
        return rows

    return change


def _every(column: str, change: Callable[[Any], Any]) -> Callable[[Rows], Rows]:
    return lambda rows: [row | {column: change(row[column])} for row in rows]


def _is(**wanted: Any) -> Callable[[Any], bool]:
    """Return a test of rows; a value `...` accepts anything but null."""
    return lambda row: all(row[k] is not None if v is ... else row[k] == v for k, v in wanted.items())


def _drop(pick: Callable[[Any], bool] | None = None) -> Callable[[Rows], Rows]:
    def change(rows: Rows) -> Rows:
        gone = next(row for row in rows if pick is None or pick(row))
        return [row for row in rows if row is not gone]

    return change


def _double(change: dict[str, Any] | None = None) -> Callable[[Rows], Rows]:
    return lambda rows: [rows[0], rows[0] | (change or {}), *rows[1:]]


def _reverse(rows: Rows) -> Rows:
    return rows[::-1]


def _inside(column: str, field: str, value: Any, at: int = 0) -> Callable[[Rows], Rows]:
    """Return a change of one member of a list of structs, in the first row that has enough of them."""

    def change(rows: Rows) -> Rows:
        items = next(row[column] for row in rows if row[column] and len(row[column]) > at)
        old = items[at][field]
        items[at][field] = value(old) if callable(value) else value
        assert items[at][field] != old, f"{column}.{field} is {old!r} already"
        return rows

    return change


def _shift_zone(rows: Rows) -> Rows:
    row = next(row for row in rows if row["published_zone"] == "+08:00")
    row["published_zone"], row["published_at"] = "-08:00", row["published_at"] + timedelta(hours=16)
    return rows


def _in_2999(rows: Rows) -> Rows:
    row = rows[0]
    row["published"], row["published_year"] = "2999", 2999
    row["published_precision"], row["published_date"] = "year", None
    return rows


def _shift_pieces(rows: Rows) -> Rows:
    pieces = rows[0]["source_pieces"]
    pieces[1]["source_byte_start"] += 1
    pieces[1]["source_byte_end"] += 1
    return rows


def _respell(change: Callable[[str], str]) -> Callable[[Rows], Rows]:
    """Return a change of the address of a catalogue entry, whose id follows."""

    def run(rows: Rows) -> Rows:
        row = next(row for row in rows if not row["own_article"] and not row["wire_group_candidate"])
        row["url"] = change(row["url"])
        row["catalogue_id"] = f"cat-{hashlib.sha256(row['url'].encode()).hexdigest()[:12]}"
        return sorted(rows, key=lambda one: str(one["catalogue_id"]))

    return run


def _point_twice(rows: Rows) -> Rows:
    copy = dict(next(row for row in rows if not row["own_article"] and not row["wire_group_candidate"]))
    copy["url"] += "?utm_source=x"
    copy["catalogue_id"] = f"cat-{hashlib.sha256(copy['url'].encode()).hexdigest()[:12]}"
    return sorted([*rows, copy], key=lambda one: str(one["catalogue_id"]))


def _exchange_passes(rows: Rows) -> Rows:
    names = {"rule-by-rule": "units-at-random", "units-at-random": "rule-by-rule"}
    changed = [row | {"annotator": names.get(row["annotator"], row["annotator"])} for row in rows]
    return [
        row | {"judgement_id": row["annotator"] + row["judgement_id"][row["judgement_id"].index(":") :]}
        for row in changed
    ]


def _as_human(rows: Rows) -> Rows:
    return [
        row | ({"annotator_kind": "human", "family": None} if row["annotator"] == "model-1" else {}) for row in rows
    ]


def _vote(**wanted: Any) -> Callable[[Any], bool]:
    return lambda row: len(row["votes"]) > 1 and _is(**wanted)(row)


def _text(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text, f"{old!r} is not there"
        return text.replace(old, new, 1)

    return change


def _json(change: Callable[[Any], Any]) -> Callable[[str], str]:
    def run(text: str) -> str:
        value = json.loads(text)
        change(value)
        return json.dumps(value, ensure_ascii=False, indent=2) + "\n"

    return run


MUTANTS = [
    # ------------------------------------------------------------ articles
    Mutant("articles", "n_words halved", _set("n_words", lambda row: row["n_words"] // 2)),
    Mutant("articles", "n_paragraphs one more", _set("n_paragraphs", lambda row: row["n_paragraphs"] + 1)),
    Mutant("articles", "n_sentences one less", _set("n_sentences", lambda row: row["n_sentences"] - 1)),
    Mutant("articles", "raw_sha256 changed at its end", _set("raw_sha256", lambda row: row["raw_sha256"][:-1] + "0")),
    Mutant("articles", "text_sha256 of another text", _set("text_sha256", "0" * 64)),
    Mutant("articles", "source pieces moved by a byte", _shift_pieces),
    Mutant("articles", "a source piece longer by a byte", _inside("source_pieces", "source_byte_end", lambda n: n + 1)),
    Mutant("articles", "source_bytes one more", _set("source_bytes", lambda row: row["source_bytes"] + 1)),
    Mutant("articles", "kept_bytes one less", _set("kept_bytes", lambda row: row["kept_bytes"] - 1)),
    Mutant("articles", "zone +08:00 becomes -08:00", _shift_zone),
    Mutant("articles", "published in 2999", _in_2999),
    Mutant("articles", "updated in 2999", _set("updated_date", date(2999, 1, 1), _is(updated_date=...))),
    Mutant("articles", "country XX", _set("outlet_country", "XX")),
    Mutant("articles", "event country XX", _set("event_country", "XX")),
    Mutant("articles", "another event country", _set("event_country", "PL")),
    Mutant("articles", "authors ['']", _set("authors", [""], _is(authors=...))),
    Mutant("articles", "an author twice", _set("authors", ["Frank Fang", "Frank Fang"], _is(authors=["Frank Fang"]))),
    Mutant("articles", "another author", _set("authors", ["Fang Frank"], _is(authors=["Frank Fang"]))),
    Mutant("articles", "authors unknown", _set("authors", None, _is(authors=["Frank Fang"]))),
    Mutant("articles", "userinfo in an address", _set("url", lambda row: row["url"].replace("://", "://me@"))),
    Mutant("articles", "address at another site", _set("url", "https://example.org/a")),
    Mutant("articles", "address with upper-case host", _set("url", lambda row: row["url"].replace("www.the", "WWW.THE"))),
    Mutant("articles", "address with a tracking parameter", _set("url", lambda row: row["url"] + "?utm_source=x")),
    Mutant("articles", "address with a fragment", _set("url", lambda row: row["url"] + "#top")),
    Mutant("articles", "address with a port", _set("url", lambda row: row["url"].replace(".com/", ".com:443/"))),
    Mutant("articles", "another address of the outlet", _set("url", lambda row: row["url"].replace("3013662", "3013663"))),
    Mutant("articles", "url_kind changed", _set("url_kind", lambda row: "copy" if row["url_kind"] != "copy" else "original")),
    Mutant("articles", "genre changed", _set("genre", lambda row: "opinion" if row["genre"] != "opinion" else "analysis")),
    Mutant("articles", "language probability 0", _set("language_probability", 0.0)),
    Mutant("articles", "language probability changed", _set("language_probability", 0.5)),
    Mutant("articles", "language German", _set("language", "de")),
    Mutant("articles", "language declared unknown", _set("language_declared", "xx")),
    Mutant("articles", "a duplicate group", _set("duplicate_group", "epoch-times-20190723-36a0d4b9", 1)),
    Mutant("articles", "duplicate kind near", _set("duplicate_kind", "near")),
    Mutant("articles", "another block", _set("block_id", "epoch-times-20190723-36a0d4b9", 1)),
    Mutant("articles", "stance exchanged", _set("stance", lambda row: "against" if row["stance"] != "against" else "favor")),
    Mutant("articles", "focal proposition null", _set("focal_proposition", None, _is(focal_proposition=...))),
    Mutant("articles", "a word of the text", _set("text", lambda row: row["text"].replace(" the ", " The ", 1))),
    Mutant("articles", "a word of the title", _set("title", lambda row: row["title"].replace(" ", "  ", 1))),
    Mutant("articles", "events exchanged", _set("event_ids", lambda row: row["event_ids"][::-1], lambda row: len(row["event_ids"]) > 1)),
    Mutant("articles", "an event twice", _set("event_ids", lambda row: row["event_ids"] * 2)),
    Mutant("articles", "republisher is no outlet", _set("republisher", "Nobody's News", _is(republisher=...))),
    Mutant("articles", "dateline blank", _set("dateline", " ", _is(dateline=...))),
    Mutant("articles", "dateline of another place", _set("dateline", "Brno –", _is(dateline=...))),
    Mutant("articles", "rights_tier open", _set("rights_tier", "open")),
    Mutant("articles", "a basis twice", _set("basis", lambda row: [*row["basis"], row["basis"][0]])),
    Mutant("articles", "a basis of no column", _inside("basis", "field", "colour")),
    Mutant("articles", "a basis less certain", _inside("basis", "confidence", lambda old: "low" if old != "low" else "high")),
    Mutant("articles", "a basis guessed", _inside("basis", "basis", lambda old: "inferred" if old != "inferred" else "text")),
    Mutant("articles", "an article dropped", _drop()),
    Mutant("articles", "rows in another order", _reverse),
    Mutant("articles", "pandas metadata", lambda table: table.replace_schema_metadata({"pandas": "{}"}), "arrow"),
    Mutant("articles", "columns that may be null", lambda table: table.cast(pa.schema([f.with_nullable(True) for f in table.schema])), "arrow"),
    # ------------------------------------------------------------ sentences
    Mutant("sentences", "text_end one more", _set("text_end", lambda row: row["text_end"] + 1)),
    Mutant("sentences", "source bytes moved", _set("source_byte_end", lambda row: row["source_byte_end"] - 1)),
    Mutant("sentences", "a byte later", _set("source_byte_start", lambda row: row["source_byte_start"] + 1, 3)),
    Mutant("sentences", "another paragraph", _set("paragraph", lambda row: row["paragraph"] + 1, _is(paragraph=1))),
    Mutant("sentences", "role sub-heading", _set("role", "sub-heading", _is(role="body"))),
    Mutant("sentences", "a mask dropped", _set("masks", [], lambda row: bool(row["masks"]))),
    Mutant("sentences", "a mask renamed", _inside("masks", "mask", "[PERSON_9]")),
    Mutant("sentences", "text_masked unmasked", _set("text_masked", lambda row: row["text"], lambda row: bool(row["masks"]))),
    Mutant("sentences", "another event", _set("event_ids", lambda row: row["event_ids"][:1], lambda row: len(row["event_ids"]) > 1)),
    Mutant("sentences", "a unit dropped", _drop(lambda row: row["unit_no"] == 5)),
    Mutant("sentences", "two units exchanged", lambda rows: [rows[1], rows[0], *rows[2:]]),
    Mutant("sentences", "unit_no doubled", _set("unit_no", 2)),
    Mutant("sentences", "text with a blank", _set("text", lambda row: row["text"] + " ")),
    Mutant("sentences", "id renamed", _set("sentence_id", lambda row: row["sentence_id"][:-2] + "09", 4)),
    # ------------------------------------------------------------ annotations
    Mutant("annotations", "a pass becomes a person", _as_human),
    Mutant("annotations", "one judgement of a person", _set("annotator_kind", "human")),
    Mutant("annotations", "another family", _set("family", "GPT")),
    Mutant("annotations", "two passes exchanged", _exchange_passes),
    Mutant("annotations", "judgement_id counts on", _set("judgement_id", lambda row: row["judgement_id"][:-1] + "2")),
    Mutant("annotations", "judgement_id of another key", _set("judgement_id", lambda row: "x" + row["judgement_id"])),
    Mutant("annotations", "a counted vote reversed", _set("value", lambda row: "yes" if row["value"] == "no" else "no", _is(field="bears_on", is_counted=True))),
    Mutant("annotations", "an uncounted value outside its classes", _set("value", "perhaps", _is(field="bears_on", is_counted=False))),
    Mutant("annotations", "attributed and lapsed", _set("value", "yes", _is(field="lapsed", value=None, is_counted=False))),
    Mutant("annotations", "an unknown source", _set("value", "nobody_known", _is(field="source_id", value=..., is_counted=False))),
    Mutant("annotations", "an unknown state", _set("value", "XX", _is(field="actor_state", value=...))),
    Mutant("annotations", "claim units of another article", _set("value", lambda row: "kafkadesk-20190723-7419d615.p01.01", lambda row: row["field"] == "claim_units" and row["value"] and "kafka" not in row["item_id"] and not row["is_counted"])),
    Mutant("annotations", "claim units that are not there", _set("value", lambda row: row["article_id"] + ".p99.01", _is(field="claim_units", value=..., is_counted=False))),
    Mutant("annotations", "a reported claim without units", _set("value", None, _is(field="claim_units", value=..., is_counted=False))),
    Mutant("annotations", "a claim left out with units", _set("value", "left_out", _is(field="claim", value="reported", is_counted=False))),
    Mutant("annotations", "an unknown field", _set("field", "tone", _is(field="country_guess"))),
    Mutant("annotations", "another codebook", _set("codebook", "2.1.0", _is(is_counted=True))),
    Mutant("annotations", "a codebook that never was", _set("codebook", "1.7.0", _is(is_counted=False))),
    Mutant("annotations", "not current", _set("current", False)),
    Mutant("annotations", "a vote not counted", _set("is_counted", False, _is(is_counted=True))),
    Mutant("annotations", "a quote moved", _set("quote_start", lambda row: row["quote_start"] + 1, _is(quote=...))),
    Mutant("annotations", "a quote of other words", _set("quote", "nothing", _is(quote=...))),
    Mutant("annotations", "a blank reason", _set("reason", " ")),
    Mutant("annotations", "another reason", _set("reason", "Because.")),
    Mutant("annotations", "a judgement dropped", _drop(_is(is_counted=True))),
    Mutant("annotations", "a judgement doubled", _double()),
    Mutant("annotations", "rows in another order", _reverse),
    # ------------------------------------------------------------ labels
    Mutant("relevance", "bears_on reversed", _set("bears_on", lambda row: "yes" if row["bears_on"] == "no" else "no")),
    Mutant("relevance", "basis of a person", _set("gold_basis", "person")),
    Mutant("relevance", "n_annotators", _set("n_annotators", 9)),
    Mutant("relevance", "another fold", _set("fold_article", "kafkadesk-20190723-7419d615")),
    Mutant("relevance", "context of another unit", _set("context_after_masked", "x")),
    Mutant("relevance", "rows in another order", _reverse),
    Mutant("relevance", "a row dropped", _drop()),
    Mutant("entries", "position", _set("position", lambda row: "deny" if row["position"] != "deny" else "support")),
    Mutant("entries", "source", _set("source_id", lambda row: "bis" if row["source_id"] != "bis" else "nukib")),
    Mutant("entries", "source class", _set("source_class", lambda row: "expert" if row["source_class"] != "expert" else "official")),
    Mutant("entries", "attribution group", _set("attribution", lambda row: "unnamed" if row["attribution"] != "unnamed" else "official")),
    Mutant("entries", "attributed and lapsed", _set("lapsed", "yes", _is(attributed="yes"))),
    Mutant("entries", "cue strength without attribution", _set("cue_strength", "neutral", _is(attributed="no"))),
    Mutant("entries", "carried source", _set("source_id_carried", "outlet", lambda row: row["source_id_carried"] != "outlet")),
    Mutant("entries", "carried_in_context", _set("carried_in_context", lambda row: not row["carried_in_context"], _is(carried_in_context=...))),
    Mutant("entries", "hedged", _set("hedged", lambda row: "yes" if row["hedged"] == "no" else "no", _is(hedged=...))),
    Mutant("entries", "n_judged", _set("n_judged", 2)),
    Mutant("entries", "a span moved", _set("cue_span_start", lambda row: row["cue_span_start"] + 1, _is(cue_span=...))),
    Mutant("article_stance", "stance", _set("stance", lambda row: "favor" if row["stance"] != "favor" else "against")),
    Mutant("article_stance", "lead voice", _set("lead_voice", lambda row: "asserts" if row["lead_voice"] != "asserts" else "reports")),
    Mutant("article_stance", "a count of units", _set("sourcing_supporting", lambda row: row["sourcing_supporting"] + 1, _is(sourcing_supporting=...))),
    Mutant("article_stance", "skew", _set("sourcing_skew", 0.123, _is(sourcing_skew=...))),
    Mutant("claim_matrix", "status", _set("status", lambda row: "reported" if row["status"] != "reported" else "left_out")),
    Mutant("claim_matrix", "units", _set("sentence_ids", [], lambda row: bool(row["sentence_ids"]))),
    Mutant("claim_matrix", "claim of another row", _swap("claim", _is(claim_no=1), _is(claim_no=2))),
    Mutant("claim_matrix", "a claim reworded in one row", _set("claim", "Something else happened.")),
    Mutant("votes", "a vote more", _inside("votes", "n", lambda n: n + 1)),
    Mutant("votes", "value", _set("value", "no", _is(field="bears_on", value="yes"))),
    Mutant("votes", "unanimous", _set("is_unanimous", lambda row: not row["is_unanimous"])),
    Mutant("votes", "votes of persons", _inside("votes", "annotator_kind", "human")),
    Mutant("votes", "article of another item", _set("article_id", "kafkadesk-20190723-7419d615")),
    Mutant("votes", "vote_id", _set("vote_id", lambda row: row["vote_id"] + "x")),
    Mutant("votes", "rows in another order", _reverse),
    # ------------------------------------------------------------ splits, shortcuts
    Mutant("splits", "a block torn apart", _set("fold", "kafkadesk-20190723-7419d615", _is(split="block"))),
    Mutant("splits", "fold of another article", _set("fold", "kafkadesk-20190723-7419d615", _is(split="article"))),
    Mutant("splits", "fold null", _set("fold", None)),
    Mutant("splits", "a row dropped", _drop()),
    Mutant("shortcuts", "macro_f1 .31 as .91", _set("score", 0.91)),
    Mutant("shortcuts", "accuracy", _set("accuracy", 0.5, lambda row: row["accuracy"] not in (None, 0.5))),
    Mutant("shortcuts", "n", _set("n", lambda row: row["n"] + 1)),
    Mutant("shortcuts", "skill", _set("skill", 0.0, lambda row: row["skill"] not in (None, 0.0))),
    Mutant("shortcuts", "a row dropped", _drop()),
    # ------------------------------------------------------------ registries
    Mutant("outlets", "country XX", _set("country", "XX", _is(country=...))),
    Mutant("outlets", "another country", _set("country", "PL", lambda row: row["country"] not in (None, "PL"))),
    Mutant("outlets", "country and its fact", lambda rows: _inside_fact(rows, "country", "PL")),
    Mutant("outlets", "an alias of another outlet", _set("aliases", lambda row: ["Global Times"])),
    Mutant("outlets", "a domain of another outlet", _set("domains", ["globaltimes.cn"], lambda row: row["outlet_id"] != "global-times")),
    Mutant("outlets", "a domain with upper case", _set("domains", lambda row: [one.upper() for one in row["domains"]], lambda row: bool(row["domains"]))),
    Mutant("outlets", "an empty alias", _set("aliases", [""])),
    Mutant("outlets", "an alias twice", _set("aliases", ["X", "X"])),
    Mutant("outlets", "a fact's date in the future", _inside("facts", "source_date", "2999-01-01")),
    Mutant("outlets", "a fact's source is no address", _inside("facts", "source", "the web")),
    Mutant("outlets", "a name twice", _set("name", "Global Times", lambda row: row["outlet_id"] != "global-times")),
    Mutant("outlets", "an outlet that nothing uses", lambda rows: sorted([*rows, rows[0] | {"outlet_id": "zz-new", "name": "ZZ", "aliases": [], "domains": []}], key=lambda row: str(row["outlet_id"]))),
    Mutant("outlets", "rows in another order", _reverse),
    Mutant("events", "country XX", _set("country", "XX", _is(country=...))),
    Mutant("events", "outcome turned", _set("outcome", "convicted", lambda row: row["outcome"] not in ("unknown", "convicted"))),
    Mutant("events", "outcome before the event", _set("outcome_date", date(1950, 1, 1), _is(outcome_date=..., date=...))),
    Mutant("events", "date in the future", _set("date", date(2999, 1, 1), _is(date=...))),
    Mutant("events", "date after its articles", _set("date", date(2026, 1, 1), _is(event_id="huawei-cz-2019"))),
    Mutant("events", "a source of both sides", _set("named_sources", lambda row: row["alleging_sources"], lambda row: bool(row["alleging_sources"]))),
    Mutant("events", "a source twice", _set("alleging_sources", lambda row: row["alleging_sources"] * 2, lambda row: bool(row["alleging_sources"]))),
    Mutant("events", "description blank", _set("description", "")),
    Mutant("events", "source is no address", _set("source", "hearsay")),
    Mutant("events", "an event that nothing names", lambda rows: [*rows, rows[-1] | {"event_id": "zz-none-2020"}]),
    Mutant("propositions", "statement reworded", _set("statement", lambda row: row["statement"] + " Always.")),
    Mutant("propositions", "a proposition more", lambda rows: [*rows, rows[-1] | {"proposition_id": "zz", "statement": "Z."}]),
    Mutant("sources", "generic turned", _set("generic", lambda row: not row["generic"])),
    Mutant("sources", "class", _set("source_class", lambda row: "expert" if row["source_class"] != "expert" else "media")),
    Mutant("sources", "first seen elsewhere", _set("first_seen", "kafkadesk-20190723-7419d615", lambda row: row["first_seen"] not in (None, "kafkadesk-20190723-7419d615"))),
    Mutant("sources", "country XX", _set("country", "XX", _is(country=...))),
    Mutant("sources", "an alias of another source", _set("aliases", lambda row: ["Czech Radio"])),
    Mutant("sources", "a name twice", _set("name", "Czech Radio")),
    Mutant("sources", "a source that nobody names", lambda rows: [*rows, rows[-1] | {"source_id": "zz_nobody", "name": "Zz", "aliases": []}]),
    # ------------------------------------------------------------ catalogue, rejects, unit_moves
    Mutant("catalogue", "doubled under a tracking parameter", _point_twice),
    Mutant("catalogue", "userinfo", _respell(lambda url: url.replace("://", "://me@"))),
    Mutant("catalogue", "a port", _respell(lambda url: url.replace("//", "//", 1).replace("/", ":443/", 3).replace("https::443/:443/", "https://") if url.startswith("https") else url + "#a")),
    Mutant("catalogue", "a fragment", _respell(lambda url: url + "#top")),
    Mutant("catalogue", "country XX", _set("event_country", "XX")),
    Mutant("catalogue", "published in 2999", lambda rows: _set("published_date", date(2999, 1, 1), _is(published="2999-01-01"))(_set("published", "2999-01-01", _is(published_precision="day", own_article=False, wire_group_candidate=None))(rows))),
    Mutant("catalogue", "published before its event", lambda rows: _set("published_date", date(1950, 1, 1), _is(published="1950-01-01"))(_set("published", "1950-01-01", _is(published_precision="day", own_article=False, wire_group_candidate=None))(rows))),
    Mutant("catalogue", "another event", _swap("event_id", _is(own_article=False, event_kind="event"), lambda row: row["event_kind"] == "event" and row["event_id"] > "p")),
    Mutant("catalogue", "a code exchanged", _set("opening_voice_a", lambda row: "asserts" if row["opening_voice_a"] != "asserts" else "reports", _is(opening_voice_a=...))),
    Mutant("catalogue", "may be fetched", lambda rows: [row | ({"fetch": "may_fetch", "fetch_reason": None, "fetch_basis": None} if row is next(one for one in rows if one["fetch_reason"]) else {}) for row in rows]),
    Mutant("catalogue", "agency of no agency", _set("agency_id", "global-times", _is(agency_id=..., wire_group_candidate=None, own_article=False))),
    Mutant("catalogue", "an own article disowned", lambda rows: [row | ({"own_article": False, "article_id": None} if row["own_article"] else {}) for row in rows]),
    Mutant("catalogue", "language unknown", _set("language", "xx", _is(own_article=False, wire_group_candidate=None))),
    Mutant("catalogue", "wire group without basis", _set("wire_group_basis", lambda row: "neighbouring_day" if row["wire_group_basis"] == "same_day" else "same_day", _is(wire_group_basis=...))),
    Mutant("catalogue", "rows in another order", _reverse),
    Mutant("catalogue", "an entry dropped", _drop()),
    Mutant("rejects", "a reject that never was", lambda rows: [{"id": "nobody-20200101-00000000", "stage": "extract", "reason": "no_title", "detail": "x"}]),
    Mutant("rejects", "a reject of no article id", lambda rows: [{"id": "nobody", "stage": "extract", "reason": "no_title", "detail": "x"}]),
    Mutant("unit_moves", "a move from an existing unit", lambda rows: [{"old_sentence_id": "kafkadesk-20190723-7419d615.p01.01", "sentence_id": "kafkadesk-20190723-7419d615.p02.01", "since": "0.1.0", "reason": "x"}]),
    Mutant("unit_moves", "a move to no unit", lambda rows: [{"old_sentence_id": "kafkadesk-20190723-7419d615.p99.01", "sentence_id": "kafkadesk-20190723-7419d615.p98.01", "since": "0.1.0", "reason": "x"}]),
    Mutant("unit_moves", "a move in a version to come", lambda rows: [{"old_sentence_id": "kafkadesk-20190723-7419d615.p99.01", "sentence_id": None, "since": "99.0.0", "reason": "x"}]),
    Mutant("unit_moves", "a move of no article", lambda rows: [{"old_sentence_id": "nobody-20200101-00000000.p01.01", "sentence_id": None, "since": "0.1.0", "reason": "x"}]),
    # ------------------------------------------------------------ files beside the tables
    Mutant("README.md", "classes exchanged", _text("'0': 'no'", "'0': 'yes'"), "file"),
    Mutant("README.md", "a sentence", _text("ESPRESS", "EXPRESS"), "file"),
    Mutant("README.md", "another licence", _text("license: ", "license: mit # "), "file"),
    Mutant("croissant.json", "a hash", _json(lambda v: v["distribution"][1].update(sha256="0" * 64)), "file"),
    Mutant("croissant.json", "a field dropped", _json(lambda v: v["recordSet"][0]["field"].pop()), "file"),
    Mutant("croissant.json", "licence", _json(lambda v: v.update(license="https://example.org")), "file"),
    Mutant("datapackage.json", "open edition", _json(lambda v: v.update(edition="open")), "file"),
    Mutant("datapackage.json", "version", _json(lambda v: v.update(version="9.9.9")), "file"),
    Mutant("datapackage.json", "a type", _json(lambda v: v["resources"][0]["schema"]["fields"][0].update(type="integer")), "file"),
    Mutant("datapackage.json", "key dropped", _json(lambda v: v["resources"][0]["schema"].pop("primaryKey")), "file"),
    Mutant("datacite.json", "creators", _json(lambda v: v["creators"].clear()), "file"),
    Mutant("datacite.json", "year", _json(lambda v: v.update(publicationYear=1999)), "file"),
    Mutant("ro-crate-metadata.json", "a file dropped", _json(lambda v: v["@graph"].pop()), "file"),
    Mutant("ro-crate-metadata.json", "line ends", lambda text: text.replace("\n", "\r\n"), "file"),
    Mutant("index.html", "a script", _text("</head>", "<script>alert(1)</script></head>"), "file"),
    Mutant("index.html", "a sentence", _text("</body>", "<p>Free.</p></body>"), "file"),
    Mutant("incidents.json", "emptied", lambda _text: "{}\n", "file"),
    Mutant("incidents.json", "a check dropped", _json(lambda v: v["checks"].pop()), "file"),
    Mutant("incidents.json", "a check failed", _json(lambda v: v["checks"][5].update(held=False)), "file"),
    Mutant("incidents.json", "another version", _json(lambda v: v.update(version="9.9.9")), "file"),
    Mutant("LICENSE-DATA", "public domain", lambda _text: "CC0\n", "file"),
    Mutant("LICENSE-DATA", "a sentence more", lambda text: text + "\nTexts are free.\n", "file"),
    Mutant("SHA256SUMS", "lines exchanged", lambda text: "\n".join(reversed(text.splitlines())) + "\n", "file"),
    Mutant("SHA256SUMS", "a line doubled", lambda text: text + text.splitlines()[-1] + "\n", "file"),
    Mutant("SHA256SUMS", "no last line end", lambda text: text.rstrip("\n"), "file"),
]  # fmt: skip


def _inside_fact(rows: Rows, field: str, value: str) -> Rows:
    """Change a column of an outlet and the fact that it rests on."""
    row = next(row for row in rows if row[field] not in (None, value))
    row[field] = value
    next(fact for fact in row["facts"] if fact["field"] == field)["value"] = value
    return rows


def apply(mutant: Mutant, folder: Path) -> Path:
    """Write the dataset with one fault into an empty folder; unchanged files are links."""
    (folder / "data").mkdir(parents=True)
    for path in DATASET.rglob("*"):
        if path.is_file():
            os.link(path, folder / path.relative_to(DATASET))
    path = folder / mutant.place
    if mutant.kind == "file":
        changed = mutant.change(path.read_bytes().decode()).encode()
        assert changed != path.read_bytes(), f"{mutant.name} changes nothing"
        path.unlink()
        path.write_bytes(changed)
        if mutant.place != "SHA256SUMS":
            sum_anew(folder)
        return folder
    path = folder / "data" / f"{mutant.place}.parquet"
    table = pq.read_table(path)
    path.unlink()
    if mutant.kind == "arrow":
        pq.write_table(mutant.change(table), path)
    else:
        rows = pa.Table.from_pylist(mutant.change(table.to_pylist()), schema=table.schema)
        write_parquet(path, [rows], mutant.place, read_params().package)
    return folder


def find_faults(mutant: Mutant, folder: Path, validated: Validator) -> tuple[str | None, str | None]:
    """Return the first check that finds a mutant on the dataset alone, and the one that finds it in a clone."""
    where = apply(mutant, folder)
    # Whoever changes a table also writes metadata and sums again, so level 1 would find nothing.
    levels = range(1, 5) if mutant.kind == "file" else range(2, 5)
    errors = [one.check for one in validated(where, levels=levels).errors]
    # A new build has other sums only if the files differ.
    built = [one.check for one in compare_with_build(where, DATASET).errors] if mutant.place != "SHA256SUMS" else []
    return next(iter(errors), None), next(iter(errors + built), None)


def main() -> int:
    """Apply every mutant, print the score by table and what is not found; return 1 if a goal is missed."""
    validated, found = Validator(), dict[Mutant, tuple[str | None, str | None]]()
    with tempfile.TemporaryDirectory() as aside:
        for number, mutant in enumerate(MUTANTS):
            if len(sys.argv) < 2 or sys.argv[1] in mutant.name:
                found[mutant] = find_faults(mutant, Path(aside) / str(number), validated)
                print(".", end="", file=sys.stderr, flush=True)
    total, alone, clone = Counter[str](), Counter[str](), Counter[str]()
    for mutant, (one, two) in found.items():
        for place in (mutant.place, "all"):
            total[place] += 1
            alone[place] += one is not None
            clone[place] += two is not None
    print(f"{'table or file':24}{'mutants':>8}{'alone':>8}{'clone':>8}")
    for place in [*(place for place in total if place != "all"), "all"]:
        n = total[place]
        print(f"{place:24}{n:8}{alone[place] / n:8.0%}{clone[place] / n:8.0%}")
    print("\nNot found on the dataset alone:")
    print("\n".join(f"- {mutant.name}" for mutant, (one, _) in found.items() if one is None) or "- none")
    missed = [mutant.name for mutant, (_, two) in found.items() if two is None]
    print("\nNot found in a clone:", ", ".join(missed) or "none")
    return int(bool(missed) or alone["all"] < 0.85 * total["all"])


if __name__ == "__main__":
    sys.exit(main())
