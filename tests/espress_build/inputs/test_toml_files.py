"""Records of TOML and JSON become dataclasses, or every fault is listed."""

from __future__ import annotations

from dataclasses import dataclass

from espress_build.inputs.toml_files import structure


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
