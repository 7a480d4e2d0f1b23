"""TF-IDF of words and word pairs, and logistic regression.

Settings were fixed before any score was seen and are not tuned: the corpus is too small to tune and to test on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.probe.baselines._fitted import Fitted, texts

if TYPE_CHECKING:
    from espress.probe.tasks import Task

NAME = "tfidf"
TRAINED = True
READS_TEXT = True


def make(task: Task) -> Fitted:  # noqa: ARG001 -- every baseline is asked in the same way
    """Return the model on the text template of all trained text models."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    model = make_pipeline(words, LogisticRegression(class_weight="balanced", max_iter=1000))
    return Fitted(model, texts)
