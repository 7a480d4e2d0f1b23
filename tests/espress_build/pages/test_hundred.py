"""A folder of a hundred mixed files: what can be drafted is drafted, the rest is explained, nothing else is touched."""

from __future__ import annotations

import gzip
import hashlib
import shutil
from typing import TYPE_CHECKING

import pytest
from tests.espress_build.pages.archives import mhtml, record, response
from tests.espress_build.pages.test_propose_pages import PAGE, TEXT

from espress_build.cli.main import main
from espress_build.inputs.record import parse_record
from espress_build.pipeline.ingest import article_folders

if TYPE_CHECKING:
    from pathlib import Path

_BROKEN = {
    "pdf": b"%PDF-1.7 named as a page",
    "archive": b"PK\x03\x04rest",
    "empty": b"",
    "image": b"\x89PNG\r\n\x1a\nrest",
    "no_article": b"<div>" * 10_000 + b"x",
    "not_utf8": "Policie zadržela inženýra, který podle ní předával tajné údaje cizí službě.\n".encode("cp1250") * 3,
}


def _of(engineer: str, content: bytes = PAGE) -> bytes:
    """Return a page with a headline and a text of its own."""
    text = content.replace(b"an engineer on Monday", b"engineer %s on Monday" % engineer.encode())
    return text.replace(b"arrest engineer", b"arrest engineer %s" % engineer.encode())


def _sound(number: int) -> dict[str, bytes]:
    """Return a page in each of four wrappings, each another article."""
    url = f"https://herald.example/{number}"
    packed = response(_of(f"W{number}"), url=f"{url}/warc")
    return {
        f"html/{number:02}.html": _of(f"H{number}"),
        f"mhtml/{number:02}.mhtml": mhtml(_of(f"M{number}"), location=f"{url}/mhtml"),
        f"text/{number:02}.txt": _of(f"T{number}", TEXT),
        f"warc/{number:02}.warc.gz": gzip.compress(packed, mtime=0),
    }


def _fill(folder: Path) -> int:
    """Write a hundred files; returns how many of them can be drafted."""
    inputs: dict[str, bytes] = {}
    for number in range(20):
        inputs |= _sound(number)
    sound = len(inputs)
    for number in range(3):
        inputs |= {f"broken/{reason}-{number}.{'txt' if reason == 'not_utf8' else 'html'}": content
                   for reason, content in _BROKEN.items()}  # fmt: skip
    again = response(_of("H0").replace(b"All rights", b"No rights"), url="https://herald.example/again")
    inputs["warc/z-broken.warc"] = record("revisit", b"HTTP/1.1 200 OK\r\n\r\n") + again + response(length=99_999)
    inputs["copy of 00.html"] = inputs["html/00.html"]
    assert len(inputs) == 100
    for name, content in inputs.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return sound


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def copy(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project of its own to add to."""
    home = tmp_path_factory.mktemp("project")
    for name in ("raw", "schema"):
        shutil.copytree(project / name, home / name)
    return home


def test_a_folder_of_a_hundred_mixed_files(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = _fill(tmp_path)
    before, given = _digests(copy), _digests(tmp_path)
    known = {path.name for path in article_folders(copy / "raw")}
    records = [
        parse_record((copy / "raw" / "articles" / name / "record.toml").read_text())[0] for name in sorted(known)
    ]
    assert records[0] is not None
    outlet, (event, *_) = records[0].value("outlet_id"), records[0].value("event_ids")
    arguments = ["--project", str(copy), "add", str(tmp_path), "--outlet", outlet, "--event", event]

    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert main(arguments) == 2
    assert "--yes" in capsys.readouterr().err
    assert _digests(copy) == before

    assert main([*arguments, "--yes"]) == 1, "some were refused"
    said = capsys.readouterr().out
    assert said.rstrip().splitlines()[-1].startswith(f"{sound} drafted, 1 likely copy, 19 refused, 1 there already")
    for reason in (*_BROKEN, "broken_record"):
        assert f"{reason}: " in said
    assert _digests(tmp_path) == given
    after = _digests(copy)
    assert {name: after[name] for name in before} == before
    new = [path for path in article_folders(copy / "raw") if path.name not in known]
    assert len(new) == sound
    assert {path.split("/")[0] for path in after.keys() - before.keys()} == {"raw"}
    for folder in new:
        found, problems = parse_record((folder / "record.toml").read_text(encoding="utf-8"))
        assert found is not None
        assert problems == []

    assert main([*arguments, "--yes"]) == 1
    assert (
        capsys.readouterr()
        .out.rstrip()
        .splitlines()[-1]
        .startswith(f"1 likely copy, 19 refused, {sound + 1} there already")
    )
    assert _digests(copy) == after
