"""Build the tables of the constructed sets (`check`, `stance_articles` and `practice`), and trace one text of them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from espress.errors import InputError
from espress.schema import schema
from espress.text import words
from espress_build.arrow_schema import arrow_schema
from espress_build.constructed.frames import CONTRAST, Case, list_check_files, read_cases
from espress_build.constructed.practice import make_practice
from espress_build.constructed.sheets import Article, expand, read_sheets, read_terms
from espress_build.constructed.splits import FRAME_SHARES, SHEET_SHARES, assign_splits, join_linked, read_splits
from espress_build.constructed.votes import FEWEST_AGREEING, Vote, hash_item, is_kept, read_votes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from espress_build.inputs.registries import Registries

    Row = dict[str, Any]

# If pairs of several kinds form one group, its kind is the first of these.
_LOOSEST = ("near", "context", "label", "states", "invariance", "contrast")
CHECK, ARTICLES, PRACTICE = "check", "stance_articles", "practice"


@dataclass(frozen=True)
class Inputs:
    """The folders from which constructed material is read, the registries, and the fewest passes for a label."""

    schema: Path  # holds check/ and constructed.toml
    raw: Path  # holds constructed/ and annotations/
    state: Path | None
    registries: Registries
    fewest_passes: int

    @property
    def votes(self) -> Path:
        """The folder of votes."""
        return self.raw / "constructed" / "votes"


def hash_case(case: Case) -> str:
    """Return the hash of what annotators of a case are shown."""
    source = show_source(case)
    return hash_item(case.task, case.context_before, case.text, case.context_after, source, case.proposition_id)


def show_source(case: Case) -> str:
    """Return the words that name the source, as annotators see them; "" if annotators must say who speaks."""
    return "" if case.task == "attribution" else case.source


def hash_article(article: Article) -> str:
    """Return the hash of what annotators of an article are shown."""
    return hash_item(article.units)


def _find_groups(cases: list[Case]) -> dict[str, str]:
    """Return case_id -> first case_id of its pair or group, for cases that are in one."""
    by_frame: dict[str, str] = {}
    links = []
    for case in cases:
        if case.pair:
            links.append((case.case_id, case.pair))
        elif case.pair_kind:  # the fillings of a frame, or the versions of a sentence, belong together
            links.append((by_frame.setdefault(case.frame_id, case.case_id), case.case_id))
    order = {case.case_id: number for number, case in enumerate(cases)}
    groups = (sorted(group, key=order.__getitem__) for group in join_linked(order, links) if len(group) > 1)
    return {case: group[0] for group in groups for case in group}


def split_frames(cases: list[Case], frozen: Mapping[str, str]) -> dict[str, str]:
    """Return frame_id -> split; a frame's strata are its function and language, or the task of a contrast case."""
    strata = {
        case.frame_id: (f"{case.language}/{case.function}/{case.task if case.pair_kind == 'contrast' else ''}",)
        for case in cases
    }
    links = {(case.frame_id, case.pair.rpartition("/")[0]) for case in cases if case.pair}
    return assign_splits(strata, sorted(links), FRAME_SHARES, frozen)


def split_sheets(articles: list[Article], frozen: Mapping[str, str]) -> dict[str, str]:
    """Return sheet_id -> split; the strata of a sheet are its event type, and whether China's state is accused."""
    strata = {
        article.sheet_id: ("all", article.event_type, "by" if article.state_accused == "CN" else "against")
        for article in articles
        if not article.swap_kind
    }
    return assign_splits(strata, (), SHEET_SHARES, frozen)


def _make_check(
    cases: list[Case], votes: Mapping[str, list[Vote]], splits: Mapping[str, str], canary: str
) -> list[Row]:
    groups = _find_groups(cases)
    found: dict[str, set[str]] = defaultdict(set)
    for case in cases:
        if case.pair_kind:
            found[groups[case.case_id]].add(case.pair_kind)
    kinds = {group: next(kind for kind in _LOOSEST if kind in own) for group, own in found.items()}
    return [
        vars(case)
        | {
            "source": case.source or None,
            "source_start": case.source_span[0] if case.source_span else None,
            "source_end": case.source_span[1] if case.source_span else None,
            "pair_id": groups.get(case.case_id),
            "pair_kind": kinds.get(groups.get(case.case_id, "")),
            "split": splits[case.frame_id],
            "votes": list(map(vars, votes.get(case.case_id, ()))),
            "kept": is_kept(case.label, votes.get(case.case_id, ())),
            "canary": canary,
        }
        for case in cases
    ]


def _make_articles(
    articles: list[Article], votes: Mapping[str, list[Vote]], splits: Mapping[str, str], canary: str
) -> list[Row]:
    rows = []
    for article in articles:
        own = votes.get(article.article_id, ())
        rows.append(
            vars(article)
            | {
                "title": article.units[0],
                "text": "\n".join(article.units[1:]),
                "language": "en",
                "n_words": sum(len(words(unit)) for unit in article.units),
                "is_control": article.register == "control",
                "one_side": article.side or None,
                "swap_of": article.swap_of or None,
                "swap_kind": article.swap_kind or None,
                "split": splits[article.sheet_id],
                "votes": list(map(vars, own)),
                "kept": is_kept(article.stance, own, 1 if article.swap_kind else FEWEST_AGREEING),
                "canary": canary,
            }
        )
    return rows


