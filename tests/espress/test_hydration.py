"""One module leads from users' code to the builders' package, and only when it is asked."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from espress.errors import MissingLibraryError
from espress.hydration import import_builder

if TYPE_CHECKING:
    from pathlib import Path


def test_a_missing_package_is_named_with_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "espress_build", None)
    monkeypatch.delitem(sys.modules, "espress_build.hydrate", raising=False)
    monkeypatch.delitem(sys.modules, "espress_build.hydrate.run", raising=False)
    with pytest.raises(MissingLibraryError, match=r"espress_build.*pip install 'espress\[hydrate\]'"):
        import_builder("run")


def test_no_other_module_imports_the_builders_package(project: Path) -> None:
    found = set()
    for path in (project / "src" / "espress").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if any(name.split(".")[0] == "espress_build" for name in names):
                found.add(path.name)
    assert found <= {"hydration.py"}


def test_commands_load_without_the_builders_package() -> None:
    code = "import sys, espress, espress.cli.main; espress.cli.main._parser(); print('espress_build' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
