"""TF-IDF of words and word pairs, with logistic regression.

The settings were fixed before any score was seen and are not tuned: the corpus is too small to be divided for tuning
and testing.
"""

from __future__ import annotations

from espress.probe.baselines._estimator import Estimator, texts

NAME = "tfidf"
TRAINED = True
READS_TEXT = True


def make(_: object) -> Estimator:
    """Return a model of the texts that `as_text` makes from rows."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    model = make_pipeline(words, LogisticRegression(class_weight="balanced", max_iter=1000))
    return Estimator(model, texts)
