"""The picture of the README: the articles as columns of print, in which the colour of a line says who speaks.

It shows lengths, places and labels, no words of an article. It has its own background and follows the reader's choice
of light or dark, so that it can be read on any page.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from espress_build.metadata.labels import read_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    Rows = list[dict[str, Any]]

_MOST_ARTICLES = 5
_LAPSED = "lapsed"
# class of a unit -> its name in the picture; each has its own line pattern, so that colour is not needed
_SPEAKERS = {
    "official": "a state body",
    "other_named": "another named source",
    "unnamed": "an unnamed source",
    _LAPSED: "the outlet, continuing a source",
    "outlet": "the outlet itself",
}
_MARKS = {"deny": "×", "question": "?", "mention": "–"}  # position of an entry, if it does not support the proposition
_STYLE = """
 text{font-family:system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#1f2328}
 .paper{fill:#ffffff}.soft{fill:#59636e}.name{font-family:Georgia,"Noto Serif",serif;font-weight:bold}
 path{fill:none}.none{stroke:#d1d9e0;stroke-width:2.4}.rule{stroke:#818b98;stroke-width:1}
 .official{stroke:#0072b2;stroke-width:2.5;stroke-dasharray:8 1.6}
 .other_named{stroke:#009e73;stroke-width:2.5;stroke-dasharray:3.4 1.6}
 .unnamed{stroke:#b5478a;stroke-width:2.5;stroke-dasharray:1.3 1.3}
 .lapsed{stroke:#d55e00;stroke-width:1.1}.outlet{stroke:#d55e00;stroke-width:3.1}
 @media (prefers-color-scheme:dark){text{fill:#f0f6fc}.paper{fill:#0d1117}.soft{fill:#9198a1}.none{stroke:#3d444d}
 .official{stroke:#56b4e9}.other_named{stroke:#2fc79b}.unnamed{stroke:#e08fc0}.lapsed,.outlet{stroke:#ff8a3c}}
"""
_WIDTH, _MARGIN, _GAP, _TOP = 1000, 16, 22, 118
_PITCH, _CHARACTER = 3.9, 2.75  # of a line of text, in pixels
_TITLE_PITCH, _TITLE_CHARACTER = 6, 4.6
_PARAGRAPH_GAP, _MARK_PITCH, _ROW = 3.2, 9, 16


@dataclass
class _Column:
    """One article: the lines of each class as SVG paths, marks beside them, and how many entries each class has."""

    left: float
    width: float
    y: float = _TOP
    x: float = 0.0  # where the next unit begins in its line
    paths: dict[str, list[str]] = field(default_factory=dict)
    marks: list[tuple[float, str]] = field(default_factory=list)

    def begin_paragraph(self, pitch: float) -> None:
        """Start a new line below a gap."""
        if self.x:
            self.x, self.y = 0.0, self.y + pitch + _PARAGRAPH_GAP

    def add(self, length: float, speaker: str, mark: str, pitch: float) -> None:
        """Print a unit of this length, in lines as wide as the column."""
        if mark:
            lowest = self.marks[-1][0] + _MARK_PITCH if self.marks else self.y
            self.marks.append((max(self.y, lowest), mark))
        while length > 0:
            part = min(length, self.width - self.x)
            if part > 1:
                self.paths.setdefault(speaker, []).append(f"M{self.left + self.x:.0f} {self.y:.1f}h{part:.0f}")
            length, self.x = length - part, self.x + part
            if self.x >= self.width - 1:
                self.x, self.y = 0.0, self.y + pitch
        self.x += 2 if self.x else 0


def _name_speaker(entry: dict[str, Any]) -> str:
    """Return who speaks in an entry; a source that is continued without being named is a class of its own."""
    return _LAPSED if entry["lapsed"] == "yes" else entry["attribution"] or "none"


def draw_articles(dataset: Path) -> str:
    """Return the picture as SVG."""
    articles = sorted(read_rows(dataset, "articles"), key=lambda row: (row["published"] or "", row["article_id"]))
    articles = articles[:_MOST_ARTICLES]
    entries, stances = read_rows(dataset, "entries"), read_rows(dataset, "article_stance")
    units = sorted(read_rows(dataset, "sentences"), key=lambda row: row["unit_no"])
    width = (_WIDTH - 2 * _MARGIN - _GAP * (len(articles) - 1)) / max(len(articles), 1)
    columns = [_Column(_MARGIN + (width + _GAP) * place, width - 12) for place in range(len(articles))]
    for column, article in zip(columns, articles, strict=True):
        _print_article(column, (u for u in units if u["article_id"] == article["article_id"]), entries)
    foot = max((column.y for column in columns), default=_TOP) + 24
    parts = [_draw_legend()]
    descriptions = []
    for column, article in zip(columns, articles, strict=True):
        counts = Counter(_name_speaker(one) for one in entries if one["article_id"] == article["article_id"])
        own = [one for one in stances if one["article_id"] == article["article_id"]]
        parts += [_draw_head(column, article), _draw_column(column), _draw_foot(column, foot, counts, own)]
        descriptions.append(_describe(article, counts, own))
    title = f"Who speaks in each of {len(articles)} articles, sentence by sentence"
    return _wrap(parts, foot + _ROW * (len(_SPEAKERS) + 4) + 10, title, " ".join(descriptions))


def _print_article(column: _Column, units: Iterable[dict[str, Any]], entries: Rows) -> None:
    paragraph = None
    for unit in units:
        is_title = unit["role"] == "title"
        pitch, character = (_TITLE_PITCH, _TITLE_CHARACTER) if is_title else (_PITCH, _CHARACTER)
        if unit["text_start"] is None:
            continue
        if (place := (unit["role"], unit["paragraph"])) != paragraph:
            column.begin_paragraph(_TITLE_PITCH if paragraph and paragraph[0] == "title" else _PITCH)
            paragraph = place
        own = [one for one in entries if one["sentence_id"] == unit["sentence_id"]]
        speakers = list(dict.fromkeys(map(_name_speaker, own))) or ["none"]
        mark = "".join(dict.fromkeys(_MARKS[one["position"]] for one in own if one["position"] in _MARKS))
        length = (unit["text_end"] - unit["text_start"]) * character / len(speakers)
        for place_of, speaker in enumerate(speakers):
            column.add(length, speaker, "" if place_of else mark, pitch)


def _draw_legend() -> str:
    """Return the explanation above the columns."""
    how = "The articles, unit by unit. Grey lines make no coded claim. In a coloured line, this is who speaks:"
    parts = [
        f'<text x="{_MARGIN}" y="24" font-size="16" class="name">Whose words carry the allegation?</text>',
        f'<text x="{_MARGIN}" y="41" font-size="11.5" class="soft">{how}</text>',
    ]
    x = float(_MARGIN)
    for speaker, name in _SPEAKERS.items():
        parts.append(f'<path class="{speaker}" d="M{x:.0f} 54h26"/>')
        parts.append(f'<text x="{x + 31:.0f}" y="58" font-size="11.5">{escape(name)}</text>')
        x += 31 + 6 * len(name) + 18
    marks = "× denied   ? questioned   – only mentioned"
    parts.append(
        f'<text x="{_WIDTH - _MARGIN}" y="24" font-size="11.5" text-anchor="end" xml:space="preserve">{marks}</text>'
    )
    return "\n".join(parts)


def _draw_head(column: _Column, article: dict[str, Any]) -> str:
    date = (article["published"] or "no date")[:10]
    where = f"{article['outlet_country'] or '?'} · {date}"
    x = f"{column.left:.0f}"
    return "\n".join(
        [
            f'<path class="rule" d="M{x} 72h{column.width + 12:.0f}"/>',
            f'<text x="{x}" y="89" font-size="14" class="name">{escape(article["outlet"] or "?")}</text>',
            f'<text x="{x}" y="104" font-size="11" class="soft">{escape(where)}</text>',
        ]
    )


def _draw_column(column: _Column) -> str:
    lines = [f'<path class="{name}" d="{"".join(column.paths[name])}"/>' for name in sorted(column.paths)]
    x = column.left + column.width + 12
    lines += [
        f'<text x="{x:.0f}" y="{y + 3.5:.1f}" font-size="10.5" text-anchor="end">{escape(mark)}</text>'
        for y, mark in column.marks
    ]
    return "\n".join(lines)


def _draw_foot(column: _Column, top: float, counts: Counter[str], stances: Rows) -> str:
    """Return how many entries each speaker has, as bars with their numbers, and the stance of the article."""
    x, total = f"{column.left:.0f}", counts.total()
    lines = [f'<path class="rule" d="M{x} {top - 14:.0f}h{column.width + 12:.0f}"/>']
    lines.append(f'<text x="{x}" y="{top + 3:.0f}" font-size="10.5" class="soft">{total} entries, by who speaks</text>')
    for place, speaker in enumerate(_SPEAKERS, 1):
        y, number, left = top + _ROW * place, counts[speaker], column.left + 24
        lines.append(
            f'<text x="{column.left + 18:.0f}" y="{y + 4:.0f}" font-size="11" text-anchor="end">{number}</text>'
        )
        if number:
            length, thick = (column.width - 20) * number / total, 2.8 if speaker == _LAPSED else 2
            bar = "".join(f"M{left:.0f} {y + thick * row:.1f}h{length:.0f}" for row in (-1, 0, 1))
            lines.append(f'<path class="{speaker}" d="{bar}"/>')
    y = top + _ROW * (len(_SPEAKERS) + 1) + 4
    lines.append(f'<text x="{x}" y="{y:.0f}" font-size="10.5" class="soft">stance of the article on</text>')
    for place, one in enumerate(stances, 1):
        event, stance = escape(one["event_id"]), one["stance"] or "–"
        words = f'<tspan class="soft">{event}:</tspan> <tspan font-weight="bold">{stance}</tspan>'
        lines.append(f'<text x="{x}" y="{y + _ROW * place:.0f}" font-size="11.5">{words}</text>')
    return "\n".join(lines)


def _describe(article: dict[str, Any], counts: Counter[str], stances: Rows) -> str:
    spoken = ", ".join(f"{name} {counts[speaker]}" for speaker, name in _SPEAKERS.items() if counts[speaker])
    stance = ", ".join(f"{one['stance'] or 'none'} for {one['event_id']}" for one in stances)
    date = (article["published"] or "no date")[:10]
    return f"{article['outlet']}, {date}: {spoken or 'no entry'}; stance {stance or 'none'}."


def _wrap(parts: list[str], height: float, title: str, description: str) -> str:
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" width="{_WIDTH}" '
        f'height="{height:.0f}" role="img" aria-labelledby="t" aria-describedby="d">'
    )
    head = f'<title id="t">{escape(title)}</title>\n<desc id="d">{escape(description)}</desc>\n<style>{_STYLE}</style>'
    paper = f'<rect class="paper" width="{_WIDTH}" height="{height:.0f}" rx="6"/>'
    return "\n".join([opening, head, paper, *parts, "</svg>", ""])


FILES: dict[str, Callable[[Path], str]] = {"docs/generated/articles.svg": draw_articles}
