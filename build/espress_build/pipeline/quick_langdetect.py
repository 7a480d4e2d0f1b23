"""langdetect 1.0.9 on arrays: the same profiles, draws and operations give the same result in a third of the time.

langdetect multiplies the probabilities of its languages one by one for each n-gram that it draws, and normalises every
character again. Products and sums of two numbers are identical to the last bit on arrays. The sum over languages runs
in the order of their names; in langdetect it follows the order in which the file system lists the profiles, so that its
last digit may differ between machines. `python -m benchmarks.speed.run language` compares both.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from langdetect.detector import Detector
from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
from langdetect.lang_detect_exception import ErrorCode, LangDetectException
from langdetect.utils.ngram import NGram


class _Normalized(dict[int, str]):
    """The character that langdetect reads for each character, for `str.translate`."""

    def __missing__(self, character: int) -> str:
        self[character] = NGram.normalize(chr(character))
        return self[character]


_NORMALIZED = _Normalized()


@cache
def _profiles() -> tuple[Any, dict[str, int], Any]:
    """Return langdetect's factory, the row of each n-gram, and the matrix n-gram x language of probabilities."""
    factory = DetectorFactory()
    profiles = sorted(path for path in Path(PROFILES_DIRECTORY).iterdir() if not path.name.startswith("."))
    factory.load_json_profile([path.read_text(encoding="utf-8") for path in profiles])
    matrix = np.array(list(factory.word_lang_prob_map.values()))
    rows = {ngram: row for row, ngram in enumerate(factory.word_lang_prob_map)}
    factory.word_lang_prob_map = rows  # frees memory for millions of numbers; only this module uses the factory
    return factory, rows, matrix


@cache
def known_languages() -> frozenset[str]:
    """Return the languages that langdetect has a profile of, in ISO 639-1."""
    return frozenset(path.name.partition("-")[0] for path in Path(PROFILES_DIRECTORY).iterdir())


@lru_cache(maxsize=50_000)
def _ngrams(word: str) -> tuple[int, ...]:
    """Return the rows of the n-grams of a word with its blanks, ordered by end; none ends in two capitals."""
    rows = _profiles()[1]
    ends = [end for end in range(2, len(word) + 1) if not (word[end - 1].isupper() and word[end - 2].isupper())]
    grams = (word[start:end] for end in ends for start in range(end - 1, max(end - 1 - NGram.N_GRAM, -1), -1))
    return tuple(rows[gram] for gram in grams if gram in rows and gram != " ")


class QuickDetector(Detector):  # type: ignore[misc]  # langdetect has no types
    """langdetect's detector with its two slow loops replaced."""

    def _extract_ngrams(self) -> list[int]:
        *closed, last = self.text.translate(_NORMALIZED).split(" ")
        return [row for word in (*(f" {word} " for word in closed if word), f" {last}") for row in _ngrams(word)]

    def _detect_block(self) -> None:
        self.cleaning_text()
        found, matrix, choice = self._extract_ngrams(), _profiles()[2], self.random.choice
        if not found:
            raise LangDetectException(ErrorCode.CantDetectError, "No features in text.")
        self.random.seed(self.seed)
        total = np.zeros(matrix.shape[1])
        for _ in range(self.n_trial):
            weight = (self.alpha + self.random.gauss(0.0, 1.0) * self.ALPHA_WIDTH) / self.BASE_FREQ
            likely = np.full(matrix.shape[1], 1.0 / matrix.shape[1])
            for drawn in range(0, self.ITERATION_LIMIT + 1, 5):
                factors = matrix.take([choice(found) for _ in range(5 if drawn else 1)], axis=0)
                factors += weight
                factors[0] *= likely
                likely = np.multiply.reduce(factors)
                likely /= sum(likely.tolist())
                if likely.max() > self.CONV_THRESHOLD:
                    break
            total += likely / self.n_trial
        self.langprob = total.tolist()


@lru_cache(maxsize=1_000)  # a check of the dataset repeats the queries of the build
def detect_langs(text: str, seed: int) -> Any:
    """Return what `langdetect.detect_langs` returns with that seed; raises LangDetectException."""
    detector = QuickDetector(_profiles()[0])
    detector.seed = seed
    detector.append(text)
    return detector.get_probabilities()
