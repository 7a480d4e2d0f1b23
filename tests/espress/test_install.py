"""The wheel, in an environment that has the locked dependencies and, where the system allows, no network at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.helpers import copy_project

_NO_NETWORK = ["unshare", "--net", "--map-root-user"]


def _isolation() -> list[str]:
    """Return the words that cut a command off from the network, none where the system does not let us."""
    if shutil.which("unshare") is None:
        return []
    tried = subprocess.run([*_NO_NETWORK, "true"], capture_output=True, check=False)
    return _NO_NETWORK if tried.returncode == 0 else []


@pytest.fixture(scope="module")
def wheel(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of what git tracks, as from a clean clone."""
    home = tmp_path_factory.mktemp("wheel")
    tracked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=project, capture_output=True, check=True
    )
    for name in filter(None, tracked.stdout.decode().split("\0")):
        if (project / name).is_file():
            (home / "copy" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(project / name, home / "copy" / name)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(home / "dist")]
    subprocess.run(command, cwd=home / "copy", check=True, capture_output=True)
    (built,) = (home / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with this one's libraries, into which the wheel is installed without an index or dependencies."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home / "env", with_pip=False)
    python = home / "env" / "bin" / "python"
    # A path file gives the locked libraries; path files inside that folder, such as our editable install, do not run.
    pure = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    (Path(pure.stdout.strip()) / "locked.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*_isolation(), *install, "--ignore-installed", str(wheel)], check=True, capture_output=True)
    return home / "env" / "bin"


def _run(command: list[str], where: Path) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | {
        "HF_HOME": str(where / "hf"),
        "ESPRESS_CACHE": str(where / "cache"),  # other tests unpack releases into the shared one
    }
    return subprocess.run([*_isolation(), *command], cwd=where, env=clean, capture_output=True, text=True, check=False)


def test_the_wheel_ships_code_schema_and_dataset_and_nothing_of_raw(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "espress/_dataset/data/articles.parquet",
        "espress/_dataset/SHA256SUMS",
        "espress/_schema/tables/articles.toml",
        "espress/py.typed",
        "espress_build/pipeline/stages.py",
        "espress_build/_params.toml",
        "espress_build/_expectations.toml",
    ):
        assert wanted in names
    assert not [name for name in names if "source.txt" in name or name.startswith(("tests/", "raw/"))]


def test_the_installed_wheel_loads_and_verifies_its_own_dataset_offline(environment: Path, tmp_path: Path) -> None:
    code = (
        "import espress; assert '_dataset' in str(espress.verify().folder); assert not espress.verify().problems; "
        "print(espress.load('articles').num_rows, espress.load('sentences', as_='arrow').num_rows)"
    )
    done = _run([str(environment / "python"), "-c", code], tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-2:] == ["5", "103"]


def test_the_installed_commands_work_or_say_what_they_need(environment: Path, tmp_path: Path) -> None:
    assert _run([str(environment / "espress"), "info"], tmp_path).returncode == 0
    code = "import espress; espress.load(version='0.1.0')"
    done = _run([str(environment / "python"), "-c", code], tmp_path)
    assert "espress-0.1.0-full.tar.gz" in done.stderr
    assert "in the folder releases/archives of the project's repository" in done.stderr
    done = _run([str(environment / "espress-build"), "run"], tmp_path)
    assert done.returncode == 2
    assert "in a clone of the project, or name one: --project DIR" in done.stderr


def test_the_installed_build_builds_a_project_to_the_same_bytes(
    environment: Path, project: Path, tmp_path: Path
) -> None:
    copy_project(tmp_path / "project")
    done = _run([str(environment / "espress-build"), "--project", "project", "run", "--workers", "1"], tmp_path)
    assert done.returncode == 0, done.stderr
    built, ours = (home / "dataset" for home in (tmp_path / "project", project))
    if f"pyarrow=={pa.__version__}" in (project / "requirements.lock").read_text(encoding="utf-8"):
        assert (built / "SHA256SUMS").read_text(encoding="utf-8") == (ours / "SHA256SUMS").read_text(encoding="utf-8")
    for path in sorted((ours / "data").iterdir()):  # other versions of pyarrow write other bytes, but the same rows
        assert pq.read_table(built / "data" / path.name).equals(pq.read_table(path)), path.name
