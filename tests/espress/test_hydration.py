"""One module leads from users' code to the builders' package, and only when it is asked."""

from __future__ import annotations

import subprocess
import sys

import pytest

import espress
from espress.errors import MissingLibraryError


def test_a_missing_package_is_reported_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "espress_build", None)
    monkeypatch.delitem(sys.modules, "espress_build.hydrate", raising=False)
    monkeypatch.delitem(sys.modules, "espress_build.hydrate.run", raising=False)
    with pytest.raises(
        MissingLibraryError, match=r"espress_build.*pip install 'espress-[\d.]+-py3-none-any\.whl\[hydrate\]'"
    ):
        _ = espress.hydrate


def test_commands_load_without_the_builders_package() -> None:
    code = (
        "import sys, espress, espress.cli.main; espress.cli.main.make_parser(); print('espress_build' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
