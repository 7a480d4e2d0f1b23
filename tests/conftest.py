"""What all tests share: the project's folder, no network, and one profile of Hypothesis."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples on every run and machine, nothing kept between runs, and no clock in the verdict.
settings.register_profile("espress", derandomize=True, deadline=None, database=None)
settings.load_profile("espress")

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when `datasets` is imported

# pytest-xdist keeps all cores busy; more threads of linear algebra would only wait for each other.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# Tests leave the user's cache alone; workers of one run share a folder, which the system clears.
os.environ.setdefault("ESPRESS_CACHE", tempfile.mkdtemp(prefix="espress-test-cache-"))

PROJECT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def project() -> Path:
    return PROJECT


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every constructed item as kept, so that a test does not depend on votes."""
    monkeypatch.setattr("espress.probe.constructed.items.SetItem.kept", property(lambda _: True))
