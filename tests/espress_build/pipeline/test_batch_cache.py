"""A build with a cache gives the same tables as one without, and computes again whatever changed."""

from __future__ import annotations

import os
from dataclasses import replace
from importlib import metadata
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress_build.pipeline.helpers import PARAMS, REGISTRIES, Corpus

from espress.files import hash_file
from espress_build.inputs.judgements import Annotations, Pass
from espress_build.pipeline import batch_cache, runner, stages
from espress_build.pipeline.batch_cache import BatchCache, hash_setting, list_sources
from espress_build.pipeline.result_cache import ResultCache
from espress_build.pipeline.runner import Inputs, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries

ONE_A_BATCH = replace(PARAMS, package=replace(PARAMS.package, batch_articles=1))


@pytest.fixture
def five(corpus: Corpus) -> Corpus:
    """Five articles, each a batch; the second one is rejected."""
    for day in range(1, 6):
        corpus.add(
            "" if day == 2 else f"A headline\n\nText {day} of the corpus. " + "More words. " * 12, day=f"2020-01-0{day}"
        )
    return corpus


class Builds:
    """Builds of one corpus, each in a new folder, and the number of batches that each computed."""

    def __init__(self, corpus: Corpus, home: Path, computed: list[str]) -> None:
        """Take the corpus, a folder for the builds, and the list to which each computed batch adds."""
        self.corpus, self.home, self.cache, self._computed = corpus, home, home / "cache", computed

    def run(
        self,
        params: Params = ONE_A_BATCH,
        registries: Registries = REGISTRIES,
        *,
        cached: bool = True,
        workers: int = 1,
    ) -> tuple[int, dict[str, str]]:
        """Return the number of batches computed, and the hash of every file."""
        aside = self.home / f"build-{len(list(self.home.iterdir()))}"
        aside.mkdir()
        self._computed.clear()
        run(Inputs(self.corpus.raw, registries, cache=self.cache if cached else None), params, aside, workers)
        return len(self._computed), {path.name: hash_file(path) for path in sorted(aside.iterdir())}


@pytest.fixture
def builds(five: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Builds:
    computed: list[str] = []

    def run_counted(tables: Any, params: Params, scope: Any) -> Any:
        computed.extend([scope] * (scope == "batch"))
        return original(tables, params, scope)

    original = stages.run_stages
    monkeypatch.setattr(runner, "run_stages", run_counted)
    home = tmp_path / "home"
    home.mkdir()
    return Builds(five, home, computed)


def test_a_second_build_computes_nothing_and_gives_the_same_bytes(builds: Builds) -> None:
    plain = builds.run(cached=False)
    assert builds.run() == plain == (5, plain[1])
    assert builds.run() == (0, plain[1])
    assert builds.run(workers=2) == (0, plain[1])
    assert not list(builds.cache.glob("unfinished-*"))


def test_a_changed_or_new_article_costs_its_own_batch(builds: Builds) -> None:
    builds.run()
    record = builds.corpus.folders()[4] / "record.toml"
    record.write_text(record.read_text(encoding="utf-8") + "# a comment\n", encoding="utf-8")
    assert builds.run()[0] == 1
    builds.corpus.add("Another\n\nThe first one of all.", day="2019-01-01")
    assert builds.run()[0] == 1


def _damage(entry: Path) -> None:
    content = bytearray((entry / "articles").read_bytes())
    content[len(content) // 2] ^= 1
    (entry / "articles").unlink()
    (entry / "articles").write_bytes(content)


@pytest.mark.parametrize(
    "harm",
    [
        _damage,
        lambda entry: (entry / "sentences").unlink(),
        lambda entry: (entry / "sums.json").unlink(),
        lambda entry: (entry / "sums.json").write_text("[]", encoding="utf-8"),
        lambda entry: (entry / "sums.json").write_bytes(b"\xff{"),
        lambda entry: os.truncate(entry / "rejects", 0),
    ],
    ids=["flipped bit", "lost table", "lost hashes", "other hashes", "no JSON", "cut table"],
)
def test_a_damaged_entry_is_computed_again_and_mended(harm: Callable[[Path], Any], builds: Builds) -> None:
    first = builds.run()
    harm(sorted(builds.cache.iterdir())[1])
    assert builds.run() == (1, first[1])
    assert builds.run() == (0, first[1])


def test_another_parameter_or_registry_computes_every_batch(builds: Builds) -> None:
    builds.run()
    link = replace(ONE_A_BATCH.link, permutations=64)
    assert builds.run(replace(ONE_A_BATCH, link=link))[0] == 5
    herald = REGISTRIES.outlets["herald"]
    renamed = replace(REGISTRIES, outlets=REGISTRIES.outlets | {"herald": herald | {"name": "The New Herald"}})
    assert builds.run(registries=renamed)[0] == 5
    assert builds.run()[0] == 0


def _other_source(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = folder / "stage.py"
    changed.write_text("x = 1\n", encoding="utf-8")
    sources = [*list_sources(), changed]
    monkeypatch.setattr(batch_cache, "list_sources", lambda: sources)


def _other_library(_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = list(metadata.distributions())[:-1]
    monkeypatch.setattr(metadata, "distributions", lambda: found)


def _other_python(_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_cache.platform, "python_version", lambda: "3.99.0")  # type: ignore[attr-defined]


def _other_unicode(_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_cache.unicodedata, "unidata_version", "99.0.0")  # type: ignore[attr-defined]


@pytest.mark.parametrize("change", [_other_source, _other_library, _other_python, _other_unicode])
def test_other_code_library_or_python_is_another_key(
    change: Callable[[Path, pytest.MonkeyPatch], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = hash_setting(REGISTRIES, PARAMS)
    assert hash_setting(REGISTRIES, PARAMS) == before
    change(tmp_path, monkeypatch)
    assert hash_setting(REGISTRIES, PARAMS) != before


def test_sources_cover_both_packages_and_the_schema() -> None:
    found = {"/".join(path.parts[-3:]) for path in list_sources()}
    assert {"espress_build/pipeline/link.py", "src/espress/text.py", "schema/tables/articles.toml"} <= found


def test_a_judgement_is_part_of_the_key(five: Corpus, tmp_path: Path) -> None:
    cache = BatchCache(tmp_path, "setting")
    plain = cache.make_key(five.folders(), Annotations().tables())
    judged = Annotations((Pass("coder-1", "human", "", "1.0", "", "", ""),)).tables()
    assert plain != cache.make_key(five.folders(), judged)
    assert plain != replace(cache, setting="other").make_key(five.folders(), Annotations().tables())
    assert plain != cache.make_key(five.folders()[:-1], Annotations().tables())


def test_pruning_removes_what_was_not_used_for_longest(builds: Builds) -> None:
    builds.run()
    entries = sorted(builds.cache.iterdir())
    for age, entry in enumerate(entries):
        os.utime(entry, (1_000_000_000 - age, 1_000_000_000 - age))
    size = sum(path.stat().st_size for path in entries[0].iterdir())
    ResultCache(builds.cache).prune(size + 1)
    assert sorted(builds.cache.iterdir()) == entries[:1]


def test_a_cache_that_cannot_be_written_is_no_obstacle(builds: Builds) -> None:
    builds.cache.write_text("a file where the folder should be", encoding="utf-8")
    assert builds.run()[0] == builds.run()[0] == 5
