"""TF-IDF of character n-grams within words, with a linear support vector machine.

The settings were fixed before any score was seen and are not tuned: the corpus is too small to be divided for tuning
and testing.
"""

from __future__ import annotations

from espress.probe.baselines._estimator import Estimator, texts

NAME = "characters"
TRAINED = True
READS_TEXT = True
SEED = 0


def make(_: object) -> Estimator:
    """Return a model of the texts that `as_text` makes from rows."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    return Estimator(make_pipeline(grams, LinearSVC(class_weight="balanced", random_state=SEED)), texts)
