"""Sources of outlets can be cited, and official acts say when, which state, which authority and what."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress_build.pipeline.helpers import real_registries, write_registries

from espress.errors import InputError
from espress_build.inputs.citable import NOT_CITED, find_addresses, list_citation_problems
from espress_build.inputs.registries import read_registries

if TYPE_CHECKING:
    from pathlib import Path

NOT_CITABLE = [
    ("https://en.wikipedia.org/wiki/Herald", "an encyclopedia or a mirror of one"),
    ("http://wikipedia.com/wiki/Herald", "an encyclopedia or a mirror of one"),
    ("https://profilbaru.com/en/Herald", "an encyclopedia or a mirror of one"),
    ("https://www.global-regulation.com/translation/x/1/act.html", "a machine translation"),
    ("https://pr.report/0Yx", "a copy or a short form of another page"),
    ("http://218.28.6.71:81/Article?id=4", "a number as its host"),
    ("http://[::1]/about", "a number as its host"),
    ("https://herald.example", "a host without a path"),
    ("https://herald.example/", "a host without a path"),
    ("herald.example/about", "is not a web address"),
]
CITABLE = [
    "https://herald.example/about",
    "https://site.example/?p=256",
    "https://notwikipedia.org/a",
    "http://a.example/1",
]


@pytest.mark.parametrize(("address", "says"), NOT_CITABLE)
def test_an_address_that_cannot_be_cited_is_refused_as_source_and_in_notes(
    address: str, says: str, tmp_path: Path
) -> None:
    assert any(says in problem for problem in list_citation_problems(address))
    path = write_registries(tmp_path) / "outlets.toml"
    text = path.read_text(encoding="utf-8")
    source = 'source = "https://herald.example/about"'
    faults = [f'source = "{address}"']
    faults += [f'{source}\nnote = "also on {address}; undated"'] if "://" in address else []
    for fault in faults:
        path.write_text(text.replace(source, fault, 1), encoding="utf-8")
        with pytest.raises(InputError, match=re.escape("[herald]: fact country: ")) as error:
            read_registries(tmp_path)
        assert says in str(error.value)


@pytest.mark.parametrize("address", CITABLE)
def test_a_page_of_a_named_host_can_be_cited(address: str) -> None:
    assert list(list_citation_problems(address)) == []


def test_addresses_are_found_in_a_note() -> None:
    note = "from (https://a.example/1), then https://b.example/2; see also http://c.example/x.html."
    assert find_addresses(note) == ["https://a.example/1", "https://b.example/2", "http://c.example/x.html"]


ACT = "2020-06-22, United States, Department of State: determined to be a foreign mission"


def _add_act(folder: Path, value: str, basis: str, source: str | None) -> None:
    path = write_registries(folder) / "outlets.toml"
    fact = f'[[herald.fact]]\nfield = "official_act"\nvalue = "{value}"\nbasis = "{basis}"\nconfidence = "high"\n'
    fact += f'source = "{source}"\n' if source else 'note = "general knowledge"\n'
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[tribune]", f"{fact}\n[tribune]", 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("value", "basis", "source", "says"),
    [
        (
            "United States, Senate: no date",
            "look-up",
            "https://a.example/1",
            "DATE, STATE, AUTHORITY: ACT",
        ),
        ("2020-06-22, United States: no authority", "look-up", "https://a.example/1", "DATE, STATE, AUTHORITY: ACT"),
        ("2020-06-22, United States, Senate", "look-up", "https://a.example/1", "DATE, STATE, AUTHORITY: ACT"),
        (ACT, "background", None, "an official act needs the basis look-up"),
        (ACT, "look-up", None, "a look-up needs a source"),
        (ACT, "inferred", "https://a.example/1", "an official act needs the basis look-up"),
    ],
)
def test_an_official_act_needs_date_state_authority_and_a_page_that_was_looked_up(
    value: str, basis: str, source: str | None, says: str, tmp_path: Path
) -> None:
    _add_act(tmp_path, value, basis, source)
    with pytest.raises(InputError, match=says):
        read_registries(tmp_path)


def test_a_complete_official_act_is_read(tmp_path: Path) -> None:
    _add_act(tmp_path, ACT, "look-up", "https://state.example/acts/1")
    assert read_registries(tmp_path).outlets["herald"]["official_acts"] == [ACT]


# ---------------------------------------------------------------- the registries of the corpus


def _outlet_facts() -> list[tuple[str, dict[str, Any]]]:
    return [(outlet, fact) for outlet, row in real_registries().outlets.items() for fact in row["facts"]]


def test_no_fact_of_the_corpus_rests_on_a_page_that_cannot_be_cited() -> None:
    hosts = tuple(host for domains in NOT_CITED.values() for host in domains)
    for outlet, fact in _outlet_facts():
        for address in [fact["source"] or "", *find_addresses(fact["note"] or "")]:
            assert not list(list_citation_problems(address) if address else ()), (outlet, address)
            assert not any(f"//{host}/" in address or f".{host}/" in address for host in hosts), (outlet, address)


def test_every_official_act_of_the_corpus_has_a_possible_date_and_a_source() -> None:
    acts = [(outlet, fact) for outlet, fact in _outlet_facts() if fact["field"] == "official_act"]
    assert acts
    for outlet, fact in acts:
        day = [int(part) for part in fact["value"].split(",")[0].split("-")]
        assert date(*[*day, 1, 1][:3]), outlet
        assert fact["source"], outlet
        assert fact["basis"] == "look-up", outlet


def test_acts_of_different_states_on_outlets_of_different_states_are_recorded() -> None:
    """The rule does not ask who acts against whom."""
    rows = real_registries().outlets
    acting = {(act.split(", ")[1], row["country"]) for row in rows.values() for act in row["official_acts"]}
    assert {("United States", "CN"), ("China", "US"), ("Russia", "DE"), ("European Union", "RU")} <= acting
    assert {("United States", "US"), ("Poland", "PL")} <= acting


def test_dates_that_rest_on_inference_say_so() -> None:
    assert real_registries().events["mss-warning-2024"]["basis"] == "inferred"


def test_the_sources_of_a_phrase_that_names_two_are_apart() -> None:
    sources = real_registries().sources
    assert sources["eu_states"]["aliases"] == ["many EU states"]
    assert sources["western_states"]["aliases"] == ["some Western countries"]
