"""Bundle the scripts that use libraries from npm with esbuild."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from espress.errors import EspressError

if TYPE_CHECKING:
    from pathlib import Path

_HOW = "Install Node 20 or newer with npm, and type `make site`."


def _missing(assets: Path, npm: Path | None) -> str | None:
    if npm is None or not (npm / "node_modules").is_dir():
        return f"The libraries from npm are not installed. {_HOW}"
    lock = npm / "package-lock.json"
    if not lock.is_file() or lock.read_bytes() != (assets / "package-lock.json").read_bytes():
        return f"{npm} holds other libraries from npm than package-lock.json names. {_HOW}"
    return None


def bundle_scripts(assets: Path, npm: Path | None, target: Path) -> str | None:
    """Write one classic script NAME.js for each ES module NAME.mjs of a folder, with the libraries that it imports.

    Browsers load no ES modules from a disk (`file://`), so each bundle is one plain script.

    Args:
        assets: the folder with the modules and package-lock.json.
        npm: the folder in which `npm ci` installed the libraries of that package-lock.json, or None.
        target: an existing folder.

    Returns:
        Why nothing was written, or None.

    Raises:
        EspressError: esbuild failed.
    """
    modules = sorted(assets.glob("*.mjs"))
    if (reason := _missing(assets, npm)) or npm is None:
        return reason
    if not modules:
        return None
    esbuild = npm / "node_modules" / ".bin" / "esbuild"
    command = [str(esbuild), *map(str, modules), "--bundle", "--minify", "--format=iife"]
    options = ["--target=es2020", "--charset=utf8", "--legal-comments=none", "--log-level=warning"]
    done = subprocess.run(  # noqa: S603  our own command
        [*command, *options, f"--outdir={target}"],
        env=os.environ | {"NODE_PATH": str(npm / "node_modules")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise EspressError(f"esbuild could not bundle the site's scripts:\n{done.stderr.strip()}")
    return None
