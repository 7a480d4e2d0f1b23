"""Reading the list of releases: what is written is read back, and what cannot be is refused with the place named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from espress.data.releases import (
    Archive,
    Edition,
    File,
    Release,
    Withdrawn,
    format_releases,
    known_releases,
    parse_number,
    read_errata,
    read_releases,
    trust_hash,
)
from espress.errors import DamagedDataError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HASHES = st.binary(min_size=32, max_size=32).map(bytes.hex)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
NUMBERS = st.integers(0, 99)
PATHS = st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8}\.parquet)?", fullmatch=True)


@st.composite
def editions(draw: st.DrawFn) -> Edition:
    root = draw(HASHES)
    paths = draw(st.lists(PATHS, unique=True, max_size=3))
    files = (File("SHA256SUMS", 1, root), *(File(path, draw(NUMBERS), draw(HASHES)) for path in paths))
    return Edition(root, Archive(draw(PATHS).replace("/", "-"), draw(NUMBERS), draw(HASHES)), files)


@st.composite
def releases(draw: st.DrawFn) -> Release:
    return Release(
        ".".join(str(draw(NUMBERS)) for _ in range(3)),
        "2026-11-21",
        draw(st.none() | TEXTS),
        draw(st.sampled_from(["published", "withdrawn"])),
        tuple(Withdrawn(draw(TEXTS), "2026-11-22", draw(TEXTS)) for _ in range(draw(st.integers(0, 2)))),
        draw(TEXTS),
        draw(st.dictionaries(st.sampled_from(["full", "open"]), editions(), min_size=1)),
    )


@settings(max_examples=40)
@given(st.lists(releases(), max_size=4))
def test_written_releases_are_read_back_in_the_order_of_their_numbers(
    tmp_path_factory: pytest.TempPathFactory, made: list[Release]
) -> None:
    path = tmp_path_factory.mktemp("x") / "releases.json"
    said = {release.version: release for release in made}
    path.write_text(format_releases(said), encoding="utf-8", newline="\n")
    read = read_releases(path)
    assert read == said
    assert list(read) == sorted(read, key=parse_number)
    assert format_releases(read) == path.read_text(encoding="utf-8")


ONE = Release(
    "0.1.0",
    "2026-11-21",
    None,
    "published",
    (),
    "1.0.0",
    {"full": Edition("a" * 64, Archive("x.tar.gz", 1, "b" * 64), (File("SHA256SUMS", 1, "a" * 64),))},
)


def _full(raw: Any) -> Any:
    return raw["releases"]["0.1.0"]["editions"]["full"]


def _set(*keys: Any, value: Any) -> Callable[[Any], None]:
    def change(raw: Any) -> None:
        for key in keys[:-1]:
            raw = raw[key]
        raw[keys[-1]] = value

    return change


_ENTRY = ("releases", "0.1.0")
_FILE = (*_ENTRY, "editions", "full", "files", 0)
_LIES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "format": (_set("format", value=2), "format 2 is not 1"),
    "no releases": (lambda raw: raw.pop("releases"), "at the top: holds"),
    "unknown key": (_set(*_ENTRY, "note", value=""), "0.1.0: holds"),
    "number": (lambda raw: raw["releases"].update({"0.1": raw["releases"].pop("0.1.0")}), "0.1: version"),
    "leading zero": (lambda raw: raw["releases"].update({"0.01.0": raw["releases"].pop("0.1.0")}), "0.01.0: version"),
    "status": (_set(*_ENTRY, "status", value="fine"), "status 'fine'"),
    "date": (_set(*_ENTRY, "date", value="yesterday"), "0.1.0.date: 'yesterday'"),
    "edition": (lambda raw: raw["releases"]["0.1.0"]["editions"].update(x=_full(raw)), "must be one or more of"),
    "no edition": (_set(*_ENTRY, "editions", value={}), "must be one or more of"),
    "hash": (_set(*_FILE, "sha256", value="A" * 64), r"full.files\[0\].sha256"),
    "size": (_set(*_FILE, "size", value=-1), "-1 is not a number of bytes"),
    "size as truth": (_set(*_FILE, "size", value=True), "True is not a number of bytes"),
    "climbing": (_set(*_FILE, "path", value="../SHA256SUMS"), "not a plain path"),
    "absolute": (_set(*_FILE, "path", value="/etc/passwd"), "not a plain path"),
    "backslash": (_set(*_FILE, "path", value="a\\b"), "not a plain path"),
    "drive": (_set(*_FILE, "path", value="C:x"), "not a plain path"),
    "dot": (_set(*_FILE, "path", value="./a"), "not a plain path"),
    "root": (_set(*_ENTRY, "editions", "full", "root", value="c" * 64), "is not the hash listed for SHA256SUMS"),
    "twice": (lambda raw: _full(raw)["files"].append(_full(raw)["files"][0]), "names a file twice"),
    "archive in a folder": (_set(*_ENTRY, "editions", "full", "archive", "name", value="a/b"), "archive in a folder"),
    "files": (_set(*_ENTRY, "editions", "full", "files", value=None), "is not a list"),
    "withdrawn": (_set(*_ENTRY, "withdrawn", value=[{"article_id": "x"}]), "0.1.0.withdrawn"),
}


def _write_lie(change: Callable[[Any], Any]) -> str:
    raw = json.loads(format_releases({"0.1.0": ONE}))
    change(raw)
    return json.dumps(raw)


_FILES = [
    *((_write_lie(change), match) for change, match in _LIES.values()),
    *((text, "releases.json") for text in ("", "[]", "nonsense", "\udcff", "[" * 100_000)),
    ('{"format": 1, "format": 1, "releases": {}}', "releases.json"),
]


@pytest.mark.parametrize(("text", "match"), _FILES, ids=lambda part: part[:40])
def test_a_wrong_list_of_releases_is_refused_with_the_place_named(tmp_path: Path, text: str, match: str) -> None:
    path = tmp_path / "releases.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(DamagedDataError, match=match) as caught:
        read_releases(path)
    assert str(path) in str(caught.value)
    assert "git checkout" in str(caught.value)


def test_without_a_list_of_releases_none_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("espress.paths._PACKAGE", tmp_path)
    monkeypatch.setattr("espress.paths._REPOSITORY", tmp_path)
    assert known_releases() == {}
    assert trust_hash() is None


@pytest.mark.parametrize("version", ["", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-dev", "1.2.3\n", "١.2.3"])
def test_a_number_is_three_numbers(version: str) -> None:
    with pytest.raises(UnknownNameError, match=r"three numbers"):
        parse_number(version)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("[[erratum]]\nversions = ['0.1.0']", "erratum 1: holds"),
        ("[[erratum", "as TOML"),
        (
            "[[erratum]]\nversions='0.1.0'\ntables=[]\nwhat='x'\nwhat_to_do='y'\ndate=2026-01-01",
            r"erratum 1.versions: is not a list",
        ),
        ("[[erratum]]\nversions=[]\ntables=[]\nwhat=''\nwhat_to_do='y'\ndate=2026-01-01", r"erratum 1.what"),
        ("[[erratum]]\nversions=[]\ntables=[]\nwhat='x'\nwhat_to_do='y'\ndate='soon'", r"erratum 1.date"),
    ],
)
def test_errata_that_cannot_be_read_name_the_entry(tmp_path: Path, text: str, match: str) -> None:
    path = tmp_path / "errata.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DamagedDataError, match=match):
        read_errata(path)
