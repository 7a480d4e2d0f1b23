"""Loading a release from a repository of the Hub: the real client, against a server on loopback."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress.data.small_world import World, articles, write_dataset
from tests.espress_build.release.publish.hub_server import TOKEN, Fault, Hub
from tests.web_server import serving

import espress
from espress.errors import (
    DamagedDataError,
    DatasetMissingError,
    DownloadError,
    EspressError,
    MissingLibraryError,
    UnknownNameError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "someone/espress"
SOURCE = f"hub:{NAME}"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    with serving(Hub()) as hub:
        hub.point(monkeypatch, tmp_path / "home")
        addresses = hub.root + "/{repo_id}/resolve/{revision}/{filename}"  # else that of the first import stays
        monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", addresses)
        yield hub


@pytest.fixture
def world(world: World, hub: Hub) -> World:
    """The Hub holds the open edition of release 0.1.0; 0.1.1 is known but was not put there."""
    world.release("0.1.0", articles(7), editions=("open", "full"))
    world.release("0.1.1")
    hub.put(NAME, world.home / "made" / "0.1.0-open", tag="v0.1.0")
    return world


def test_a_release_is_fetched_at_its_tag_checked_kept_and_then_needs_no_network(world: World, hub: Hub) -> None:
    hub.put(NAME, write_dataset(world.home / "later", "9.9.9", articles(9)))  # what main holds is no matter
    rows = espress.load("articles", as_="arrow", version="0.1.0", source=SOURCE)
    assert rows["n_words"][0].as_py() == 7
    assert espress.whereabouts()["0.1.0"] == {"full": "archive", "open": "cached"}
    kept = world.cache / "0.1.0-open"
    assert {path.name for path in kept.iterdir()} == {"README.md", "SHA256SUMS", "data", "datapackage.json"}
    assert not espress.verify(kept).problems
    asked = len(hub.requests)
    espress.load("articles", as_="arrow", version="0.1.0", edition="open")
    espress.load("articles", as_="arrow", version="0.1.0", edition="open", source=SOURCE)
    assert len(hub.requests) == asked


def test_without_a_version_the_newest_published_release_is_fetched(world: World, hub: Hub) -> None:
    hub.put(NAME, world.home / "made" / "0.1.1-full", tag="v0.1.1")
    assert espress.load("articles", as_="arrow", source=SOURCE)["n_words"][0].as_py() == 100


REFUSED: list[tuple[dict[str, Any], type[Exception], str]] = [
    (
        {"version": "0.1.0", "edition": "full"},
        DamagedDataError,
        "holds the edition 'open', not 'full'. Pass edition=",
    ),
    ({"version": "0.1.1"}, DownloadError, r"has no tag v0.1.1, .* Tags: v0.1.0\."),
    (
        {"version": "0.1.0", "source": "hub:no/where"},
        DownloadError,
        r"no dataset no/where at http.*hf auth login",
    ),
    *(
        ({"version": "0.1.0", "source": f"hub:{name}"}, EspressError, "hub:OWNER/NAME|There is no dataset")
        for name in ("someone", "", "a/b/c", "../x")
    ),
    ({"version": "5.0.0"}, UnknownNameError, r"'5.0.0'.*0.1.0, 0.1.1, 0.2.0-dev.*a newer wheel than espress-"),
    ({"version": "0.2.0-dev"}, DatasetMissingError, "0.2.0-dev is not a release"),
]


@pytest.mark.parametrize(("asked", "error", "says"), REFUSED)
def test_an_unknown_repository_version_or_edition_is_refused(
    world: World, hub: Hub, asked: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        espress.load(**{"source": SOURCE} | asked)
    if asked["version"] not in world.releases:
        assert not hub.requests


def test_another_dataset_under_the_tag_is_refused_before_it_is_fetched(world: World, hub: Hub) -> None:
    hub.put("someone/else", write_dataset(world.home / "else", "0.1.0", articles(8)), tag="v0.1.0")
    with pytest.raises(
        DamagedDataError, match=r"belongs to no edition of release 0.1.0. The dataset is a different one"
    ):
        espress.load(version="0.1.0", source="hub:someone/else")
    assert not [asked for asked in hub.requests if "articles.parquet" in asked.path]


def test_a_changed_file_under_the_tag_is_refused(world: World, hub: Hub) -> None:
    path = world.home / "made" / "0.1.0-open" / "data" / "articles.parquet"
    data = path.read_bytes()
    path.write_bytes(data + b"more")
    hub.put("someone/longer", path.parent.parent, tag="v0.1.0")
    with pytest.raises(DamagedDataError, match=rf"data/articles.parquet: {len(data) + 4} bytes instead of {len(data)}"):
        espress.load(version="0.1.0", source="hub:someone/longer")
    path.write_bytes(data[:100] + bytes([data[100] ^ 1]) + data[101:])
    hub.put("someone/changed", path.parent.parent, tag="v0.1.0")
    with pytest.raises(DamagedDataError, match=r"hub:someone/changed: data/articles.parquet differ from the files"):
        espress.load(version="0.1.0", source="hub:someone/changed")
    assert not list(world.cache.iterdir())


@pytest.mark.parametrize("kind", ["reset", "lost", "status"])
def test_an_interrupted_download_leaves_no_files_and_can_be_repeated(world: World, hub: Hub, kind: str) -> None:
    hub.faults.append(Fault("GET", r".*articles\.parquet.*", kind, times=1000))  # type: ignore[arg-type]
    hub.faults.append(Fault("HEAD", r".*articles\.parquet.*", kind, times=1000))  # type: ignore[arg-type]
    with pytest.raises((DownloadError, DamagedDataError)) as caught:
        espress.load(version="0.1.0", source=SOURCE)
    assert TOKEN not in str(caught.value)
    assert not list(world.cache.glob("*"))
    hub.faults.clear()
    assert espress.load(version="0.1.0", source=SOURCE, as_="arrow").num_rows == 30


def test_the_client_resumes_a_truncated_download(world: World, hub: Hub) -> None:
    hub.faults.append(Fault("GET", r".*articles\.parquet.*", "cut", times=2))
    assert espress.load(version="0.1.0", source=SOURCE, as_="arrow").num_rows == 30
    assert not espress.verify("0.1.0", edition="open").problems


def test_a_byte_changed_in_transit_is_found(world: World, hub: Hub) -> None:
    hub.faults.append(Fault("GET", r".*", "flip", times=1000))
    with pytest.raises(EspressError):
        espress.load(version="0.1.0", source=SOURCE)
    assert not list(world.cache.glob("*"))


def test_without_network_the_error_names_alternatives(world: World, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants as client

    monkeypatch.setattr(client, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(DownloadError, match=r"127.0.0.1:9 cannot be reached.*HF_HUB_OFFLINE.*archive.*whereabouts"):
        espress.load(version="0.1.0", source=SOURCE)
    monkeypatch.setattr(client, "ENDPOINT", hub.root)
    monkeypatch.setattr(client, "HF_HUB_OFFLINE", True)
    with pytest.raises(DownloadError, match=r"cannot be reached"):
        espress.load(version="0.1.0", source=SOURCE)


def test_without_the_client_the_error_names_the_command_that_installs_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingLibraryError, match=r"pip install 'espress-[\d.]+-py3-none-any\.whl\[hub\]'"):
        espress.load(version="0.1.0", source=SOURCE)
