"""Keep measurements in results/speed.json with the machine and the hashes of the scripts."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

from benchmarks.files import RESULTS, read_result, write_result

HERE = Path(__file__).parent
LIBRARIES = ("datasets", "langdetect", "numpy", "pandas", "py3langid", "pyarrow", "rensa", "sentencex")


def _processor() -> str:
    cpus = Path("/proc/cpuinfo")
    lines = cpus.read_text(encoding="utf-8").splitlines() if cpus.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def machine() -> dict[str, Any]:
    """Return the processor, its cores, memory, system, Python and the versions of the measured libraries."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(pages / 2**30),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
    }


def scripts() -> dict[str, str]:
    """Return the SHA-256 of every timed script, and of the scripts that generate the articles."""
    paths = [*HERE.glob("plain_*.py"), *HERE.glob("ours_*.py")]
    paths += [HERE / name for name in ("generate_articles.py", "article_pages.py", "stories.py", "phrases.toml")]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(paths)}


def read() -> dict[str, Any]:
    """Return the stored results; empty if there are none."""
    held: dict[str, Any] = read_result("speed") if (RESULTS / "speed.json").is_file() else {}
    return held


def keep(part: str, measured: dict[str, Any], note: str | None) -> dict[str, Any]:
    """Store the results of a part and return all results; those of another machine or script are dropped.

    Results of the part `memory` are added to the stored ones of other sizes.
    """
    held, now = read(), {"machine": machine(), "scripts": scripts()}
    if {key: held.get(key) for key in now} != now:
        held = now
    parts = held.setdefault("parts", {})
    if part == "memory" and part in parts:
        sizes = parts[part]["sizes"] | measured["sizes"]
        measured = measured | {"sizes": dict(sorted(sizes.items(), key=lambda item: int(item[0])))}
    parts[part] = measured | ({"note": note} if note else {})
    write_result("speed", held)
    return held
