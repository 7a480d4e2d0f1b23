"""An audit as one HTML file: no request leaves it, no script runs in it, and it prints."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING

from espress.shortcut_audit.report.contents import Section, Table, sections, title
from espress.shortcut_audit.report.formats import clean
from espress.shortcut_audit.report.plots import plot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress.shortcut_audit.result import Audit

# Whatever a name or a text of the user's held, the browser would load nothing and run nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
# Every rule begins with the class, because notebooks put the page into their own.
_STYLE = """
.espress-audit { box-sizing: border-box; max-width: 62rem; margin: 0 auto; padding: 1.5rem; color: #1a1a1a;
  background: #fff; font: 1rem/1.5 system-ui, sans-serif; color-scheme: light; overflow-wrap: break-word; }
.espress-audit h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem; }
.espress-audit h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; padding-top: .75rem; border-top: 1px solid #ccc; }
.espress-audit p, .espress-audit ul { margin: .5rem 0; max-width: 46rem; }
.espress-audit .verdict { padding: .25rem 1rem .75rem; border: 2px solid #1a1a1a; }
.espress-audit .verdict h2 { margin-top: .5rem; padding-top: 0; border-top: 0; }
.espress-audit .notes { font-size: .875em; }
.espress-audit .wide { overflow-x: auto; margin: 1rem 0; }
.espress-audit table { border-collapse: collapse; font-size: .875rem; line-height: 1.35;
  font-variant-numeric: tabular-nums; }
.espress-audit caption { text-align: left; font-weight: 600; padding-bottom: .35rem; }
.espress-audit th, .espress-audit td { padding: .3rem .6rem; border-bottom: 1px solid #ccc; text-align: right;
  vertical-align: top; font-weight: 400; }
.espress-audit thead th { border-bottom: 2px solid #1a1a1a; font-weight: 600; vertical-align: bottom; }
.espress-audit .word { text-align: left; overflow-wrap: anywhere; min-width: 5rem; }
.espress-audit figure { margin: 1rem 0; }
.espress-audit img { max-width: 100%; height: auto; }
@media print {
  .espress-audit { max-width: none; padding: 0; font-size: 9pt; }
  .espress-audit table { font-size: 7.5pt; }
  .espress-audit .wide { overflow-x: visible; }
  .espress-audit .wide, .espress-audit tr, .espress-audit figure, .espress-audit .verdict { break-inside: avoid; }
  .espress-audit h2, .espress-audit caption { break-after: avoid; }
}
"""


def to_html(audit: Audit) -> str:
    """Return the report as a page of its own, with plots; it reads without colour and without its plots.

    Raises:
        MissingLibraryError: matplotlib is not installed.
    """
    parts = "\n".join(part for section in sections(audit) for part in _section(audit, section))
    heading = _escaped(title(audit))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{heading}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<main class="espress-audit">\n<h1>{heading}</h1>\n{parts}\n</main>\n</body>\n</html>\n'
    )


def _escaped(text: str) -> str:
    return escape(clean(text), quote=True)


def _section(audit: Audit, section: Section) -> Iterator[str]:
    kind = ' class="verdict"' if section.title == "Verdict" else ""
    yield f"<section{kind}>\n<h2>{_escaped(section.title)}</h2>"
    yield from (f"<p>{_escaped(paragraph)}</p>" for paragraph in section.paragraphs)
    if section.points:
        yield "<ul>"
        yield from (f"<li>{_escaped(point)}</li>" for point in section.points)
        yield "</ul>"
    if section.plot:
        yield _figure(audit, section.plot)
    for table in section.tables:
        yield from _table(table)
    yield from (f'<p class="notes">{_escaped(note)}</p>' for note in section.notes)
    yield "</section>"


def _figure(audit: Audit, name: str) -> str:
    """Return a plot as an image inside the page, where its ids and texts, unlike in the page's own tree, do nothing."""
    svg, told = plot(audit, name)
    data = base64.b64encode(svg.encode()).decode()
    return f'<figure><img src="data:image/svg+xml;base64,{data}" alt="{_escaped(told)}"></figure>'


def _table(table: Table) -> Iterator[str]:
    caption = _escaped(table.caption)
    yield f'<div class="wide" role="region" aria-label="{caption}" tabindex="0"><table>\n<caption>{caption}</caption>'
    head = "".join(
        f'<th scope="col"{_kind(table, place)}>{_escaped(cell)}</th>' for place, cell in enumerate(table.head)
    )
    yield f"<thead><tr>{head}</tr></thead>\n<tbody>"
    for row in table.rows:
        first = f'<th scope="row"{_kind(table, 0)}>{_escaped(row[0])}</th>'
        rest = "".join(f"<td{_kind(table, place)}>{_escaped(cell)}</td>" for place, cell in enumerate(row[1:], 1))
        yield f"<tr>{first}{rest}</tr>"
    yield "</tbody>\n</table></div>"


def _kind(table: Table, place: int) -> str:
    return ' class="word"' if place in table.words else ""
