"""What every test of durability may ask for: a warm process that forks, and an undisturbed build."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

import pytest
from tests.durability import faults
from tests.durability.running import Built, Warm, real_build
from tests.helpers import copy_project

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    if not hasattr(os, "fork"):
        pytest.skip("this system cannot fork")
    prepared = tmp_path_factory.mktemp("prepared")
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawn, faults.prepare, (prepared,)) as pool:
        yield Warm(pool)


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A build in plain surroundings, with all checks."""
    project = copy_project(tmp_path_factory.mktemp("undisturbed") / "project")
    return real_build(project, TZ="UTC", LC_ALL="C.UTF-8", PYTHONHASHSEED="0")
