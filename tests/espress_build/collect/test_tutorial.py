"""The code of docs/user/collect.md runs as it stands, on a WARC file made from the fixture pages."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.espress_build.pages.archives import response

from espress_build.collect.topic import read_topic

if TYPE_CHECKING:
    import pytest

DOCUMENT = Path("docs/user/collect.md")
PAGES = sorted(Path("tests/fixtures/pages").glob("*.html"))


def test_tutorial_runs(tmp_path: Path) -> None:
    found = re.search(r"<!-- tutorial -->\n```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    assert len(found[1].strip().splitlines()) <= 10
    records = [
        response(path.read_bytes(), url=f"https://{path.stem}.example/{number}") for number, path in enumerate(PAGES)
    ]
    (tmp_path / "pages.warc.gz").write_bytes(b"".join(map(gzip.compress, records)))
    (tmp_path / "tutorial.py").write_text(found[1], encoding="utf-8")
    environment = os.environ | {"MPLBACKEND": "agg"}
    done = subprocess.run(
        [sys.executable, "tutorial.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"articles of {len(PAGES)} pages" in done.stdout
    assert (tmp_path / "languages.png").stat().st_size > 1000


def test_topic_file_of_the_document_is_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = re.search(r"```toml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    (tmp_path / "mine.toml").write_text(found[1], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert [rule.language for rule in read_topic("mine.toml").rules] == ["en"]
