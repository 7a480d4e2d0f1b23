"""The first page: what the corpus is, how to get it, how to cite it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from espress.citation import STYLES, describe_folder
from espress.installation import how_to_install, read_address, read_version
from espress_build.metadata.labels import say_who_judged
from espress_build.site.page import Page, SearchEntry
from espress_build.site.sections.articles import find_comparison

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.site.dataset import Dataset, Row

ORDER = 0
NAVIGATION = None
_WHAT = (
    "News articles on allegations that the Chinese state spies abroad, or that others spy on China: who says what, in "
    "whose words, and whether the paper makes the words its own."
)
_EXAMPLE = "attribution_lapse/f03/2"  # a constructed case, whose text is free in both editions
_SEARCH = (
    SearchEntry(
        "index.html#cite",
        "Cite the corpus",
        "Citation with version and hash: BibTeX, RIS, APA. How to cite, reference, bibliography.",
        "page",
    ),
    SearchEntry(
        "index.html#get",
        "Get the corpus",
        "Download and install the data: Python, R, SQL, Excel. Clone, wheel, pip install, versions.",
        "page",
    ),
)
_CITED = {"BibTeX": "bibtex", "APA": "apa", "RIS": "ris"}


@dataclass(frozen=True)
class Snippet:
    """How to load the data in one language: a name, what it needs, and text to copy."""

    name: str
    needs: str
    code: str

    @property
    def anchor(self) -> str:
        """The anchor of the text on the page."""
        return f"get-{self.name.lower()}"


_SNIPPETS = (
    Snippet(
        "Python",
        "the package espress, installed as said above",
        'import espress\narticles = espress.load("articles")\nentries = espress.load("entries", as_="pandas")',
    ),
    Snippet(
        "R",
        'in a clone of the project; once: install.packages("nanoparquet")',
        'library(nanoparquet)\nentries <- read_parquet("dataset/data/entries.parquet")\n'
        "table(entries$position, entries$attribution)",
    ),
    Snippet(
        "SQL",
        "DuckDB, in a clone of the project",
        "SELECT attribution, position, count(*)\nFROM 'dataset/data/entries.parquet'\nGROUP BY ALL ORDER BY ALL;",
    ),
    Snippet(
        "Excel",
        "with the package: one workbook with all tables; also csv, dta, sav, sqlite, duckdb",
        "espress export --to xlsx",
    ),
)


def _count(rows: list[Row], column: str) -> int:
    """Return how many values occur in a column, members of lists one by one."""
    values = [value for row in rows for value in (row[column] if isinstance(row[column], list) else [row[column]])]
    return len({value for value in values if value is not None})


def _counts(dataset: Dataset) -> list[tuple[int, str, str]]:
    """Return (number, noun, path of the page that shows them)."""
    articles, catalogue = dataset.table("articles"), dataset.table("catalogue")
    check, stance = ([row for row in dataset.table(name) if row["kept"]] for name in ("check", "stance_articles"))
    languages, elsewhere = _count(catalogue, "language"), sum(not row["own_article"] for row in catalogue)
    copies = sum(row["swap_kind"] is not None for row in stance)
    controls = sum(row["is_control"] and row["swap_kind"] is None for row in stance)
    return [
        (len(articles), f"articles, {len(dataset.table('sentences'))} units", "articles/index.html"),
        (len(dataset.table("entries")), "entries: who takes which position", "labels/index.html"),
        (len(dataset.table("annotations")), "judgements, none overwritten", "docs/user/labels.html"),
        (
            len(catalogue),
            f"catalogue entries in {languages} languages, {elsewhere:,} of them not the corpus’s own articles",
            "catalogue/index.html",
        ),
        (len(check), f"test cases kept, in {_count(check, 'language')} languages", "constructed/index.html"),
        (
            len(stance) - controls - copies,
            f"invented articles kept; besides them {controls:,} controls and {copies:,} copies",
            "constructed/index.html",
        ),
    ]


def make_pages(dataset: Dataset) -> Iterator[Page]:
    """Yield the home page."""
    example = next(row for row in dataset.table("check") if row["case_id"] == _EXAMPLE)
    reference = describe_folder(dataset.identity)
    context = {
        "counts": _counts(dataset),
        "example": [*example["context_before"], example["text"]],
        "snippets": _SNIPPETS,
        "citations": {name: STYLES[style](reference) for name, style in _CITED.items()},
        "judged": say_who_judged(dataset.folder),
        "comparison": find_comparison(dataset),
        "package_version": read_version(),
        "install": how_to_install(),
        "homepage": read_address("homepage"),
    }
    yield Page("index.html", "Home", "home.html.j2", context, _WHAT, _SEARCH)
