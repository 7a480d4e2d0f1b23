"""Compare sentence segmenters on the articles' paragraphs and on hand-cut Czech and Chinese lines.

The reference for the articles is the reviewed golden list of units; each candidate's boundaries are compared with it.
Writes results/segmenters.json, from which a table in the documents is generated. Run by `make segmenters`.
"""

from __future__ import annotations

import importlib.metadata
import statistics
import time
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
from benchmarks.files import ROOT, write_result

from espress_build.pipeline.sentences import boundaries

if TYPE_CHECKING:
    from collections.abc import Callable

    Cut = Callable[[str, str], list[str]]  # (text, language) -> sentences

ROUNDS = 15
# Invented lines with abbreviations, ordinals and quotations over several sentences; `|` marks where a reader would cut.
LINES = {
    "cs": [
        "Zpráva č. 5/2018 popisuje činnost služby apod. na severu země.| Ing. Novák to 3. května potvrdil.",
        "„Riziko je vysoké.| Nelze ho přehlížet,“ řekl mluvčí.| Dr. Malá nesouhlasila.",
        "Úřad sídlí v ul. Dlouhá.| Má 20 zaměstnanců, např. právníky.",
    ],
    "zh": [
        "发言人周一表示抗议。|他没有回答问题。",
        "“我们坚决反对。|这是误会！”|他说。",
        "报告共有三章。|第二章最长？|没有人知道。",
    ],
}


def _candidates() -> dict[str, Cut]:
    import blingfire
    import pysbd
    import segtok.segmenter
    import spacy
    import syntok.segmenter
    from sentencex import segment

    pipelines: dict[str, Any] = {}

    def with_spacy(text: str, language: str) -> list[str]:
        if language not in pipelines:
            pipelines[language] = spacy.blank(language)
            pipelines[language].add_pipe("sentencizer")
        return [sentence.text for sentence in pipelines[language](text).sents]

    def with_syntok(text: str, _language: str) -> list[str]:
        found = [sentence for paragraph in syntok.segmenter.process(text) for sentence in paragraph]
        return [text[s[0].offset : s[-1].offset + len(s[-1].value)] for s in found]

    def with_pysbd(text: str, language: str) -> list[str]:
        known = language if language != "cs" else "sk"  # it has no Czech; Slovak is nearest
        return list(pysbd.Segmenter(language=known, clean=False).segment(text))

    return {
        "sentencex, quotation marks hidden": lambda t, lang: [t[start:end] for start, end in boundaries(t, lang)],
        "sentencex": lambda text, language: list(segment(language, text)),
        "pysbd": with_pysbd,
        "syntok": with_syntok,
        "segtok": lambda text, _language: list(segtok.segmenter.split_single(text)),
        "blingfire": lambda text, _language: blingfire.text_to_sentences(text).split("\n"),
        "spacy": with_spacy,
    }


def _ends(parts: list[str]) -> set[int]:
    """Return the ends of sentences, counted in characters without white space, which libraries treat differently."""
    ends, at = set(), 0
    for part in parts:
        at += len("".join(part.split()))
        ends.add(at)
    return ends - {at}


def _paragraphs() -> list[tuple[str, list[str]]]:
    """Return each body paragraph of the articles with its reviewed sentences."""
    rows = pq.read_table(ROOT / "dataset" / "data" / "sentences.parquet").to_pylist()
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row["role"] in ("body", "standfirst"):
            found.setdefault((row["article_id"], f"{row['field']}{row['paragraph']}"), []).append(row["text"])
    return [(" ".join(units), units) for units in found.values()]


def _score(cut: Cut, language: str, samples: list[tuple[str, list[str]]]) -> dict[str, int]:
    totals = {"reference": 0, "missed": 0, "extra": 0}
    for text, units in samples:
        wanted, got = _ends(units), _ends(cut(text, language))
        totals["reference"] += len(wanted)
        totals["missed"] += len(wanted - got)
        totals["extra"] += len(got - wanted)
    return totals


def _milliseconds(cut: Cut, samples: list[tuple[str, list[str]]]) -> float:
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        for text, _ in samples:
            cut(text, "en")
        times.append((time.perf_counter() - begin) * 1000)
    return round(statistics.median(times), 1)


def main() -> None:
    """Measure and write segmenters.json."""
    english = _paragraphs()
    others = {
        language: [("".join(line.split("|")), line.split("|")) for line in lines] for language, lines in LINES.items()
    }
    results = []
    for name, cut in _candidates().items():
        scores = {"en": _score(cut, "en", english)}
        scores |= {language: _score(cut, language, samples) for language, samples in others.items()}
        version = importlib.metadata.version(name.split(",")[0])
        milliseconds = _milliseconds(cut, english)
        results.append({"name": name, "version": version, "scores": scores, "milliseconds": milliseconds})
        print(name, version, scores, milliseconds)
    record = {"paragraphs": len(english), "rounds": ROUNDS, "results": results}
    write_result("segmenters", record)


if __name__ == "__main__":
    main()
