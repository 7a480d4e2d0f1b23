"""What there is to judge, the passes that exist, and a project to import into that nothing else sees."""

from __future__ import annotations

import copy
import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress_build.annotate.annotated import annotate, renew
from tests.helpers import PROJECT

from espress_build.annotate.import_ import read_export
from espress_build.annotate.material import Material, read_material
from espress_build.build import Places, places
from espress_build.inputs.judgements import Judgement, read_csv, read_passes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Export = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="session")
def material() -> Material:
    return read_material(places(PROJECT))


@pytest.fixture(scope="session")
def passes() -> dict[str, list[Judgement]]:
    folder = PROJECT / "raw" / "annotations"
    names = [one.annotator for one in read_passes(folder) if one.codebook.startswith("1.")]
    return {name: renew(read_csv(folder / f"{name}.csv")[0]) for name in sorted(names)}


@pytest.fixture(scope="session")
def _model_1(material: Material, passes: dict[str, list[Judgement]]) -> Export:
    return annotate(material, passes["model-1"])


@pytest.fixture
def exported(_model_1: Export) -> Export:
    """What Label Studio exports after a whole pass; a copy to spoil."""
    return copy.deepcopy(_model_1)


@pytest.fixture
def refused(material: Material, exported: Export, tmp_path: Path) -> Callable[..., list[str]]:
    """Import what is exported, or one kind of it, and return the problems."""

    def problems(*kinds: str) -> list[str]:
        folder = tmp_path / "export"
        folder.mkdir(exist_ok=True)
        for kind in kinds or exported:
            (folder / f"{kind}.json").write_text(json.dumps(exported[kind]), encoding="utf-8")
        return read_export(material, folder, "human-1").problems

    return problems


@pytest.fixture
def where(tmp_path: Path) -> Places:
    """A project of its own: registries and dataset as they are, annotations to write to."""
    project = tmp_path / "project"
    project.mkdir()
    for name in ("schema", "dataset"):
        (project / name).symlink_to(PROJECT / name)
    shutil.copytree(PROJECT / "raw" / "annotations", project / "raw" / "annotations")
    return places(project)


@pytest.fixture
def folder(exported: Export, tmp_path: Path) -> Path:
    """The exports as files."""
    made = tmp_path / "from-label-studio"
    made.mkdir()
    for kind, rows in exported.items():
        (made / f"{kind}.json").write_text(json.dumps(rows), encoding="utf-8")
    return made
