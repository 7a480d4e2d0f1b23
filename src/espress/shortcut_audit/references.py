"""Predictors to compare with: the length of the text, the text itself by TF-IDF, and the user's own model."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from espress.errors import MissingLibraryError
from espress.installation import how_to_install
from espress.shortcut_audit.features import bin_lengths, count_characters, count_words, iterate_texts
from espress.shortcut_audit.lookup import Answers, gain_in_bits, look_up, priors, score, tally_answers
from espress.text import TOKEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from espress.shortcut_audit.features import EncodedCorpus
    from espress.shortcut_audit.folds import Design
    from espress.shortcut_audit.result import Scores

ROWS = 20_000  # rows whose texts are read on each side of a given split; more rows hardly improve a linear model
C = 1.0  # scikit-learn's default, because the audit tunes nothing
TOLERANCE, ITERATIONS = 1e-2, 200  # about three digits of the coefficients suffice for a reference


@dataclass(frozen=True)
class ReferenceModel:
    """A predictor to compare with; if `sampled`, it answers only the rows whose texts are read."""

    name: str
    how: str
    scores: Scores
    tallies: NDArray[np.int64]
    sampled: bool


def sample_rows(design: Design, seed: int) -> NDArray[np.bool_]:
    """Return the rows (n,) whose texts are read: all, or 20,000 drawn at random on each side if there are more."""
    rng, kept = np.random.default_rng(seed), np.zeros(len(design.labels), dtype=np.bool_)
    for side in (0, 1):
        rows = np.flatnonzero(design.sides == side)
        kept[rows if len(rows) <= ROWS else rng.permutation(rows)[:ROWS]] = True
    return kept


def score_references(
    design: Design, sampled: Design, corpus: EncodedCorpus, texts: Any, text_answers: Answers
) -> list[ReferenceModel]:
    """Score the length models, the text model and the user's model, in this order.

    `sampled` is the design of the rows whose `texts` are read, `text_answers` the text model's answers there.
    """
    found = []
    for name, how, answers in (
        ("characters", _length_how("characters"), look_up(sampled, bin_lengths(count_characters(texts)))),
        ("words", _length_how("words"), look_up(sampled, bin_lengths(count_words(texts)))),
        ("text", "TF-IDF of words and logistic regression", text_answers),
    ):
        tallies = tally_answers(sampled, answers.predicted)
        scores = score(tallies, sampled, answers.gain, tally_answers(sampled, answers.matched))
        found.append(ReferenceModel(name, how, scores, tallies, sampled=True))
    if corpus.predicted is not None and corpus.model is not None:
        tallies = tally_answers(design, np.broadcast_to(corpus.predicted, design.folds.shape))
        how = f"predictions in column {corpus.model!r}"
        found.append(ReferenceModel(corpus.model, how, score(tallies, design), tallies, sampled=False))
    return found


def _length_how(counted: str) -> str:
    return f"look-up of the decile of the number of {counted}"


def answer_by_text(design: Design, texts: Any) -> Answers:
    """Answer each tested row by TF-IDF and logistic regression (one label against the rest), fold by fold.

    Words are weighted by the number of training rows in which they occur; words that do not occur there are left out.
    If the training rows have only one label or no words, the answer is the commonest label.

    Raises:
        MissingLibraryError: scikit-learn is not installed.
    """
    try:
        from sklearn.feature_extraction.text import CountVectorizer
    except ImportError as error:
        raise MissingLibraryError("scikit-learn", "The audit's text model", how_to_install("audit")) from error
    counter = CountVectorizer(tokenizer=TOKEN.findall, token_pattern=None, dtype=np.float64)
    try:
        counts = counter.fit_transform(iterate_texts(texts))
    except ValueError:  # scikit-learn raises this if no text has a word
        counts = None
    predicted, matched = (np.full(design.folds.shape, -1, dtype=np.int32) for _ in range(2))
    gain = np.zeros(len(design.labels))
    for repeat, folds in enumerate(design.folds):
        own, prior = np.ones(len(design.labels)), priors(design, folds)
        for fold in range(design.n_folds):
            tested = np.flatnonzero(folds == fold)
            probabilities = _text_probabilities(counts, design, tested)
            predicted[repeat, tested] = probabilities.argmax(axis=1)
            lift = np.divide(probabilities, prior[fold], out=np.zeros_like(probabilities), where=prior[fold] > 0)
            matched[repeat, tested] = lift.argmax(axis=1)
            own[tested] = probabilities[np.arange(len(tested)), design.labels[tested]]
        gain += gain_in_bits(own, design, folds)
    return Answers(predicted, gain / len(predicted), predicted >= 0, matched)


def _text_probabilities(counts: Any, design: Design, tested: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return p (t, K) of each label for the tested rows, learned from all others."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    trained = np.ones(len(design.labels), dtype=np.bool_)
    trained[tested] = False
    shares = np.bincount(design.labels[trained], minlength=design.n_classes) / trained.sum()
    probabilities: NDArray[np.float64] = np.tile(shares, (len(tested), 1))
    learned = counts[trained] if counts is not None else np.zeros((0, 0))
    known = np.flatnonzero(learned.sum(axis=0))
    if (shares > 0).sum() < 2 or not known.size or not len(tested):
        return probabilities
    weigh = TfidfTransformer(sublinear_tf=True)
    model = OneVsRestClassifier(LogisticRegression(solver="liblinear", C=C, tol=TOLERANCE, max_iter=ITERATIONS))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(weigh.fit_transform(learned[:, known]), design.labels[trained])
    probabilities[:] = 0.0
    probabilities[:, model.classes_] = model.predict_proba(weigh.transform(counts[tested][:, known]))
    return probabilities
