"""Documents as pages: anchors as on GitHub, links to pages, no markup of its own, diagrams as lists."""

from __future__ import annotations

import pytest

from espress_build.site.markdown import Renderer, list_arrows, make_slug

_PAGES = {"user/labels.md": "../user/labels.html", "user/labels.md#trust": "../user/labels.html#trust", "#a": "#a"}


def render(text: str) -> str:
    return str(Renderer(_PAGES.get).render(text).html)


@pytest.mark.parametrize(
    ("heading", "slug"),
    [
        ("`bears_on` (unit x proposition)", "bears_on-unit-x-proposition"),
        ("If articles are linked?", "if-articles-are-linked"),
    ],
)
def test_anchors_are_those_of_github(heading: str, slug: str) -> None:
    made = Renderer(_PAGES.get).render(f"# Title\n\n## {heading}\n\n## {heading}\n")
    assert [one.anchor for one in made.headings] == ["title", slug, f"{slug}-1"]
    assert made.title == "Title"
    assert "<h1" not in made.html
    assert make_slug("A  b") == "a--b"


def test_links_lead_to_pages_and_others_keep_their_words() -> None:
    assert '<a href="../user/labels.html#trust">labels</a>' in render("[labels](user/labels.md#trust)")
    assert render("see [the `code`](../schema/x.toml) there") == "<p>see the <code>code</code> there</p>\n"
    assert '<a href="https://example.org">x</a>' in render("[x](https://example.org)")


def test_addresses_that_run_scripts_are_no_links() -> None:
    assert "<a" not in render("[x](javascript:alert%281%29)")


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a <img src=x onerror=y> b", "<details onclick=x>"])
def test_markup_in_a_document_is_shown_as_text(text: str) -> None:
    assert text.partition("<")[2].partition(">")[0] in render(text)
    assert "<" not in render(text).replace("<p>", "").replace("</p>", "")


def test_comments_and_marks_of_generated_values_are_not_shown() -> None:
    made = render("<!-- generated: x -->\n| a |\n| - |\n| <!-- value: b.c -->2<!-- /value --> |\n<!-- end -->\n\nend")
    assert "<td>2</td>" in made
    assert "!--" not in made


def test_a_flow_chart_becomes_a_list_of_what_imports_what() -> None:
    chart = '```mermaid\nflowchart TD\n  subgraph one\n    one.a["a"]\n    one.b["b"]\n  end\n  one.a --> one.b\n```'
    made = render(chart)
    assert "<dt><code>a</code></dt><dd><code>b</code></dd>" in made
    assert "<dt><code>b</code></dt><dd>no other package</dd>" in made
    assert "-->" not in made
    assert list_arrows("flowchart TD") == ""
