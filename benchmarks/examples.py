"""Run the README's Python blocks in order and keep their output, which the page shows."""

from __future__ import annotations

import contextlib
import io
import re

from benchmarks.files import ROOT, write_result

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
    found = printed((ROOT / "README.md").read_text(encoding="utf-8"))
    write_result("examples", found)
