"""Read a user's copies of articles: fields in files or data frames, or pages as received."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from espress.errors import InputError
from espress.files import explain_json_error, read_parquet_rows, refuse_repeated_keys
from espress.tables import join_few

Fields = dict[str, str | None]

FIELDS = ("title", "standfirst", "text")
_PAGES = (".txt", ".html")
_SHOWN = 5
_FORMS = (
    "Give a folder of <article_id>.json, of <article_id>.txt or .html, or of <article_id>/source.txt as received; a "
    "file .jsonl, .json or .parquet; or a data frame or a list of dicts with article_id, title, standfirst and text"
)


@dataclass(frozen=True)
class Copy:
    """A user's copy of one article: its fields, None for a missing standfirst, or the bytes of its page."""

    article_id: str
    where: str
    content: Fields | bytes


def _read_fields(row: Mapping[str, Any], where: str, problems: list[str]) -> Fields | None:
    """Return the three fields of a row; if one is faulty, add to `problems` and return None."""
    found: Fields = {}
    known = len(problems)
    for name in FIELDS:
        value = row.get(name)
        # Data frames have NaN for missing values.
        blank = value is None or value == "" or (isinstance(value, float) and math.isnan(value))
        if blank and name != "standfirst":
            has = f"it has {join_few(sorted(map(str, row)))}" if row else "it is empty"
            problems.append(f"{where}: {name} is missing or empty; {has}.")
        elif not blank and not isinstance(value, str):
            problems.append(f"{where}: {name} is {type(value).__name__}, not text.")
        found[name] = None if blank else value
    return found if len(problems) == known else None


def _read_rows(rows: Iterable[Any], where: str, problems: list[str]) -> list[Copy]:
    found = []
    for number, row in enumerate(rows, 1):
        place = f"{where}, row {number}"
        if not isinstance(row, Mapping):
            problems.append(
                f"{place}: is {type(row).__name__}, not an object with article_id, title, standfirst and text."
            )
        elif not isinstance(row.get("article_id"), str) or not row["article_id"]:
            problems.append(f"{place}: article_id is missing; it must name the article that the text belongs to.")
        elif (fields := _read_fields(row, f"{place} ({row['article_id']})", problems)) is not None:
            found.append(Copy(row["article_id"], place, fields))
    return found


def _parse(text: str, where: str, problems: list[str]) -> Any:
    try:
        return json.loads(text, object_pairs_hook=refuse_repeated_keys)
    except (ValueError, RecursionError) as error:
        problems.append(f"{where}: is not JSON: {explain_json_error(error)}.")
        return None


def _decode(path: Path, problems: list[str]) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.append(f"{path}: byte {error.start} is not UTF-8; save it in UTF-8.")
        return ""


def _read_file(path: Path, problems: list[str]) -> list[Copy]:
    if path.suffix == ".parquet":
        return _read_rows(read_parquet_rows(path), str(path), problems)
    if path.suffix not in (".jsonl", ".ndjson", ".json"):
        raise InputError([f"{path} is neither .jsonl, .json nor .parquet. {_FORMS}."])
    text = _decode(path, problems)
    if path.suffix == ".json":
        content = _parse(text, str(path), problems)
        return _read_any(content, str(path), problems) if content is not None else []
    lines = [(f"{path}, line {number}", line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    rows = [(where, row) for where, line in lines if (row := _parse(line, where, problems)) is not None]
    return [copy for where, row in rows for copy in _read_rows([row], where, problems)]


def _read_entry(path: Path, problems: list[str]) -> list[Copy]:
    """Return the copies in one entry of a folder; an entry of another kind has none."""
    if path.is_dir():
        sources = [path / f"source{ending}" for ending in _PAGES if (path / f"source{ending}").is_file()]
        return [Copy(path.name, str(source), source.read_bytes()) for source in sources]
    if path.suffix in _PAGES:
        return [Copy(path.stem, str(path), path.read_bytes())]
    if path.suffix != ".json":
        return []
    row = _parse(_decode(path, problems), str(path), problems)
    if row is None:
        return []
    if not isinstance(row, dict) or row.get("article_id", path.stem) != path.stem:
        problems.append(
            f"{path}: must be an object with title, standfirst and text; if it has an article_id, it must be that of "
            "the file name."
        )
        return []
    fields = _read_fields(row, str(path), problems)
    return [] if fields is None else [Copy(path.stem, str(path), fields)]


def _read_any(texts: Any, where: str, problems: list[str]) -> list[Copy]:
    """Return the copies in a frame of pandas, Polars, Arrow or `datasets`, a list of rows, or a dict id -> fields."""
    for method, arguments in (("to_pylist", ()), ("to_dicts", ()), ("to_dict", ("records",))):
        if not isinstance(texts, Mapping) and hasattr(texts, method) and not hasattr(texts, "features"):
            return _read_rows(getattr(texts, method)(*arguments), where, problems)
    if isinstance(texts, Mapping):
        if "article_id" in texts:
            return _read_rows([texts], where, problems)
        rows = ({"article_id": key, **row} if isinstance(row, Mapping) else row for key, row in texts.items())
        return _read_rows(rows, where, problems)
    if isinstance(texts, Iterable) and not isinstance(texts, str | bytes):
        return _read_rows(texts, where, problems)
    raise InputError([f"{where} is {type(texts).__name__}. {_FORMS}."])


def read_texts(texts: Any) -> dict[str, Copy]:
    """Return article_id -> the user's copy, from any of the forms that `espress.rejoin` takes.

    Raises:
        InputError: the form is unknown, a row lacks a field, or an article is given twice; every fault is listed.
    """
    problems: list[str] = []
    if isinstance(texts, str | Path):
        path = Path(texts).expanduser()
        if path.is_dir():
            found = [copy for entry in sorted(path.iterdir()) for copy in _read_entry(entry, problems)]
        elif path.is_file():
            found = _read_file(path, problems)
        else:
            raise InputError([f"There is no {path}. {_FORMS}."])
    else:
        found = _read_any(texts, "texts", problems)
    for article, number in Counter(copy.article_id for copy in found).items():
        if number > 1:
            places = join_few([copy.where for copy in found if copy.article_id == article])
            problems.append(f"{article} is given {number} times: {places}. Keep one of them.")
    if not found and not problems:
        problems.append(f"{texts if isinstance(texts, str | Path) else 'texts'} contains no articles. {_FORMS}.")
    if problems:
        raise InputError([*problems[:_SHOWN], *([f"… and {len(problems) - _SHOWN} more"] * (len(problems) > _SHOWN))])
    return {copy.article_id: copy for copy in found}
