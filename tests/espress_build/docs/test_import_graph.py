"""The picture of the imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress_build.docs.import_graph import draw_imports, drop_implied, read_imports

if TYPE_CHECKING:
    from pathlib import Path


def test_imports_that_follow_from_others_are_dropped() -> None:
    imports = {"cli": {"docs", "checks", "inputs"}, "docs": {"checks"}, "checks": {"inputs"}, "inputs": set[str]()}
    assert drop_implied(imports) == {"cli": {"docs"}, "docs": {"checks"}, "checks": {"inputs"}, "inputs": set()}


def test_the_picture_has_every_package_and_the_door(tmp_path: Path) -> None:
    picture, imports = draw_imports(tmp_path), read_imports()
    assert all(f'    {package}["' in picture for package in imports)
    assert "espress.hydration -. lazily .-> espress_build.hydrate" in picture
    assert not any(
        other.startswith("espress_build") for name in imports for other in imports[name] if name < "espress_"
    )
