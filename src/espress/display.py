"""Describe the corpus as text for a terminal: the dataset, a table and its classes, and an article with its labels.

Characters of the texts that a terminal would act on are escaped.
"""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from espress.data.load import load
from espress.data.resolve import versions
from espress.errors import InputError, UnknownNameError
from espress.masking import PERSON, Mask, apply_masks
from espress.paths import dataset_folder
from espress.schema import schema
from espress.tables import format_text, measure_width, pad, wrap
from espress.text import escape_for_terminal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from espress.schema import Column

_NARROWEST, _WIDEST, _USUAL = 60, 120, 100
_MOST_CLASSES = 15  # if a vocabulary is longer, a table's description counts only the classes that occur
_WITHHELD = "(the open edition holds no text)"


def terminal_width() -> int:
    """Return the width of the terminal in columns, at least 60 and at most 120."""
    return min(max(shutil.get_terminal_size((_USUAL, 24)).columns, _NARROWEST), _WIDEST)


def _join_lines(lines: Iterable[str]) -> str:
    return "\n".join(escape_for_terminal(line.rstrip()) for line in lines)


def _indent(first: str, text: str, width: int, indent: int) -> list[str]:
    """Return lines with a heading on the left and a wrapped text beside it, which begins at column `indent`."""
    lines = wrap(text, width - indent) or [""]
    start = [pad(first, indent) + lines[0]] if measure_width(first) <= indent else [first, " " * indent + lines[0]]
    return start + [" " * indent + line for line in lines[1:]]


def article_table(articles: Any) -> str:
    """Return an Arrow table of articles as text, with outlet, countries, date, words and units."""
    columns = ("article_id", "outlet", "outlet_country", "event_country", "published", "n_words", "n_sentences")
    rows = [
        tuple(str(row[name] or "–")[:10] if name == "published" else row[name] for name in columns)
        for row in articles.to_pylist()
    ]
    return format_text(rows, ("article", "outlet", "from", "about", "published", "words", "units"))


# ---------------------------------------------------------------- the dataset and its tables


def info(config: str | None = None, *, width: int | None = None) -> str:
    """Return an overview of the dataset, or the columns of one table with the count and meaning of each class.

    Args:
        config: a table, such as "entries", or one column of it, such as "entries.position"; None for the overview. The
            classes of a vocabulary of more than 15 are explained only for a single column.
        width: columns to print at; by default those of the terminal.

    Raises:
        UnknownNameError: there is no such table or column; the message lists the nearest first.
    """
    width = width or terminal_width()
    return _join_lines(_describe_dataset(width) if config is None else _describe_table(config, width))


def _describe_dataset(width: int) -> list[str]:
    articles = load("articles", as_="arrow")
    outlets, blocks = (len(articles[name].unique()) for name in ("outlet_id", "block_id"))
    judgements = load("annotations", as_="arrow").select(["item_id", "annotator_kind"]).to_pylist()
    by_people = len({row["item_id"] for row in judgements if row["annotator_kind"] == "human"})
    judged = sum(article["stance"] is not None for article in articles.to_pylist())
    caution = (
        f"{articles.num_rows} articles of {outlets} outlets in {blocks} linked blocks are a probe, not a sample. They "
        "were given to the project as they are; who chose them and why is not known. They cannot support any statement "
        "about outlets, countries, periods or coverage, no ranking of outlets, journalists or communities, and are no "
        f"evidence that anyone spied. Articles with a stance label: {judged}. Units with a "
        f"judgement by a person: {by_people}."
    )
    lines = [f"{schema().about['pretty_name']}, version {versions()[0]}", f"in {dataset_folder()}", ""]
    indent = max(len(table.name) for table in schema().tables) + 9
    lines += [f"{'table':<{indent - 7}}{'rows':>5}  contents"]
    for table in schema().tables:
        rows = load(table.name, as_="arrow").num_rows
        lines += _indent(f"{table.name:<{indent - 7}}{rows:>5}  ", table.description, width, indent)
    lines += ["", *article_table(articles).split("\n"), "", *wrap(caution, width), ""]
    return lines + wrap(
        "`espress info TABLE` describes the columns of a table, `espress info TABLE.COLUMN` one column; `espress show "
        "ARTICLE` prints an article with its labels.",
        width,
    )


