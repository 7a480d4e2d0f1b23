"""Predictors to compare with: the length of the text, the text itself by TF-IDF, and the user's own model."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from espress.errors import MissingLibraryError
from espress.shortcut_audit.tallies import Answers, bits_saved, look_up
from espress.text import TOKEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from espress.shortcut_audit.tallies import Frame

ROWS = 20_000  # rows that the text is read of, on each side of a given split: what a linear model gains beyond is small
BINS = 10
C = 1.0  # scikit-learn's own, as nothing is tuned here
TOLERANCE, ITERATIONS = 1e-2, 200  # coefficients to some three digits: a reference, not a finding


def sample(frame: Frame, seed: int) -> NDArray[np.bool_]:
    """Return which rows (n,) the text is read of: all, or 20,000 drawn on each side where there are more."""
    rng, kept = np.random.default_rng(seed), np.zeros(len(frame.labels), dtype=np.bool_)
    for side in (0, 1):
        rows = np.flatnonzero(frame.design.sides == side)
        kept[rows if len(rows) <= ROWS else rng.permutation(rows)[:ROWS]] = True
    return kept


def binned(lengths: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return tenths of the lengths, as codes from 0; equal lengths are never parted."""
    edges = np.unique(np.quantile(lengths, np.arange(1, BINS) / BINS))
    return np.unique(np.searchsorted(edges, lengths, side="right"), return_inverse=True)[1]


def characters(texts: Any) -> NDArray[np.intp]:
    """Return the number of code points of each text (Arrow strings)."""
    import pyarrow.compute as pc

    lengths: NDArray[np.intp] = pc.utf8_length(texts).to_numpy().astype(np.intp)
    return lengths


def words(texts: Any) -> NDArray[np.intp]:
    """Return the number of words of each text (Arrow strings)."""
    return np.array([sum(1 for _ in TOKEN.finditer(text)) for text in _python(texts)], dtype=np.intp)


def _python(texts: Any) -> Any:
    """Yield the texts of an Arrow column one by one, a chunk in memory at a time."""
    for batch in texts.chunks if hasattr(texts, "chunks") else [texts]:
        for at in range(0, len(batch), 1 << 14):
            yield from batch.slice(at, 1 << 14).to_pylist()


def text_model(frame: Frame, texts: Any) -> Answers:
    """Answer each tested row by TF-IDF and logistic regression (one label against the rest), fold by fold.

    A word weighs by how many training rows it occurs in; words that none of them has are left out. Where the training
    rows have one label or no word, the answer is the commonest label.
    """
    try:
        from sklearn.feature_extraction.text import CountVectorizer
    except ImportError as error:
        raise MissingLibraryError("scikit-learn", "The audit's text model", "pip install 'espress[audit]'") from error
    counter = CountVectorizer(tokenizer=TOKEN.findall, token_pattern=None, dtype=np.float64)
    try:
        counts = counter.fit_transform(_python(texts))
    except ValueError:  # scikit-learn's way of saying that no text has a word
        counts = None
    predicted, bits = np.full(frame.design.folds.shape, -1, dtype=np.int32), np.zeros(len(frame.labels))
    for repeat, folds in enumerate(frame.design.folds):
        own = np.ones(len(frame.labels))
        for fold in range(frame.design.n_folds):
            tested = np.flatnonzero(folds == fold)
            probabilities = _probabilities(counts, frame, tested)
            predicted[repeat, tested] = probabilities.argmax(axis=1)
            own[tested] = probabilities[np.arange(len(tested)), frame.labels[tested]]
        bits += bits_saved(own, frame, folds)
    return Answers(predicted, bits / len(predicted), predicted >= 0)


def _probabilities(counts: Any, frame: Frame, tested: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return p (t, K) of each label for the tested rows, learned from all others."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    trained = np.ones(len(frame.labels), dtype=np.bool_)
    trained[tested] = False
    shares = np.bincount(frame.labels[trained], minlength=frame.n_classes) / trained.sum()
    spread: NDArray[np.float64] = np.tile(shares, (len(tested), 1))
    learned = counts[trained] if counts is not None else np.zeros((0, 0))
    known = np.flatnonzero(learned.sum(axis=0))
    if (shares > 0).sum() < 2 or not known.size or not len(tested):
        return spread
    weigh = TfidfTransformer(sublinear_tf=True)
    model = OneVsRestClassifier(LogisticRegression(solver="liblinear", C=C, tol=TOLERANCE, max_iter=ITERATIONS))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(weigh.fit_transform(learned[:, known]), frame.labels[trained])
    spread[:] = 0.0
    spread[:, model.classes_] = model.predict_proba(weigh.transform(counts[tested][:, known]))
    return spread


def length_model(frame: Frame, lengths: NDArray[np.intp]) -> Answers:
    """Answer each tested row by the smoothed look-up of the tenth that its length is in."""
    return look_up(frame, binned(lengths))
