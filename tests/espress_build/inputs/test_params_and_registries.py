"""Parameters and registries: what is unknown, missing or of the wrong kind stops the build with file and entry."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import pytest
from tests.espress_build.pipeline.helpers import EVENTS, PARAMS, real_registries, write_registries

from espress.errors import InputError
from espress_build.inputs.params import PARAMS_FILE, read_params
from espress_build.inputs.registries import NAMES, read_registries

if TYPE_CHECKING:
    from pathlib import Path


SOUND = PARAMS_FILE.read_text(encoding="utf-8")


def test_the_real_parameters_are_read_and_cannot_be_changed() -> None:
    assert PARAMS.link.permutations % PARAMS.link.bands == 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        PARAMS.link.bands = 3  # type: ignore[misc]


def test_each_parameter_has_its_reason_beside_it() -> None:
    for line in SOUND.splitlines():
        if "=" in line:
            assert re.search(r"# \w.{10,}", line), line


WRONG_TYPES = ['seed = "0"', "seed = 0.5", "seed = true", "compression = 3", 'near_threshold = "high"', "bands = [16]"]
PARAMS_FAULTS = [
    *(
        (rf"\[{name}\]", f"[{name}]\ncolour = 3", f"[{name}] has unknown keys ['colour']")
        for name in ("extract", "language", "link", "package")
    ),
    *((rf"(?m)^{key} =.*$", "", f"lacks ['{key}']") for key in re.findall(r"(?m)^(\w+) =", SOUND)),
    *((rf"(?m)^{line.split()[0]} = \S+", line, line.split()[0]) for line in WRONG_TYPES),
    (r"\Z", "\n[publish]\nx = 1\n", "the file has unknown keys ['publish']"),
    (r"\A", "seed = 1\n", "the file has unknown keys ['seed']"),
    (r"(?s)\[link\].*?(?=\n\[)", "", "the file lacks ['link']"),
    (r"(?s)\A(.*)\[split\].*?(?=\n\[)", r"split = 3\n\1", "[split] must be a table"),
    (r"(?s)seed = 0(.*)bands =", r'seed = ""\1bnds =', "seed is '', not a whole number"),
    (r"(?s)seed = 0(.*)bands =", r'seed = ""\1bnds =', "[link] lacks ['bands']"),  # both are named
    *((r"(?s).*", text, "") for text in ("[extract", "\x00", "a = \n")),  # is not TOML
]


@pytest.mark.parametrize(("pattern", "put", "says"), PARAMS_FAULTS)
def test_a_fault_of_the_parameters_is_named_with_file_and_place(
    pattern: str, put: str, says: str, tmp_path: Path
) -> None:
    path = tmp_path / "params.toml"
    text, times = re.subn(pattern, put, SOUND, count=0 if pattern.startswith("(?m)") else 1)
    assert times
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_params(path)
    assert str(path) in str(error.value)
    assert says in str(error.value)


def test_a_whole_number_may_stand_for_a_share(tmp_path: Path) -> None:
    path = tmp_path / "params.toml"
    path.write_text(SOUND.replace("near_threshold = 0.7", "near_threshold = 1"), encoding="utf-8")
    assert read_params(path).link.near_threshold == 1


def test_no_environment_variable_changes_a_parameter(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SEED", "ESPRESS_SEED", "LANGUAGE", "ESPRESS_PARAMS", "WORKERS"):
        monkeypatch.setenv(name, "7")
    assert read_params() == PARAMS


SECOND_COUNTRY = '[[herald.fact]]\nfield = "country"\nvalue = "AU"\nbasis = "text"\nconfidence = "low"\nnote = "n"\n'
REGISTRY_FAULTS = [
    ("outlets", 'outlet_kind = "outlet"', 'outlet_kind = "outlet"\ncolour = "red"', "[herald]", "colour"),
    ("outlets", "aliases = []\n", "", "[tribune]", "aliases"),
    ("outlets", 'name = "The Herald"\n', "", "[herald]", "name"),
    ("outlets", 'field = "country"', 'field = "county"', "[herald]", "there is no outlet fact 'county'"),
    ("outlets", 'value = "NZ"\n', "", "[herald]", "fact country lacks ['value']"),
    ("outlets", 'source = "https://herald.example/about"\n', "", "[herald]", "needs a source, or a note"),
    ("outlets", 'value = "NZ"', 'value = "NZ"\nsorce = "x"', "[herald]", "sorce"),
    ("outlets", 'value = "NZ"', "value = 3", "[herald]", "country"),
    ("outlets", 'confidence = "high"', "confidence = 2019-01-01", "[herald]", "country"),
    ("outlets", 'basis = "look-up"', 'basis = "look-up"\nsource_date = 2019-01-01', "[herald]", "source_date"),
    ("outlets", "[tribune]", f"{SECOND_COUNTRY}[tribune]", "[herald]", "fact country is stated twice"),
    ("outlets", "[herald]\n", "lone = 3\n[herald]\n", "[lone]", "table"),
    ("outlets", 'aliases = ["Herald"]', 'aliases = "Herald"', "[herald]", "aliases"),
    ("events", 'event_kind = "event"\n', "", "[case-2020]", "event_kind"),
    ("events", 'event_kind = "event"', 'event_kind = "event"\nkidn = "event"', "[case-2020]", "kidn"),
    ("events", 'event_kind = "event"', 'event_kind = "event"\ndate = "2020-01-01"', "[case-2020]", "date"),
    ("events", 'outcome = "alleged"', "outcome = true", "[case-2020]", "outcome"),
]  # fmt: skip


@pytest.mark.parametrize("fault", REGISTRY_FAULTS, ids=[f"{fault[0]}-{fault[-1]}" for fault in REGISTRY_FAULTS])
def test_an_entry_with_a_fault_is_named(fault: tuple[str, str, str, str, str], tmp_path: Path) -> None:
    name, old, new, entry, says = fault
    path = write_registries(tmp_path) / f"{name}.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_registries(tmp_path)
    assert all(str(path) in problem for problem in error.value.problems)
    assert any(entry in problem and says in problem for problem in error.value.problems)


@pytest.mark.parametrize("text", ["[a\n", None], ids=["not TOML", "missing"])
@pytest.mark.parametrize("name", NAMES)
def test_a_registry_that_cannot_be_read_is_named(name: str, text: str | None, tmp_path: Path) -> None:
    path = write_registries(tmp_path) / f"{name}.toml"
    path.unlink()
    if text:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=f"{name}.toml"):
        read_registries(tmp_path)


def test_all_faults_of_all_registries_are_listed_at_once(tmp_path: Path) -> None:
    write_registries(tmp_path)
    for name, line in (("outlets", 'name = "Tribune"\n'), ("events", 'basis = "text"\n')):
        path = tmp_path / f"{name}.toml"
        path.write_text(path.read_text(encoding="utf-8").replace(line, ""), encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_registries(tmp_path)
    assert len(error.value.problems) == 1 + len(EVENTS)


def test_facts_of_an_outlet_become_columns_and_what_has_none_is_null(tmp_path: Path) -> None:
    rows = read_registries(write_registries(tmp_path)).tables["outlets"].to_pylist()
    assert [row["outlet_id"] for row in rows] == ["herald", "mirror-site", "tribune", "wire"]
    assert (rows[0]["country"], rows[0]["owner"], rows[0]["official_acts"]) == ("NZ", None, [])
    assert rows[2]["facts"] == []


def test_the_order_of_entries_in_the_file_does_not_matter(tmp_path: Path) -> None:
    first = read_registries(write_registries(tmp_path))
    path = tmp_path / "events.toml"
    entries = path.read_text(encoding="utf-8").strip().split("\n\n")
    path.write_text("\n\n".join(reversed(entries)), encoding="utf-8")
    assert read_registries(tmp_path).tables["events"].equals(first.tables["events"])


def test_the_real_registries_are_read() -> None:
    assert all(real_registries().tables[name].num_rows > 0 for name in NAMES)
