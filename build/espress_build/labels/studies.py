"""Evaluate the labels with held-out texts, exchanges of states or polarity, passes without codebook, and guesses."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from espress.errors import InputError
from espress.stats.agreement import Agreement, measure_fields, read_value
from espress_build.inputs.judgements import Annotations, Judgement, current, get_major, read_annotations, select_counted
from espress_build.inputs.toml_files import read_csv_rows
from espress_build.inputs.withdrawn import withdrawn_articles
from espress_build.labels.gold import Gold, Key, decide_all, is_recorded

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

VOICE_FIELDS = ("stance", "lead_voice")


@dataclass(frozen=True)
class Study:
    """The judgements of a study: of the corpus itself, or of rewritten or invented texts."""

    annotations: Annotations

    @staticmethod
    def read(folder: Path, name: str) -> Study:
        """Read a study below the folder of annotations; the study "" is the corpus itself."""
        files = [path for path in sorted((folder / name).glob("*.*")) if path.suffix in (".csv", ".toml")]
        content = b"".join(path.name.encode() + path.read_bytes() for path in files)
        return _read_study(folder / name, withdrawn_articles(folder.parent), sha256(content).hexdigest())

    @cached_property
    def majors(self) -> list[int]:
        """The major versions of the codebook that its voting passes used, the newest first."""
        voting = [one for one in self.annotations.judgements if one.annotator in self.annotations.voters]
        return sorted({get_major(one.codebook) for one in voting}, reverse=True)

    def select(self, major: int) -> list[Judgement]:
        """Return the current judgements of voting passes under a major version of the codebook."""
        return select_counted(self.annotations.judgements, self.annotations.voters, major)

    def select_others(self) -> list[Judgement]:
        """Return the current judgements of the passes that do not vote."""
        own = current(self.annotations.judgements)[0].values()
        return [one for one in own if one.annotator not in self.annotations.voters]

    @cached_property
    def kinds(self) -> dict[str, str]:
        """Whether each annotator is human or model."""
        return {one.annotator: one.kind for one in self.annotations.passes}

    def decide(self, major: int, fewest_passes: int) -> dict[Key, Gold]:
        """Return the gold of every item and field under a major version of the codebook."""
        return decide_all(self.select(major), self.kinds, fewest_passes)

    def decide_by_models(self, major: int, fewest_passes: int = 1) -> dict[Key, Gold]:
        """Return the majority of the model passes under a major version of the codebook."""
        models = [one for one in self.select(major) if self.kinds[one.annotator] == "model"]
        return decide_all(models, self.kinds, fewest_passes)


@lru_cache(maxsize=8)  # a report reads the same study several times
def _read_study(folder: Path, withdrawn: frozenset[str], content_hash: str) -> Study:  # noqa: ARG001 -- keys the cache
    return Study(read_annotations(folder, withdrawn))


def measure_heldout(annotations: Path) -> dict[str, list[Agreement]]:
    """Measure agreement on sentences written for this purpose, by version of the codebook, the newest first.

    In these judgements, a source is named by its class.
    """
    study = Study.read(annotations, "heldout")
    found = {}
    for major in study.majors:
        counted = study.select(major)
        found[max(one.codebook for one in counted)] = measure_fields(counted, {})
    return found


# ------------------------------------------------------------------------------------------ articles with a key


@dataclass(frozen=True)
class KeyedItem:
    """One invented article: the intended value of a field, and what each pass gave."""

    article: str
    field: str
    intended: str
    given: dict[str, str | None]  # annotator -> value


def read_key(path: Path) -> dict[str, dict[str, str]]:
    """Read the intended labels of invented articles: article -> field -> value.

    Raises:
        InputError: the columns are not `article` and fields of an article, or an article is listed twice.
    """
    rows = [row for _, row in read_csv_rows(path)]
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        fields = {name: row[name] for name in VOICE_FIELDS if row.get(name)}
        if not row.get("article") or not fields or row["article"] in found:
            raise InputError(
                [f"{path}: each article needs one row, with the columns article, {', '.join(VOICE_FIELDS)}."]
            )
        found[row["article"]] = fields
    return found


def compare_with_key(annotations: Path) -> list[KeyedItem]:
    """Compare the passes on invented articles with the labels that their author intended."""
    path = annotations / "heldout_articles" / "key.csv"
    if not path.is_file():
        return []
    study = Study.read(annotations, "heldout_articles")
    given: dict[tuple[str, str], dict[str, str | None]] = defaultdict(dict)
    for one in current(study.annotations.judgements)[0].values():
        if one.field in VOICE_FIELDS:
            given[one.article_id, one.field][one.annotator] = read_value(one)
    return [
        KeyedItem(article, field, intended, given[article, field])
        for article, fields in sorted(read_key(path).items())
        for field, intended in fields.items()
        if given[article, field]
    ]


def measure_heldout_articles(annotations: Path) -> list[Agreement]:
    """Measure the agreement of the voting passes on the invented articles."""
    study = Study.read(annotations, "heldout_articles")
    return measure_fields(study.select(study.majors[0]), {}) if study.majors else []


# ------------------------------------------------------------------------------------------ exchanges

_SWAPPED = {
    "covert_activity_by_cn": "covert_activity_against_cn",
    "covert_activity_against_cn": "covert_activity_by_cn",
    "countermeasures_warranted": "countermeasures_warranted",
}
# Fields whose value names neither a state nor a source, so it should not change if states are exchanged.
_STABLE = ("bears_on", "aspect", "position", "attributed", "lapsed", "cue_strength", "hedged", "stance", "lead_voice",
           "focal_proposition")  # fmt: skip
# What each value should become if charge and denial are exchanged and every other word stays. A field without an entry
# here should not change. `question` has no expected value: to doubt the denial may be to support the charge or to take
# no side, so it is not compared. The value `denies` stands for asserting the denial and for endorsing it, so its mirror
# image may be either `asserts` or `endorses`. The codebook has no class for a denial at a distance, so `distances` has
# no expected value.
_MIRRORED: dict[str, dict[str, tuple[str, ...]]] = {
    "position": {"support": ("deny",), "deny": ("support",), "mention": ("mention",), "question": ()},
    "stance": {"favor": ("against",), "against": ("favor",), "neither": ("neither",)},
    "lead_voice": {
        "asserts": ("denies",), "endorses": ("denies",), "reports": ("reports",), "distances": (),
        "denies": ("asserts", "endorses"),
    },
}  # fmt: skip
_LEFT_OUT = "left_out.txt"


@dataclass(frozen=True)
class Flips:
    """The number of labels that are not as expected after an exchange; `directions` counts "expected -> found"."""

    field: str
    compared: int
    flipped: int
    directions: dict[str, int]


@dataclass(frozen=True)
class Exchange:
    """An exchange of states or of polarity: the gold of the original and of the rewritten units."""

    before: dict[Key, Gold]
    after: dict[Key, Gold]
    is_polarity: bool

    @classmethod
    def read(cls, annotations: Path, name: str) -> Exchange | None:
        """Read a study; None if no pass has judged the rewritten units.

        The judgements of both texts are those under the newest major version of the codebook that both have.
        """
        rewritten, original = Study.read(annotations, name), Study.read(annotations, "")
        majors = [major for major in rewritten.majors if major in original.majors]
        if not majors:
            return None
        path = annotations / name / _LEFT_OUT
        out = path.read_text(encoding="utf-8").split() if path.is_file() else []
        sides = [
            {key: gold for key, gold in study.decide_by_models(majors[0]).items() if key[0] not in out}
            for study in (original, rewritten)
        ]
        return cls(sides[0], sides[1], name == "polarity_swap")

    def _find_counterpart(self, key: Key) -> Key:
        """Return the key of the same judgement on the rewritten text."""
        item, proposition, source_no, field = key
        return item, proposition if self.is_polarity else _SWAPPED.get(proposition, proposition), source_no, field

    def _expect(self, field: str, value: str | None) -> tuple[str | None, ...]:
        """Return the values that the rewritten text may have; none if nothing is expected."""
        if self.is_polarity:
            return _MIRRORED.get(field, {}).get(value or "", (value,))
        return (_SWAPPED.get(value or "", value),) if field == "focal_proposition" else (value,)

    def count_flips(self) -> list[Flips]:
        """Count, by field and direction, the labels that are not as expected; unclear ones are left out."""
        found = []
        for field in _STABLE:
            moved: Counter[str] = Counter()
            compared = 0
            for key, gold in self.before.items():
                other = self.after.get(self._find_counterpart(key))
                if key[3] != field or gold.unclear or other is None or other.unclear:
                    continue
                if expected := self._expect(field, gold.value):
                    compared += 1
                    if other.value not in expected:
                        moved[f"{' or '.join(map(_show, expected))} -> {_show(other.value)}"] += 1
            if compared:
                found.append(Flips(field, compared, moved.total(), dict(sorted(moved.items()))))
        return found

    def count_entries(self) -> tuple[int, int, int]:
        """Return the number of entries in both texts, only in the original, and only in the rewritten text."""
        original = {self._find_counterpart(key) for key in self.before if _is_entry(self.before, key)}
        rewritten = {key for key in self.after if _is_entry(self.after, key)}
        return len(original & rewritten), len(original - rewritten), len(rewritten - original)


def _show(value: str | None) -> str:
    return value or "null"


def _is_entry(golds: Mapping[Key, Gold], key: Key) -> bool:
    return key[3] == "position" and is_recorded(golds, *key[:3])


# ------------------------------------------------------------------------------------------ other comparisons


@dataclass(frozen=True)
class Unguided:
    """A label that a pass without codebook gave to an article and event, beside gold."""

    annotator: str
    item: str
    field: str
    given: str | None
    gold: str | None
    is_unclear: bool


def compare_unguided(annotations: Path, fewest_passes: int) -> list[Unguided]:
    """Compare the passes that do not vote with gold, where there is gold."""
    study = Study.read(annotations, "")
    golds = study.decide(study.majors[0], fewest_passes) if study.majors else {}
    rows = []
    for one in study.select_others():
        gold = golds.get((one.item_id, "", 0, one.field))
        if one.field in VOICE_FIELDS and gold is not None and gold.basis is not None:
            rows.append(Unguided(one.annotator, one.item_id, one.field, read_value(one), gold.value, gold.unclear))
    return sorted(rows, key=lambda row: (row.annotator, row.field, row.item))


def list_guesses(annotations: Path, articles: list[dict[str, Any]]) -> list[tuple[str, str, str, str, bool, bool]]:
    """Return (annotator, article, guessed outlet, guessed country, outlet correct, country correct) of each guess.

    Only passes under the newest major version of the codebook are listed.
    """
    truth = {row["article_id"]: row for row in articles}
    study = Study.read(annotations, "")
    by_key = {one.key: one for major in study.majors[:1] for one in study.select(major)}
    rows = []
    for one in by_key.values():
        if one.field == "outlet_guess":
            country = by_key[one.annotator, one.item_id, "", 0, "country_guess"].value
            own = truth[one.item_id]
            hit = own["outlet"].casefold().removeprefix("the ") in one.value.casefold()
            rows.append((one.annotator, one.item_id, one.value, country, hit, country == own["outlet_country"]))
    return sorted(rows, key=lambda row: (row[1], row[0]))
