"""A sheet to print, for a person who codes on paper: one self-contained page, A4, with boxes and lines."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.errors import EspressError
from espress.schema import schema
from espress_build.inputs.judgements import CLAIM_STATUS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from espress_build.annotate.items import Material

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_ENTRIES = 2  # grids for sources under each unit
_SPARE = 6  # at the end of each article
_SECONDS = 180
_CSS = """
@page { size: A4; margin: 10mm 12mm 13mm; @bottom-right { content: counter(page); font: 8pt sans-serif; } }
* { box-sizing: border-box; }
body { font: 9.5pt/1.35 "DejaVu Sans", Verdana, Arial, sans-serif; color: #000; margin: 0 auto; max-width: 186mm; }
h1 { font-size: 15pt; margin: 0 0 2mm; } h2 { font-size: 12pt; margin: 5mm 0 1mm; break-after: avoid; }
h3 { font-size: 10pt; margin: 1.5mm 0 0; break-after: avoid; } p { margin: 1mm 0; }
.article { break-before: page; } .unit, .event, .entry, tr { break-inside: avoid; }
.unit { border-top: 1.5pt solid #000; margin-top: 2.5mm; padding-top: 0; }
.text { font: 10pt/1.35 "DejaVu Serif", Georgia, serif; margin: 0.5mm 0 1mm; }
.small { font-size: 7.5pt; } .muted { color: #444; }
table { border-collapse: collapse; width: 100%; margin: 0.8mm 0; }
td, th { border: 0.4pt solid #555; padding: 0.6mm 1mm; text-align: left; vertical-align: top; font-size: 7pt; }
th { font-weight: normal; background: #eee; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.b { white-space: nowrap; display: inline-block; margin-right: 1.2mm; }
.b::before { content: ""; display: inline-block; width: 2.6mm; height: 2.6mm; border: 0.6pt solid #000;
  margin-right: 0.8mm; vertical-align: -0.3mm; }
.fill { height: 6mm; } .event .fill, .guess .fill { height: 13mm; }
.entry { table-layout: fixed; border: 1pt solid #000; }
.state { display: inline-block; width: 33%; font-size: 6.5pt; color: #444; }
dl { margin: 0; } dt { font-weight: bold; font-size: 8.5pt; margin-top: 1.2mm; break-after: avoid; }
dd { margin: 0 0 0 5mm; font-size: 8pt; }
.cols { columns: 2; column-gap: 6mm; }
"""


def _boxes(values: Iterable[str]) -> str:
    return " ".join(f'<span class="b">{escape(value)}</span>' for value in values)


def _classes(field: str) -> str:
    return _boxes(schema().vocabularies[field])


def _cell(name: str, inside: str = "", span: int = 1) -> str:
    return f'<td class="fill" colspan="{span}"><span class="muted">{escape(name)}</span><br>{inside}</td>'


def _numbers(material: Material) -> list[str]:
    return [f"P{number}" for number, _ in enumerate(material.propositions, 1)]


def _entry(material: Material, label: str, *, spare: bool = False) -> str:
    """Return the grid of one source: the proposition, thirteen fields, and a line for the reason."""
    states = "".join(f'<span class="state">{name}</span>' for name in ("actor", "target", "measure"))
    unit = _cell("unit", span=2) if spare else ""
    rows = [
        unit + _cell("proposition", _boxes(_numbers(material)), 4) + _cell("source no.", _boxes("123"), 4)
        + _cell("source_id", span=3 if spare else 4)
        + _cell("source_span: the words that name it", span=5 if spare else 6),
        _cell("position", _classes("position"), 6) + _cell("attributed", _classes("attributed"), 3)
        + _cell("cue_span: words", span=3) + _cell("cue_strength", _classes("cue_strength"), 6),
        _cell("via_source_id", span=5) + _cell("lapsed", _classes("lapsed"), 3) + _cell("carried_source_id", span=4)
        + _cell("carried_cue_strength", _classes("cue_strength"), 6),
        _cell("states", states, 6) + _cell("reason", span=12),
    ]  # fmt: skip
    widths = "<colgroup>" + '<col style="width:5.55%">' * 18 + "</colgroup>"
    return f'<table class="entry" aria-label="{label}">{widths}<tr>{"</tr><tr>".join(rows)}</tr></table>'


def _unit(material: Material, line: dict[str, Any]) -> str:
    place = line["role"] if line["paragraph"] is None else f"{line['role']}, paragraph {line['paragraph']}"
    pairs = "".join(
        f'<tr><th style="width:52mm">{number} {escape(name)}</th>'
        f'<td style="width:24mm">{_classes("bears_on")}</td>{_cell("reason")}</tr>'
        for number, name in zip(_numbers(material), material.propositions, strict=True)
    )
    entries = "".join(_entry(material, f"source {number} of {line['unit']}") for number in range(1, _ENTRIES + 1))
    aspect = f'<th style="width:18mm">aspect</th><td style="width:112mm">{_classes("aspect")}</td>'
    return (
        f'<section class="unit"><h3>{line["unit"]} <span class="small muted">{escape(place)}</span></h3>'
        f'<p class="text">{escape(line["text"])}</p>'
        f'<table><tr>{aspect}<td><span class="muted">reason</span></td></tr></table>'
        f"<table>{pairs}</table>{entries}</section>"
    )


def _claims(material: Material, event: str) -> str:
    if event not in material.claims:
        return ""
    rows = "".join(
        f'<tr><td style="width:70mm">{number}. {escape(claim)}</td><td style="width:58mm">{_boxes(CLAIM_STATUS)}</td>'
        '<td><span class="muted">units; reason</span></td></tr>'
        for number, claim in enumerate(material.claims[event], 1)
    )
    return f"<h3>Does the article say this?</h3><table>{rows}</table>"


def _article(material: Material, name: str) -> str:
    """Return one article: its text as a whole, what is asked of it, then its units."""
    lines = material.of(name)
    text = "".join(f"<p><b class=small>{line['unit']}</b> {escape(line['text'])}</p>" for line in lines)
    focal = _boxes(
        [*(f"{n} {p}" for n, p in zip(_numbers(material), material.propositions, strict=True)), "none of them"]
    )
    events = "".join(
        f'<div class="event"><h3>E{number}: {escape(material.events[event])}</h3><table>'
        f"<tr><th style='width:34mm'>focal_proposition</th><td>{focal}</td></tr>"
        f"<tr><th>reason</th><td class=fill></td></tr><tr><th>stance</th><td>{_classes('stance')}</td></tr>"
        "<tr><th>reason, with words</th><td class=fill></td></tr></table>"
        f"</div>{_claims(material, event)}"
        for number, event in enumerate(material.key.events[name], 1)
    )
    guess = "".join(
        _cell(asked) for asked in ("outlet, as you guess", "country", "how sure, 0 to 1", "what gives it away")
    )
    units = "".join(_unit(material, line) for line in lines)
    spare = "".join(_entry(material, f"spare grid {number}", spare=True) for number in range(1, _SPARE + 1))
    first = "Read it whole and answer what follows it before the units."
    return (
        f'<div class="article"><h2>Article {name}</h2><p class="small">{first}</p>'
        f"{text}<table class=guess><tr>{guess}</tr></table>{events}</div>"
        f'<div class="article"><h2>Article {name}, unit by unit</h2>{units}<h3>Further sources</h3>{spare}</div>'
    )


def _definitions(pairs: Iterable[tuple[str, str]], columns: str = "cols") -> str:
    rows = "".join(f"<dt>{escape(term)}</dt><dd>{escape(meaning)}</dd>" for term, meaning in pairs)
    return f"<dl class={columns}>{rows}</dl>"


def _class(rules: dict[str, Any]) -> str:
    named = [(word, rules[key]) for word, key in (("Also", "includes"), ("Not", "excludes")) if rules[key]]
    return " ".join(
        [rules["definition"], *(f"{word}: {'; '.join(cases)}." for word, cases in named), rules["tie_break"]]
    )


def _field(field: str, entry: dict[str, Any]) -> str:
    """Return a field with closed classes: its question, its rule, its classes."""
    asked = f"<h3>{escape(field)}: {escape(entry['question'])}</h3><p class=small>{escape(entry['rule'])}</p>"
    return asked + _definitions((value, _class(rules)) for value, rules in entry["classes"].items())


def _codebook(material: Material) -> str:
    """Return the rules on the first pages: propositions, fields with their classes, settled cases, sources."""
    numbered = zip(_numbers(material), material.propositions.items(), strict=True)
    told = [(f"{number} {name}", f"{row['statement']} {row['scope']}") for number, (name, row) in numbered]
    guidance = schema().guidance
    sources = ((f"{name} ({row['class']})", row["name"]) for name, row in material.sources.items())
    parts = {
        "Propositions": _definitions(told, "wide"),
        "Fields and classes": "".join(_field(field, entry) for field, entry in schema().codebook.items()),
        "Open fields": _definitions(((one["name"], one["rule"]) for one in guidance["open_field"]), "wide"),
        "Settled cases": _definitions((one["about"], one["ruling"]) for one in guidance["settled"]),
        "Sources (source_id, class)": _definitions(sources),
    }
    return "".join(f"<h2>{title}</h2>{part}" for title, part in parts.items())


def as_html(material: Material) -> str:
    """Return the sheet as one HTML page that needs no other file."""
    how = (
        "Names such as A1.03 hide outlet and date; do not look the texts up. Read the rules, then an article whole, "
        "then its units one after the other. Judge every unit against every proposition. Where it bears on one, fill "
        f"one grid for each source that takes a position ({_ENTRIES} are printed; more follow the article); "
        "leave empty what is null. Every judgement needs a reason."
    )
    title = f"<title>ESPRESS coding sheet, codebook {material.codebook}</title>"
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">{title}'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_CSS}</style></head><body>'
        f"<h1>Coding sheet, codebook {escape(material.codebook)}</h1><p>{escape(how)}</p>"
        f"<table><tr>{_cell('coder')}{_cell('begun (date, time)')}{_cell('ended')}</tr></table>"
        f"<p class=small>Masked input: sha256 {material.input_sha256}</p>{_codebook(material)}"
        f"{''.join(_article(material, name) for name in material.key.articles)}</body></html>\n"
    )


def print_pdf(html: Path, pdf: Path) -> None:
    """Print a page to PDF by Chromium.

    Raises:
        EspressError: there is no Chromium, or it printed nothing.
    """
    by_hand = f"Open {html} in any browser and print it: A4, backgrounds on, headers and footers off."
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        raise EspressError(f"No Chromium is installed, so {pdf} was not made. {by_hand}")
    with tempfile.TemporaryDirectory() as profile:
        made = Path(profile, "sheet.pdf")
        command = [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
            f"--user-data-dir={profile}", f"--print-to-pdf={made}", html.resolve().as_uri(),
        ]  # fmt: skip
        try:
            ran = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False, text=True)  # noqa: S603
        except subprocess.TimeoutExpired:
            raise EspressError(
                f"{browser} took more than {_SECONDS} seconds, so {pdf} was not made. {by_hand}"
            ) from None
        if not made.is_file():
            raise EspressError(f"{browser} printed nothing: {ran.stderr.strip()[-300:]} {by_hand}")
        shutil.copyfile(made, pdf)
