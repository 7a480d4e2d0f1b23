"""What a report of an audit says, as plain words and tables; the renderers add marks and escape every string."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from espress.shortcut_audit.result import NOT_APPLICABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from espress.shortcut_audit.result import Audit, Estimate, Scores, Shortcut

DASH = "–"
LABELS_SHOWN = 40


@dataclass(frozen=True)
class Table:
    """A table: its caption, its head, and rows of as many cells; `words` are the columns of text, not numbers."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: frozenset[int] = frozenset({0})


@dataclass(frozen=True)
class Section:
    """A heading with what stands below it, in this order: paragraphs, points of a list, plot, tables, notes to them."""

    title: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    plot: str | None = None
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class Notes:
    """Remarks to cells, lettered by first use, so that a long reason need not stand in a narrow cell."""

    told: dict[str, str] = field(default_factory=dict)

    def mark(self, reason: str | None) -> str:
        """Return " (a)" for a reason, the same letter for the same words; "" for none."""
        if reason is None:
            return ""
        number = len(self.told)
        letters = ("" if number < 26 else chr(96 + number // 26)) + chr(97 + number % 26)
        return f" ({self.told.setdefault(reason, letters)})"

    def lines(self) -> tuple[str, ...]:
        """Return each note with its letter."""
        return tuple(f"({letter}) {reason}" for reason, letter in self.told.items())


def number(value: float | None, digits: int = 3) -> str:
    """Return a number at fixed digits, a dash for none; never "-0.000"."""
    if value is None:
        return DASH
    shown = f"{value:.{digits}f}"
    return shown.lstrip("-") if float(shown) == 0 else shown


def share(value: float | None) -> str:
    """Return a share as a percentage."""
    return DASH if value is None else f"{number(100 * value, 1)} %"


def estimate(value: Estimate | None, notes: Notes) -> str:
    """Return "0.612 (0.510 to 0.701)"; a missing value gives its reason, a missing or doubtful interval a note."""
    if value is None:
        return DASH
    if value.value is None:
        return value.reason or DASH
    interval = "" if value.low is None else f" ({number(value.low)} to {number(value.high)})"
    return f"{number(value.value)}{interval}{notes.mark(value.reason)}"


def title(audit: Audit) -> str:
    """Return the heading of the report."""
    return f"Shortcut audit of {audit.data.source}"


def sections(audit: Audit) -> tuple[Section, ...]:
    """Return the whole report, the verdict first."""
    from espress.shortcut_audit.report.glossary import reading_guide

    return (
        Section("Verdict", points=audit.verdict),
        *([Section("What limits this audit", points=audit.warnings)] if audit.warnings else []),
        _data(audit),
        _scores(audit),
        _chance(audit),
        _groups(audit),
        *_within(audit),
        _duplicates(audit),
        _overlaps(audit),
        Section("How to read this", points=reading_guide(audit)),
        _settings(audit),
    )


def _data(audit: Audit) -> Section:
    data = audit.data
    told = (
        f"Rows of {data.source}: {data.n:,}. Tested: {data.tested:,}; trained on: {data.trained:,}.",
        f"Design: {data.design}",
        f"Clusters: {data.cluster} ({data.clusters:,} of them).",
        f"Entropy of the tested labels, H(Y): {number(data.entropy)} bits.",
    )
    shown = sorted(data.labels, key=lambda label: -label.n)[:LABELS_SHOWN]
    rows = tuple((label.label, f"{label.n:,}", f"{label.tested:,}") for label in data.labels if label in shown)
    caption = f"Labels ({len(shown)} commonest of {len(data.labels):,})" if len(shown) < len(data.labels) else "Labels"
    return Section("What was audited", told, tables=(Table(caption, ("label", "rows", "tested rows"), rows),))


def _scored(name: str, scores: Scores, interval: str) -> tuple[str, ...]:
    numbers = (number(scores.accuracy), number(scores.gain), share(scores.gain_share))
    return (name, interval, *numbers, f"{scores.n:,}")


def _looked_up(cut: Shortcut, notes: Notes) -> tuple[str, ...]:
    """Return the scores of a look-up; one that nothing could be looked up in has none, rather than the prior's."""
    name = f"look-up: {cut.name}"
    if cut.status == NOT_APPLICABLE:
        return (name, NOT_APPLICABLE, DASH, DASH, DASH, f"{cut.scores.n:,}")
    return _scored(name, cut.scores, estimate(cut.interval, notes))


def _scores(audit: Audit) -> Section:
    notes, floor = Notes(), audit.floor
    prior = (f"prior ({floor.rule})", number(floor.macro_f1), number(floor.majority_accuracy), DASH, DASH)
    rows = [
        (*prior, f"{audit.data.tested:,}"),
        *(_looked_up(cut, notes) for cut in audit.shortcuts),
        *(_scored(f"reference: {ref.name}", ref.scores, estimate(ref.interval, notes)) for ref in audit.references),
    ]
    head = ("predictor", "macro-F1 (interval)", "accuracy", "gain, bits", "gain / H(Y)", "tested rows")
    told = (
        "A look-up reads no text: it knows only which labels a group had among the training rows. The prior knows "
        "neither text nor group: S_0 is the better of always naming the most frequent label, macro-F1 "
        f"{number(floor.majority_macro_f1)}, and drawing from the label shares, {number(floor.drawing_macro_f1)}. "
        "The accuracy in its line is that of the most frequent label."
    )
    how = tuple(f"reference: {ref.name}: {ref.how}" for ref in audit.references)
    table = Table("Scores out of fold", head, tuple(rows))
    return Section("How well the label is predicted", (told,), how, "scores", (table,), notes.lines())


def _chance(audit: Audit) -> Section:
    notes = Notes()
    rows = tuple(
        (
            cut.name,
            cut.status,
            estimate(cut.skill, notes),
            *_null(cut),
            estimate(cut.share_of_gain, notes) if cut.share_of_gain else "no model compared",
        )
        for cut in audit.shortcuts
    )
    head = ("column", "finding", "shortcut_skill (interval)", "null mean", "excess", "p", "p adjusted", "share_of_gain")
    schemes = dict.fromkeys(
        f"{cut.name}: permuted {cut.null.permutations:,} times ({cut.null.scheme})"
        for cut in audit.shortcuts
        if cut.null
    )
    model = f"share_of_gain compares with: {audit.model}." if audit.model else "share_of_gain: no model was compared."
    above = [(ref.name, number(ref.scores.macro_f1), estimate(ref.above_prior, notes)) for ref in audit.references]
    tables = (
        Table("Look-ups against chance", head, rows, frozenset({0, 1, 7})),
        Table("References above the prior", ("reference", "macro-F1", "S_m - S_0 (interval)"), tuple(above)),
    )
    return Section("What remains above chance", (model,), tuple(schemes), "skill", tables, notes.lines())


def _null(cut: Shortcut) -> tuple[str, str, str, str]:
    if cut.null is None:
        return (DASH, DASH, DASH, DASH)
    null = cut.null
    return (number(null.mean), number(null.excess), number(null.p, 4), number(null.p_adjusted, 4))


def _groups(audit: Audit) -> Section:
    rows = tuple(
        (
            cut.name,
            f"{cut.groups:,}",
            share(cut.singleton_share),
            share(cut.coverage),
            f"{number(cut.covered.macro_f1)} on {cut.covered.n:,} rows",
            number(cut.in_sample_macro_f1),
            ", ".join(flag.kind for flag in cut.flags) or "none",
        )
        for cut in audit.shortcuts
    )
    head = ("column", "groups", "singletons", "coverage", "macro-F1 where covered", "in sample", "flags")
    # A missing value is told of a column and again of each pair with it, in the same words.
    flags = tuple(dict.fromkeys(f"{flag.kind}: {flag.meaning}" for cut in audit.shortcuts for flag in cut.flags))
    told = (
        "In sample is what the same look-up scores on the rows that it was counted on. It is no finding: with many "
        "small groups it is high for any column, even a shuffled one."
    )
    return Section("The group columns", (told,), flags, tables=(Table("Group columns", head, rows, frozenset({0, 6})),))


def _within(audit: Audit) -> Iterator[Section]:
    inside = [(cut, cut.within) for cut in audit.shortcuts if cut.within]
    if not inside:
        return
    head = ("column", "groups with two labels", "rows", "text model, macro-F1", "look-up, macro-F1")
    rows = tuple(
        (cut.name, f"{w.groups:,}", f"{w.n:,}", number(w.text_macro_f1), number(w.lookup_macro_f1)) for cut, w in inside
    )
    each = (
        Table(
            f"Largest groups of {cut.name} ({len(within.shown):,} of {within.groups:,})",
            ("group", "rows", "text model, macro-F1", "look-up, macro-F1"),
            tuple((g.group, f"{g.n:,}", number(g.text_macro_f1), number(g.lookup_macro_f1)) for g in within.shown),
        )
        for cut, within in inside
        if within.shown
    )
    told = (
        "Inside one group the group tells nothing apart; what the text model scores there, it did not get from it.",
    )
    yield Section("Within groups", told, tables=(Table("Means, weighted by rows", head, rows), *each))


def _duplicates(audit: Audit) -> Section:
    found = audit.duplicates
    if found is None:
        return Section("Duplicates", ("Duplicates were not looked for.",))
    total = found.exact_groups + found.near_groups
    told = (
        f"Groups of equal texts: {found.exact_groups:,}; of nearly equal ones: {found.near_groups:,}; rows in them: "
        f"{found.rows:,}; groups on both sides of a fold or split: {found.straddling_groups:,}. Tested rows with a "
        f"copy among their training rows: {found.tested_rows:,} of {found.tested_n:,}."
    )
    rows = tuple(
        (g.kind, f"{g.n:,}", "yes" if g.straddles else "no", ", ".join(g.labels), g.rows, g.excerpt)
        for g in found.shown
    )
    head = ("kind", "rows", "on both sides", "labels", "which", "text begins")
    table = Table(f"Groups of copies ({len(rows):,} of {total:,})", head, rows, frozenset({0, 2, 3, 4, 5}))
    return Section(
        "Duplicates",
        (told, f"How near ones are found: {found.how}; threshold {found.threshold}."),
        tables=(table,) if rows else (),
    )


def _overlaps(audit: Audit) -> Section:
    head = ("column", "groups in training", "groups in test", "in both", "tested rows", "of them in shared groups")
    rows = tuple(
        (
            o.column,
            *(f"{count:,}" for count in (o.train_groups, o.test_groups, o.shared_groups, o.test_rows)),
            f"{o.test_rows_shared:,}" + (f" ({share(o.test_rows_shared / o.test_rows)})" if o.test_rows else ""),
        )
        for o in audit.overlaps
    )
    if not rows:
        alone = "No split was given; each column's coverage says how often a tested group was trained on."
        return Section("Overlap of training and test", (alone,))
    return Section("Overlap of training and test", tables=(Table("Values on both sides", head, rows),))


def _settings(audit: Audit) -> Section:
    settings = tuple((p.name, p.value, p.why) for p in audit.parameters)
    versions = tuple((v.library, v.version) for v in audit.versions)
    words = frozenset({0, 1, 2})
    tables = (
        Table("Parameters", ("parameter", "value", "why"), settings, words),
        Table("Versions", ("library", "version"), versions, words),
    )
    return Section("Parameters and versions", tables=tables)


def every_string(report: Iterable[Section]) -> Iterator[str]:
    """Yield every string of a report, so that a test can look for what a renderer lost."""
    for section in report:
        yield from (section.title, *section.paragraphs, *section.points, *section.notes)
        for table in section.tables:
            yield from (table.caption, *table.head, *(cell for row in table.rows for cell in row))
