"""The list of the stages of the build, for `build/README.md` and the page on the design."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress_build.pipeline.stages import STAGES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def list_stages(_dataset: Path) -> str:
    """Return a numbered list of the stages, with what each of them does."""
    passes: dict[str, list[str]] = {}
    for stage in STAGES:
        passes.setdefault(stage.name, []).append(stage.does)
    return "\n".join(f"{n}. `{name}` {', and '.join(does)}." for n, (name, does) in enumerate(passes.items(), 1))


SECTIONS: dict[str, Callable[[Path], str]] = {"stages": list_stages}
