"""The site of the open edition quotes no article, and says what is withheld."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from espress.errors import EspressError
from espress_build.site import build
from espress_build.site.leaks import find_quotations

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.inputs.params import Params
    from espress_build.site.dataset import Dataset


def test_no_page_of_the_open_edition_quotes_an_article(open_site_folder: Path, project: Path, params: Params) -> None:
    assert find_quotations(open_site_folder, project / "dataset", params.editions.named_words) == []


def test_words_divided_by_marks_and_words_in_attributes_are_found(
    project: Path, dataset: Dataset, params: Params, tmp_path: Path
) -> None:
    words = dataset.table("articles")[0]["text"].split()[:12]
    marked = " ".join(f'<span class="x">{word[:2]}</span>{word[2:]}' for word in words)
    (tmp_path / "marked.html").write_text(f"<p>{marked}</p>", encoding="utf-8")
    (tmp_path / "title.html").write_text(f'<p title="{" ".join(words)}">x</p>', encoding="utf-8")
    (tmp_path / "search.js").write_text(f'["a","{" ".join(words)}"]', encoding="utf-8")
    (tmp_path / "short.html").write_text(f"<p>{' '.join(words[:6])}</p><p>{' '.join(words[6:])}</p>", encoding="utf-8")
    found = find_quotations(tmp_path, project / "dataset", params.editions.named_words)
    assert [line.partition(":")[0] for line in found] == ["marked.html", "search.js", "title.html"]
    with pytest.raises(EspressError, match=r"would quote articles[^\n]*\nmarked\.html"):
        build._check_quotations(tmp_path, project / "dataset")


def test_every_page_of_the_open_edition_says_how_to_rejoin(open_site_folder: Path) -> None:
    for path in open_site_folder.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "article texts are withheld" in text, path
        assert "for local use only" not in text, path


def test_both_editions_have_the_same_pages(site_folder: Path, open_site_folder: Path) -> None:
    pages = [
        {path.relative_to(folder) for path in folder.rglob("*.html")} for folder in (site_folder, open_site_folder)
    ]
    assert pages[0] == pages[1]
