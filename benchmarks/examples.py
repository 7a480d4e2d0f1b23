"""Run the README's Python blocks one behind the other and keep what they print, for the page to show."""

from __future__ import annotations

import contextlib
import io
import json
import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"```python name=(?P<name>\w+)\n(?P<code>.*?)```", re.DOTALL)


def printed(page: str) -> dict[str, str]:
    """Return what each named Python block of a page prints, run in order in one namespace."""
    namespace: dict[str, object] = {}
    found = {}
    for block in BLOCK.finditer(page):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(block["code"], f"README.md: {block['name']}", "exec"), namespace)  # noqa: S102 - our own page
        found[block["name"]] = out.getvalue()
    return found


if __name__ == "__main__":
    found = printed((PROJECT / "README.md").read_text(encoding="utf-8"))
    (PROJECT / "benchmarks" / "examples.json").write_text(
        json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
