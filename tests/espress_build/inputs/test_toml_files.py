"""Records of TOML and JSON become dataclasses, or every fault is listed; hostile files are faults, not crashes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from espress.data.hydrated import CONTENTS, read_contents
from espress.data.releases import read_errata, read_releases
from espress.errors import DamagedDataError, InputError, SchemaError
from espress.schema import read_table
from espress_build.checks.dataset_files import edition_of
from espress_build.hydrate.links import read_answers
from espress_build.hydrate.output_folder import Folder
from espress_build.inputs.judgements import read_csv
from espress_build.inputs.params import read_params
from espress_build.inputs.record import parse_record
from espress_build.inputs.toml_files import read_csv_rows, read_toml, structure

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """A record with a check of its own."""

    name: str
    number: int = 0
    parts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.number < 0:
            raise ValueError(f"{self.number} is below 0")


def test_a_record_becomes_a_dataclass_or_a_list_of_faults() -> None:
    assert structure(Entry, {"name": "a", "number": 3}, "it") == (Entry("a", 3), [])
    assert structure(Entry, {"name": "a", "parts": ["b"]}, "it") == (Entry("a", parts=("b",)), [])
    assert structure(Entry, {"name": "a", "parts": "bc"}, "it") == (None, ["it: parts is 'bc', not a list of strings"])
    assert structure(Entry, None, "it") == (None, ["it must be a table"])
    assert structure(Entry, {"number": "3", "size": 1}, "it")[1] == [
        "it lacks ['name']",
        "it: number is '3', not a whole number",
        "it has unknown keys ['size']; known: ['name', 'number', 'parts']",
    ]


def test_a_check_of_the_dataclass_itself_is_a_fault_like_others() -> None:
    assert structure(Entry, {"name": "a", "number": -1}, "it") == (None, ["it: -1 is below 0"])


BOMBS = {"digits": "9" * 5000, "brackets": "[" * 200_000, "pairs": "[" * 200_000 + "]" * 200_000}
SAYS = {"digits": "a number has more than 4,300 digits", "brackets": "nested too deeply", "pairs": "nested too deeply"}
TOML: list[Callable[[Path], object]] = [read_toml, read_params, read_table, read_errata]
JSON: dict[str, Callable[[Path], object]] = {
    "releases.json": read_releases,
    CONTENTS: lambda path: read_contents(path.parent),
    "state.jsonl": lambda path: Folder(path.parent).read_history(),
    "links.log.jsonl": read_answers,
}


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("read", TOML)
def test_a_bomb_of_toml_is_an_error_that_names_the_file(
    read: Callable[[Path], object], bomb: str, tmp_path: Path
) -> None:
    path = tmp_path / "file.toml"
    path.write_text(f"it = {BOMBS[bomb]}\n", encoding="utf-8")
    with pytest.raises((InputError, SchemaError, DamagedDataError), match=SAYS[bomb]) as caught:
        read(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("name", JSON)
def test_a_bomb_of_json_is_an_error_that_names_the_file(name: str, bomb: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(f'{{"it": {BOMBS[bomb]}}}\n', encoding="utf-8")
    with pytest.raises((InputError, DamagedDataError), match=SAYS[bomb]) as caught:
        JSON[name](path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_in_a_record_or_a_package_is_a_fault(bomb: str, tmp_path: Path) -> None:
    found, problems = parse_record(f"it = {BOMBS[bomb]}\n")
    assert found is None
    assert SAYS[bomb] in problems[0]
    (tmp_path / "datapackage.json").write_text(f'{{"edition": {BOMBS[bomb]}}}', encoding="utf-8")
    assert edition_of(tmp_path) == "full"


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"a,b\n\xff,1\n", "UTF-8"), (b"a,b\n" + b"x" * 200_000 + b",1\n", "field larger than field limit")],
)
def test_a_csv_file_that_cannot_be_read_is_a_fault(content: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=says) as caught:
        read_csv_rows(path)
    assert str(path) in str(caught.value)
    assert says in read_csv(path)[1][0]
