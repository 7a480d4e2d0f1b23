"""The sentences of the corpus, with which no constructed text may share six words in a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def natural(project: Path) -> list[str]:
    texts = pq.read_table(project / "dataset" / "data" / "sentences.parquet", columns=["text"])["text"].to_pylist()
    return [text for text in texts if text]
