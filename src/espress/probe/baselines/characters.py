"""TF-IDF of character n-grams within words, and a linear support vector machine.

Settings were fixed before any score was seen and are not tuned: the corpus is too small to tune and to test on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.probe.baselines._fitted import Fitted, texts

if TYPE_CHECKING:
    from espress.probe.tasks import Task

NAME = "characters"
TRAINED = True
READS_TEXT = True
SEED = 0


def make(task: Task) -> Fitted:  # noqa: ARG001 -- every baseline is asked in the same way
    """Return the model on the text template of all trained text models."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    return Fitted(make_pipeline(grams, LinearSVC(class_weight="balanced", random_state=SEED)), texts)