def _describe_table(config: str, width: int) -> list[str]:
    name, _, wanted = config.partition(".")
    table = schema().table(name)
    columns = [table.column(wanted)] if wanted else table.columns
    rows = load(name, as_="arrow")
    lines = [f"{table.name}: {rows.num_rows} rows", *wrap(table.description, width)]
    lines += wrap(f"Key: {', '.join(table.key)}", width)
    indent = min(max(len(column.name) for column in columns) + 2, width // 3)
    for column in columns:
        lines += ["", *_indent(f"{column.name} ", _describe_column(column), width, indent)]
        if wanted and column.labels:
            asked = schema().codebook[column.labels]
            lines += _indent("", f"The codebook asks: {asked['question']} {asked['rule']}", width, indent)
        for more in _list_classes(table.name, column, rows[column.name], width - indent, in_full=bool(wanted)):
            lines.append(" " * indent + more)
        for member in column.members if wanted else ():
            meanings = schema().vocabularies.get(member.vocabulary or "", {})
            lines += _indent("", f"{member.name}: {_describe_column(member)}", width, indent)
            lines += _list_meanings([(f"= {term}", meaning) for term, meaning in meanings.items()], width, indent)
    return lines


def _describe_column(column: Column) -> str:
    parts = [f"{column.type}. {column.description}"]
    if column.references:
        parts.append(f"Refers to {column.references}.")
    if column.members:
        parts.append(f"Members: {', '.join(member.name for member in column.members)}.")
    if column.null:
        parts.append(f"Null: {column.null}.")
    return " ".join(parts)


def _list_classes(table: str, column: Column, values: Any, width: int, *, in_full: bool) -> list[str]:
    """Return the count and meaning of each class of a closed column, or the number of nulls of another column."""
    if column.type.startswith("list") or (column.vocabulary is None and column.type != "bool"):
        nulls = values.null_count
        return wrap(f"= null in {nulls} of {len(values)} rows", width) if nulls else []
    counts = Counter(values.to_pylist())
    nulls = f"; null {counts[None]}" if counts[None] else ""
    if column.vocabulary is None:
        return wrap(f"= true {counts[True]}, false {counts[False]}{nulls}", width)
    meanings = schema().vocabularies[column.vocabulary]
    if in_full or len(meanings) <= _MOST_CLASSES:
        rows = [(f"= {name} {counts[name]}", meaning) for name, meaning in meanings.items()]
        return _list_meanings([*rows, (f"= null {counts[None]}", "")] if nulls else rows, width)
    cells = [f"{name} {counts[name]}" for name in meanings if counts[name]]
    cells += [f"{len(meanings) - len(cells)} more classes 0"] if len(cells) < len(meanings) else []
    lines = wrap(f"= {', '.join(cells)}{nulls}", width)
    return [*lines, *wrap(f"`espress info {table}.{column.name}` explains the classes.", width)]


def _list_meanings(rows: list[tuple[str, str]], width: int, indent: int = 0) -> list[str]:
    """Return names with their meanings beside them, in lines of at most `width` columns."""
    room = min(max((measure_width(name) for name, _ in rows), default=0) + 2, (width - indent) // 3)
    return [" " * indent + line for name, text in rows for line in _indent(f"{name} ", text, width - indent, room)]


# ---------------------------------------------------------------- one article


def list_articles(*, hydrated: str | Path | None = None, width: int | None = None) -> str:
    """Return the ids of all articles with day and title.

    Articles of `hydrated`, a folder of `espress hydrate` or `espress collect`, are listed too.

    Raises:
        InputError: `hydrated` is not such a folder.
    """
    width = width or terminal_width()
    lines = []
    for row in _read("articles", hydrated):
        title = wrap(row["title"] or _WITHHELD, width - 44)
        cut = title[0] + (" …" if len(title) > 1 else "")
        lines.append(f"{row['article_id']:<30}  {str(row['published'] or '–')[:10]:<10}  {cut}")
    return _join_lines([*lines, "", "`espress show ID` prints one; the beginning of an id is enough if it is unique."])


def find_article(given: str, known: list[str]) -> str:
    """Return the known id that is given in full or by its beginning.

    Raises:
        UnknownNameError: no id begins in this way.
        InputError: several ids do.
    """
    if given in known:
        return given
    matches = [name for name in known if given and name.startswith(given)]
    if len(matches) > 1:
        raise InputError(
            [f"{given!r} is the beginning of {len(matches)} article ids: {', '.join(matches)}. Give more of the id."]
        )
    if not matches:
        raise UnknownNameError("article", given, known, "Type `espress show` for a list with titles.")
    return matches[0]


def show(
    article_id: str,
    *,
    everything: bool = False,
    unmasked: bool = False,
    hydrated: str | Path | None = None,
    width: int | None = None,
) -> str:
    """Return one article as text: each unit with its labels beside it.

    Args:
        article_id: an id, or the beginning of one.
        everything: also print all facts of the article with their basis.
        unmasked: print the names of private persons, which are replaced by placeholders otherwise.
        hydrated: a folder of `espress hydrate` or `espress collect`, whose articles are known too.
        width: columns to print at; by default those of the terminal.

    Raises:
        UnknownNameError: there is no such article; the message lists the nearest ids first.
        InputError: several ids begin with `article_id` (the message lists them), or `hydrated` is not such a folder.
    """
    width = width or terminal_width()
    articles = {row["article_id"]: row for row in _read("articles", hydrated)}
    article = articles[find_article(article_id, list(articles))]
    units = [row for row in _read("sentences", hydrated) if row["article_id"] == article["article_id"]]
    lines = [*_summarise(article, width), ""]
    if everything:
        lines += [*_list_facts(article, width), ""]
    lines += _explain(units, width, unmasked=unmasked)
    return _join_lines(lines + _list_units(article["article_id"], units, width, unmasked=unmasked))


def _read(config: str, hydrated: str | Path | None = None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = load(config, as_="arrow", hydrated=hydrated).to_pylist()
    return rows


def _summarise(article: dict[str, Any], width: int) -> list[str]:
    """Return outlet, date, authors and length of an article, and its stance for each event."""
    facts = [
        f"{article['outlet']} ({article['outlet_country'] or 'country unknown'})",
        article["published"] or "no date",
        ", ".join(article["authors"] or []) or article["agency"] or "no author shown",
        f"{article['n_words']} words",
        f"{article['n_sentences']} units",
    ]
    lines = [article["article_id"], *wrap(" · ".join(facts), width)]
    for row in _read("article_stance"):
        if row["article_id"] == article["article_id"]:
            labels = [f"{name} {row[name] or '–'}" for name in ("stance", "lead_voice")]
            lines += wrap(f"{row['event_id']}: {', '.join(labels)}, on {row['focal_proposition'] or '–'}", width)
    return lines


def _list_facts(article: dict[str, Any], width: int) -> list[str]:
    basis = {entry["field"]: entry for entry in article["basis"]}
    lines = []
    for name, value in article.items():
        if name in ("title", "standfirst", "text", "basis") or value is None:
            continue
        entry = basis.get(name)
        why = f"  [{', '.join(filter(None, (entry['basis'], entry['confidence'])))}]" if entry else ""
        shown = f"{len(value)} entries" if name == "source_pieces" else f"{value}"
        lines += _indent(f"  {name}", shown + why, width, 24)
    return lines


def _explain(units: list[dict[str, Any]], width: int, *, unmasked: bool) -> list[str]:
    """Return the propositions with their numbers in the margin, and a note if the text names private persons."""
    lines = []
    for number, row in enumerate(_read("propositions"), 1):
        lines += _indent(f"{number}  {row['proposition_id']}", row["statement"], width, 32)
    if any(PERSON in mask["mask"] for unit in units for mask in unit["masks"]):
        what = (
            "The text names private persons: do not pass their names on without need."
            if unmasked
            else "The text names private persons. Placeholders stand for their names; `--unmasked` prints the names."
        )
        lines += wrap(what, width)
    return lines


def _mask_persons(unit: dict[str, Any]) -> str:
    """Return the text of a unit with placeholders instead of the names of private persons."""
    return apply_masks(unit["text"], [Mask(**mask) for mask in unit["masks"] if PERSON in mask["mask"]])


def _collect_labels(article_id: str) -> dict[str, list[str]]:
    """Return sentence_id -> its labels in words, ordered by proposition and source."""
    entries: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in _read("entries"):
        if row["article_id"] == article_id:
            entries[row["sentence_id"], row["proposition_id"]].append(row)
    numbers = {row["proposition_id"]: number for number, row in enumerate(_read("propositions"), 1)}
    labels: dict[str, list[str]] = defaultdict(list)
    for row in sorted(_read("relevance"), key=lambda row: numbers[row["proposition_id"]]):
        if row["article_id"] != article_id:
            continue
        number, found = numbers[row["proposition_id"]], entries[row["sentence_id"], row["proposition_id"]]
        if row["bears_on"] is None:
            labels[row["sentence_id"]].append(f"{number} no majority")
        elif row["bears_on"] == "yes" and not found:
            labels[row["sentence_id"]].append(f"{number} bears on it")
        labels[row["sentence_id"]] += [f"{number} {_describe_entry(entry)}" for entry in found]
    return labels


def _describe_entry(entry: dict[str, Any]) -> str:
    """Return position, source and cue of an entry in words; a dash stands for a label without a majority."""
    parts = [f"{entry['position'] or '–'}: {entry['source_id'] or '–'}"]
    if entry["via_source_id"]:
        parts[0] += f" via {entry['via_source_id']}"
    if entry["cue_span"] or entry["cue_strength"]:
        parts.append(" ".join(filter(None, ("cue", entry["cue_span"], f"({entry['cue_strength'] or '–'})"))))
    if entry["hedged"] == "yes":
        parts.append("hedged")
    if entry["lapsed"] == "yes":
        parts.append(f"lapsed from {entry['source_id_carried'] or '–'}")
    return ", ".join(parts)


def _list_units(article_id: str, units: list[dict[str, Any]], width: int, *, unmasked: bool) -> list[str]:
    """Return the units with their labels on the right; an empty line separates paragraphs."""
    labels = _collect_labels(article_id)
    left, margin = 8, width * 2 // 5
    room = width - left - margin - 2
    lines, paragraph = [], None
    for unit in units:
        if (unit["field"], unit["paragraph"]) != paragraph:
            heading = "" if unit["role"] == "body" else unit["role"]
            lines += ["", *([pad("", left) + f"({heading})"] if heading else [])]
            paragraph = (unit["field"], unit["paragraph"])
        text = wrap(_WITHHELD if unit["text"] is None else unit["text"] if unmasked else _mask_persons(unit), room)
        beside = []
        for label in labels[unit["sentence_id"]]:
            first, *others = wrap(label, margin - 2)
            beside += [first, *(f"  {line}" for line in others)]
        mark = unit["sentence_id"].removeprefix(article_id + ".")
        for words, label in zip_longest(text, beside, fillvalue=""):
            lines.append(f"{pad(mark, left)}{pad(words, room)}  {label}")
            mark = ""
    return lines