def _to_tables(name: str, rows: list[Row]) -> dict[str, Any]:
    """Return the table of each file: the rows of each split, in the order given."""
    table = schema().table(name)
    declared = arrow_schema(table)
    rows = sorted(rows, key=lambda row: str(row[table.key[0]]))
    found = {}
    for file, split in table.files.items():
        own = rows if len(table.splits) == 1 else [row for row in rows if row["split"] == split]
        found[file] = pa.Table.from_pylist(own, schema=declared)
    return found


@dataclass(frozen=True)
class Material:
    """The constructed texts as read."""

    cases: list[Case]
    articles: list[Article]
    canary: str

    @classmethod
    def read(cls, given: Inputs, natural: Iterable[str] = ()) -> Material:
        """Read functional tests and articles; a project without them has none.

        Args:
            given: where to read.
            natural: texts with which no constructed text may share six words in a row; iterated more than once.

        Raises:
            InputError: every fault, with its file.
        """
        terms_path = given.schema / "constructed.toml"
        if not terms_path.is_file():
            return cls([], [], "")
        terms = read_terms(terms_path)
        files = list_check_files(given.schema / "check")
        sheet_files = sorted((given.raw / "constructed" / "stance").glob("*.toml"))
        marked = (path for path in (*files, *sheet_files) if path.suffix == ".toml")
        if without := [path for path in marked if terms.canary not in path.read_text(encoding="utf-8")]:
            raise InputError([f"{path}: lacks the comment {terms.canary!r}. Add it." for path in without])
        cases = read_cases(files, set(given.registries.propositions), natural)
        sheets = read_sheets(sheet_files, terms, natural)
        articles = [article for sheet in sheets for article in expand(sheet, terms.states)]
        return cls(cases, articles, terms.canary)


def make_constructed(given: Inputs, natural: Iterable[str] = ()) -> dict[str, Any]:
    """Return the tables of the constructed sets by name of their file; raises InputError as `Material.read`."""
    made, frozen = Material.read(given, natural), read_splits(given.state)
    case_votes = read_votes(given.votes, CHECK, {case.case_id: hash_case(case) for case in made.cases})
    hashes = {article.article_id: hash_article(article) for article in made.articles}
    article_votes = read_votes(given.votes, ARTICLES, hashes)
    rows = {
        CHECK: _make_check(made.cases, case_votes, split_frames(made.cases, frozen), made.canary),
        ARTICLES: _make_articles(made.articles, article_votes, split_sheets(made.articles, frozen), made.canary),
        PRACTICE: make_practice(given.raw / "annotations", given.registries, given.fewest_passes),
    }
    return {file: table for name, own in rows.items() for file, table in _to_tables(name, own).items()}


def make_private_articles(
    files: Iterable[Path], public: Iterable[Path], terms_path: Path, natural: Iterable[str] = ()
) -> Any:
    """Return a table with the columns of `stance_articles` from fact sheets that are not published.

    Every row is in the split `test` and is kept: there are no votes on these articles, so their stances are as stated.

    Args:
        files: one TOML file a sheet, named after it, of the form of raw/constructed/stance.
        public: the published sheets, with which no sheet may share its id or six words in a row.
        terms_path: schema/constructed.toml.
        natural: texts with which no sheet may share six words in a row.

    Raises:
        InputError: every fault, with sheet, part and unit.
    """
    own, others = sorted(files), sorted(public)
    taken = {path.stem for path in others}
    form = "the name of a sheet is an s and three digits, such as s901"
    faults = [f"{path.name}: {path.stem} is a published sheet. Rename it." for path in own if path.stem in taken]
    faults += [f"{path.name}: {form}. Rename it." for path in own if not re.fullmatch(r"s[0-9]{3}", path.stem)]
    if faults:
        raise InputError(faults)
    terms, names = read_terms(terms_path), {path.stem for path in own}
    sheets = [sheet for sheet in read_sheets([*own, *others], terms, natural) if sheet.head.id in names]
    articles = [article for sheet in sheets for article in expand(sheet, terms.states)]
    rows = _make_articles(articles, {}, {article.sheet_id: "test" for article in articles}, terms.canary)
    table = schema().table(ARTICLES)
    return pa.Table.from_pylist([{**row, "kept": True} for row in rows], schema=arrow_schema(table))


def _name_file(item: str) -> str:
    """Return the file of a case or article, and where in it the text is made."""
    parts = item.split("/")
    if parts[0] == CONTRAST:
        return f"schema/check/contrast.csv, sentence {parts[1]}, edit {parts[2]}"
    if len(parts) > 1 and parts[-1].isdigit():
        return f"schema/check/{'/'.join(parts[:-2])}.toml, frame {parts[-2]}, filling {parts[-1]}"
    return f"raw/constructed/stance/{parts[0]}.toml, {' '.join(parts[1:])}"


def trace_constructed(given: Inputs, item: str) -> str:
    """Return what is known of a case or an invented article, one fact a line; "" if there is none of this id."""
    for name, table in make_constructed(given).items():
        key = {"check": "case_id", "stance_articles": "article_id"}.get(name.partition("-")[0])
        rows = [row for row in table.to_pylist() if row[key] == item] if key else []
        for row in rows:
            votes = ", ".join(f"{vote['annotator']} {vote['value']}" for vote in row["votes"]) or "none"
            shown = {name: value for name, value in row.items() if name not in ("canary", "votes")}
            facts = {"made in": _name_file(item), **shown, "votes": votes}
            width = max(map(len, facts))
            return "\n".join(f"{label:<{width}}  {value}" for label, value in facts.items() if value not in (None, []))
    return ""
