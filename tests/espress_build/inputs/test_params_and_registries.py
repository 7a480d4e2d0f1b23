"""Parameters and registries: what is unknown, missing or of the wrong kind stops the build with file and entry."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import pytest
from tests.espress_build.pipeline.helpers import EVENTS, ROOT, write_registries

from espress.errors import InputError
from espress_build.inputs.params import PARAMS_FILE, read_params
from espress_build.inputs.registries import NAMES, read_registries

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from espress_build.inputs.params import Params

SOUND = PARAMS_FILE.read_text(encoding="utf-8")


def params_fault(tmp_path: Path, text: str) -> str:
    """Read parameters from this text; returns what the InputError says."""
    path = tmp_path / "params.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_params(path)
    assert str(path) in str(error.value)
    return str(error.value)


def test_the_real_parameters_are_read_and_cannot_be_changed(params: Params) -> None:
    assert params.link.permutations % params.link.bands == 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        params.link.bands = 3  # type: ignore[misc]


def test_each_parameter_has_its_reason_beside_it() -> None:
    for line in SOUND.splitlines():
        if "=" in line:
            assert re.search(r"# \w.{10,}", line), line


@pytest.mark.parametrize("section", ["extract", "language", "link", "package"])
def test_an_unknown_key_is_named_with_its_section(section: str, tmp_path: Path) -> None:
    said = params_fault(tmp_path, SOUND.replace(f"[{section}]", f"[{section}]\ncolour = 3"))
    assert f"[{section}] has unknown keys ['colour']" in said


@pytest.mark.parametrize("key", [match[1] for match in re.finditer(r"^(\w+) =", SOUND, re.MULTILINE)])
def test_a_missing_key_is_named(key: str, tmp_path: Path) -> None:
    assert f"lacks ['{key}']" in params_fault(tmp_path, re.sub(rf"^{key} =.*$", "", SOUND, flags=re.MULTILINE))


FILE_FAULTS = [
    (lambda text: f"{text}\n[publish]\nx = 1\n", "the file has unknown keys ['publish']"),
    (lambda text: f"seed = 1\n{text}", "the file has unknown keys ['seed']"),
    (lambda text: re.sub(r"(?s)\[link\].*?(?=\n\[)", "", text), "the file lacks ['link']"),
    (lambda text: "split = 3\n" + re.sub(r"(?s)\[split\].*?(?=\n\[)", "", text), "[split] must be a table"),
    (lambda text: text.replace("seed = 0", 'seed = ""').replace("bands =", "bnds ="), "seed is '', not a whole number"),
    (lambda text: text.replace("seed = 0", 'seed = ""').replace("bands =", "bnds ="), "[link] lacks ['bands']"),
]


@pytest.mark.parametrize(("spoil", "says"), FILE_FAULTS, ids=[says for _, says in FILE_FAULTS])
def test_every_fault_of_the_file_is_named(spoil: Callable[[str], str], says: str, tmp_path: Path) -> None:
    assert says in params_fault(tmp_path, spoil(SOUND))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seed", '"0"'),
        ("seed", "0.5"),
        ("seed", "true"),
        ("compression", "3"),
        ("near_threshold", '"high"'),
        ("bands", "[16]"),
    ],
)
def test_a_value_of_the_wrong_type_is_named(key: str, value: str, tmp_path: Path) -> None:
    assert key in params_fault(tmp_path, re.sub(rf"^{key} = \S+", f"{key} = {value}", SOUND, flags=re.MULTILINE))


def test_a_whole_number_may_stand_for_a_share(tmp_path: Path) -> None:
    path = tmp_path / "params.toml"
    path.write_text(SOUND.replace("near_threshold = 0.7", "near_threshold = 1"), encoding="utf-8")
    assert read_params(path).link.near_threshold == 1


@pytest.mark.parametrize("text", ["[extract", "\x00", "a = \n"])
def test_a_file_of_parameters_that_is_not_toml_is_named(text: str, tmp_path: Path) -> None:
    params_fault(tmp_path, text)


def test_no_environment_variable_changes_a_parameter(monkeypatch: pytest.MonkeyPatch, params: Params) -> None:
    for name in ("SEED", "ESPRESS_SEED", "LANGUAGE", "ESPRESS_PARAMS", "WORKERS"):
        monkeypatch.setenv(name, "7")
    assert read_params() == params


def registry_fault(tmp_path: Path, name: str, old: str, new: str) -> list[str]:
    """Spoil one registry; returns the problems that reading them all raises."""
    path = write_registries(tmp_path) / f"{name}.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_registries(tmp_path)
    assert all(str(path) in problem for problem in error.value.problems)
    return error.value.problems


SECOND_COUNTRY = '[[herald.fact]]\nfield = "country"\nvalue = "AU"\nbasis = "text"\nconfidence = "low"\nnote = "n"\n'
REGISTRY_FAULTS = [
    ("outlets", 'kind = "outlet"', 'kind = "outlet"\ncolour = "red"', "[herald]", "colour"),
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
    ("events", 'kind = "event"\n', "", "[case-2020]", "kind"),
    ("events", 'kind = "event"', 'kind = "event"\nkidn = "event"', "[case-2020]", "kidn"),
    ("events", 'kind = "event"', 'kind = "event"\ndate = "2020-01-01"', "[case-2020]", "date"),
    ("events", 'outcome = "alleged"', "outcome = true", "[case-2020]", "outcome"),
]  # fmt: skip


@pytest.mark.parametrize("fault", REGISTRY_FAULTS, ids=[f"{fault[0]}-{fault[-1]}" for fault in REGISTRY_FAULTS])
def test_an_entry_with_a_fault_is_named(fault: tuple[str, str, str, str, str], tmp_path: Path) -> None:
    name, old, new, entry, says = fault
    assert any(entry in problem and says in problem for problem in registry_fault(tmp_path, name, old, new))


@pytest.mark.parametrize("name", NAMES)
def test_a_registry_that_is_not_toml_is_named(name: str, tmp_path: Path) -> None:
    write_registries(tmp_path)
    (tmp_path / f"{name}.toml").write_text("[a\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"{name}.toml"):
        read_registries(tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_a_registry_that_is_missing_is_named(name: str, tmp_path: Path) -> None:
    write_registries(tmp_path)
    (tmp_path / f"{name}.toml").unlink()
    with pytest.raises(InputError, match=f"{name}.toml"):
        read_registries(tmp_path)


def test_all_faults_of_all_registries_are_listed_at_once(tmp_path: Path) -> None:
    write_registries(tmp_path)
    for name, old, new in (("outlets", 'name = "Tribune"\n', ""), ("events", 'basis = "text"\n', "")):
        path = tmp_path / f"{name}.toml"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
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
    registries = read_registries(ROOT / "schema" / "registries")
    assert {name: registries.tables[name].num_rows > 0 for name in NAMES} == dict.fromkeys(NAMES, True)
