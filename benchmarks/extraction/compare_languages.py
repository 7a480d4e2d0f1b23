"""Compare ways to detect the languages of a built dataset.

Usage: python -m benchmarks.extraction.compare_languages DATASET_FOLDER
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
from langdetect import DetectorFactory
from langdetect import detect_langs as langdetect_langs

from espress_build.inputs.params import read_params
from espress_build.pipeline.quick_langdetect import detect_langs as quick_langs

if TYPE_CHECKING:
    from collections.abc import Callable


def _answers(detect: Callable[[str], Any], texts: list[str]) -> tuple[list[tuple[str, float]], float]:
    """Return language and probability of each text, and the milliseconds for each text."""
    detect(texts[0])  # loads the profiles
    start = time.process_time()
    best = [detect(text)[0] for text in texts]
    return [(one.lang, round(one.prob, 6)) for one in best], (time.process_time() - start) / len(texts) * 1000


def compare(dataset: Path) -> dict[str, Any]:
    """Count how often langdetect, on the same prefix and on the whole text, gives the same language as the pipeline."""
    params = read_params().language
    columns = ["title", "text", "language", "language_agreement"]
    rows = pq.read_table(dataset / "data" / "articles.parquet", columns=columns).to_pylist()
    rows = [row for row in rows if row["language"]]
    whole = [f"{row['title']}\n\n{row['text']}" for row in rows]
    prefix = [text[: params.prefix_characters] for text in whole]
    DetectorFactory.seed = params.seed
    quick, quick_ms = _answers(lambda text: quick_langs(text, params.seed), prefix)
    plain, plain_ms = _answers(langdetect_langs, prefix)
    full, full_ms = _answers(langdetect_langs, whole)
    return {
        "articles": len(rows),
        "languages": sorted({row["language"] for row in rows}),
        "prefix_characters": params.prefix_characters,
        "same_language_and_probability_as_langdetect": sum(a == b for a, b in zip(quick, plain, strict=True)),
        "same_language_as_on_whole_text": sum(a[0] == b[0] for a, b in zip(quick, full, strict=True)),
        "same_language_as_second_detector": sum(bool(row["language_agreement"]) for row in rows),
        "ms_a_text": {"ours": round(quick_ms, 2), "langdetect": round(plain_ms, 2), "whole text": round(full_ms, 2)},
    }


if __name__ == "__main__":
    print(json.dumps(compare(Path(sys.argv[1]))))
