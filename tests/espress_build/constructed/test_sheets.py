"""Fact sheets expand to articles; each kind of bad input is named with sheet, part and unit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from espress.errors import InputError
from espress_build.constructed.sheets import (
    Devices,
    Head,
    Sheet,
    Terms,
    Unit,
    expand,
    name_all,
    read_sheets,
    read_terms,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def terms(project: Path) -> Terms:
    return read_terms(project / "schema" / "constructed.toml")


def write(folder: Path, old: str = "", new: str = "", name: str = "s001") -> list[Path]:
    """Write a small invented sheet with one piece of it replaced."""
    words = iter(f"word{number}{name}" for number in range(9999))
    sentences = {
        part: [" ".join(next(words) for _ in range(18)) + "." for _ in range(9)]
        for part in ("wire", "feature", "control")
    }
    lines = [
        f'id = "{name}"', 'event_type = "arrest"', 'accused = "CN"', 'other = "DK"',
        'charger = "the {other_adj} port authority"', 'charger_short = "the authority"',
        'denier = "the union"', 'denier_short = "the union"', 'facts = ["A fact."]', 'quotations = ["it is so"]',
        "[devices.wire]", 'favor = ["factive_verb"]', 'against = ["presupposition"]',
        "[devices.feature]", 'favor = ["factive_verb"]', 'against = ["presupposition"]',
    ]  # fmt: skip
    for part, units in sentences.items():
        for number, sentence in enumerate(units):
            lines += [f"[[{part}]]", 'role = "title"' if number == 0 else 'role = "body"']
            if number == 0 and part == "control":
                lines.append('side = "charger"')
            if number == 1 and part != "control":
                lines += [f'favor = "Favor {sentence}"', f'against = "Against {sentence}"']
            if number == 2 and part != "control":
                lines += [f'neither = "{{Charger_short}}: “it is so”; {{a_accused_adj}} {sentence}"']
            else:
                lines.append(f'neither = "{sentence}"')
    text = "\n".join(lines)
    assert old in text, text
    file = folder / f"{name}.toml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return [file]


def test_expansion(tmp_path: Path, terms: Terms) -> None:
    (sheet,) = read_sheets(write(tmp_path), terms)
    made = {article.article_id: article for article in expand(sheet, terms.states)}
    assert len(made) == 21
    assert made["s001/wire/favor"].units[1].startswith("Favor")
    assert made["s001/wire/favor"].devices == ("factive_verb",)
    assert made["s001/wire/neither"].units[2].startswith("The authority: “it is so”; a Chinese")
    swapped = made["s001/wire/neither/states"]
    assert (swapped.state_accused, swapped.state_accusing, swapped.swap_of) == ("DK", "CN", "s001/wire/neither")
    assert "; a Danish" in swapped.units[2]
    assert made["s001/wire/neither/polarity"].units[2].startswith("The union: ")
    assert (made["s001/control"].side, made["s001/control/polarity"].side) == ("charger", "denier")


BAD = {
    "id": ('id = "s001"', 'id = "s002"', "s001.toml: the id must be the name of the file"),
    "event type": ('"arrest"', '"arrests"', "event_type 'arrests' is not one of"),
    "state": ('"DK"', '"XX"', r"states \['XX'\] are not among"),
    "no China": ('"CN"', '"NL"', "must be CN and another state"),
    "missing key": ('denier = "the union"', "", r"s001.toml lacks \['denier'\]"),
    "unknown key": ("facts =", "fact = 1\nfacts =", r"s001.toml has unknown keys \['fact'\]"),
    "unknown device": ('["factive_verb"]', '["verb"]', r"devices.wire.favor: \['verb'\] must be one or two of"),
    "no devices": ('["factive_verb"]', "[]", r"devices.wire.favor: \[\] must be one or two of"),
    "no register": ("[devices.feature]", "[devices.other]", "devices.feature must be a table"),
    "role": ('role = "body"', 'role = "lead"', "wire, unit 2: the first unit has the role title, all others body"),
    "side": ('side = "charger"', 'side = "both"', "control, unit 1: side must be one of"),
    "placeholder": ("word40s001", "{accuser}", r"wire, unit 3: unknown placeholders \['accuser'\]"),
    "brace": ("word40s001", "{accused", "wire, unit 3: unknown placeholders"),
    "placeholder of a body": ("{other_adj} port", "{other_noun} port", "charger or denier: 'other_noun'"),
    "name of a state": ("word40s001", "Danish", r"wire, unit 3: \['Danish'\] must be placeholders"),
    "article": ("word40s001", "a {accused_adj} an {other_adj}", "wire/neither: 'an Danish' in"),
    "quotation": ("“it is so”", "“it is not so”", "wire, neither: lacks the quotation 'it is so'"),
    "same version": ("Favor word18s001", "word18s001", "wire, favor: differs in 0 units"),
    "words": ("word40s001", "and so on " * 30, r"wire/neither: \d+ words, not 145 to 225"),
    "unit of a wrong type": ('neither = "word0s001', 'neither = 3\n# "', "wire, unit 1: neither is 3, not a string"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(tmp_path: Path, terms: Terms, name: str) -> None:
    old, new, message = BAD[name]
    with pytest.raises(InputError) as raised:
        read_sheets(write(tmp_path, old, new), terms)
    assert any(re.search(message, problem) for problem in raised.value.problems), raised.value.problems


def test_too_few_units(tmp_path: Path, terms: Terms) -> None:
    (file,) = write(tmp_path)
    file.write_text(file.read_text("utf-8").partition("[[control]]")[0], encoding="utf-8")
    with pytest.raises(InputError, match=r"s001.toml: control: must be a list of units"):
        read_sheets([file], terms)


def test_shared_words(tmp_path: Path, terms: Terms) -> None:
    run = "the man in the grey coat"
    files = [*write(tmp_path, "word40s001", run), *write(tmp_path, "word60s002", run, name="s002")]
    with pytest.raises(InputError, match=r"^s002: shares the words 'the man in the grey coat' with s001: reword"):
        read_sheets(files, terms)
    with pytest.raises(InputError, match=r"s001: the words .* are from an article of the corpus"):
        read_sheets(files[:1], terms, ["It was the man in the grey coat."])


STATES = st.sampled_from([("CN", "DK"), ("IN", "CN"), ("CN", "US"), ("BR", "CN")])
TEMPLATES = st.lists(
    st.sampled_from(["{accused}", "{Other_adj}", "{A_other_adj}", "{charger}", "{Denier_short}", "x"]), min_size=1
).map(" ".join)


@given(STATES, TEMPLATES)
def test_exchanging_twice_gives_the_article_back(terms: Terms, codes: tuple[str, str], template: str) -> None:
    def make(accused: str, other: str, charger: str, denier: str) -> dict[str, tuple[str, ...]]:
        head = Head("s001", "arrest", accused, other, charger, charger, denier, denier, (), ())
        units = [Unit("title", template, favor=template + "!", side="charger")]
        parts = {"wire": units, "feature": units, "control": units}
        devices = dict.fromkeys(("wire", "feature"), Devices(("factive_verb",), ("presupposition",)))
        made = expand(Sheet(head, devices, parts), terms.states)
        return {article.article_id: article.units for article in made}

    plain = make(*codes, "the port", "the union")
    states, sides = make(*codes[::-1], "the port", "the union"), make(*codes, "the union", "the port")
    for part in ("wire/neither", "wire/favor", "feature/against", "control"):
        assert plain[f"s001/{part}/states"] == states[f"s001/{part}"]
        assert states[f"s001/{part}/states"] == plain[f"s001/{part}"]
        assert plain[f"s001/{part}/polarity"] == sides[f"s001/{part}"]


def test_placeholders_of_a_sheet(terms: Terms) -> None:
    head = Head("s001", "arrest", "CN", "US", "the {other_adj} port", "the port", "the union", "the union", (), ())
    names = name_all(head, terms.states, "states")
    assert (names["Charger"], names["a_accused_adj"], names["A_other_adj"]) == (
        "The Chinese port", "an American", "A Chinese"
    )  # fmt: skip
