"""The picture of docs/maintain/design.md: which package imports which."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from espress.errors import require
from espress.installation import how_to_install

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_ROOTS = ("espress_build", "espress")
_CORE = "espress.core"  # modules directly in `espress`, which everything may import
_BUILD = "espress_build.build"  # a module that imports the packages below it
_LABELS = {"espress_build.core": "tables, arrow_schema"}
_DOOR = ("espress.hydration", "espress_build.hydrate")  # the one import from users' to builders' package


def _name_package(module: str, packages: set[str]) -> str:
    """Return the package that a module belongs to; `ROOT.core` for modules directly in a root package."""
    root, *rest = module.split(".")
    package = f"{root}.{rest[0]}" if rest else root
    return package if package in packages else f"{root}.core"


def read_imports() -> dict[str, set[str]]:
    """Return package -> packages that its modules import; modules directly in `espress` are left out.

    Raises:
        MissingLibraryError: grimp is not installed.
    """
    require(("grimp",), "The picture of the imports", how_to_install("dev"))
    import grimp

    graph = grimp.build_graph(*_ROOTS, exclude_type_checking_imports=True)
    packages = {child for root in _ROOTS for child in graph.find_children(root) if graph.find_children(child)} | {
        _BUILD
    }
    imports: dict[str, set[str]] = defaultdict(set)
    for module in graph.modules - set(_ROOTS):
        package = _name_package(module, packages)
        found = {_name_package(other, packages) for other in graph.find_modules_directly_imported_by(module)}
        imports[package] |= found - {package, _CORE, _DOOR[1] if module == _DOOR[0] else ""}
    imports.pop(_CORE)
    return imports


def drop_implied(imports: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return an acyclic graph without the edges that follow from others (its transitive reduction)."""

    def reach(package: str) -> set[str]:
        direct = imports.get(package, set())
        return direct.union(*(reach(other) for other in direct))

    return {
        package: {one for one in direct if not any(one in reach(other) for other in direct - {one})}
        for package, direct in imports.items()
    }


def draw_imports(_dataset: Path) -> str:
    """Return the imports between packages as a Mermaid flowchart; each of the two root packages is a box."""
    imports = read_imports()
    lines = ["```mermaid", "flowchart TD"]
    for root in _ROOTS:
        own = sorted(package for package in imports if package.split(".")[0] == root)
        named = ((package, _LABELS.get(package, package.split(".")[1])) for package in own)
        lines += [f"  subgraph {root}", *(f'    {package}["{label}"]' for package, label in named), "  end"]
    kept = drop_implied(imports)
    lines += [f"  {package} --> {other}" for package in sorted(kept) for other in sorted(kept[package])]
    return "\n".join([*lines, f"  {_DOOR[0]} -. lazily .-> {_DOOR[1]}", "```"])


SECTIONS: dict[str, Callable[[Path], Any]] = {"import-graph": draw_imports}
