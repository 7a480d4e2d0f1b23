"""Functional tests of classifiers: read the functions in `schema/check/` and fill their frames.

A function is one thing that a classifier must get right. It has sentence frames, and each frame has fillings; every
filling of a frame is one case, whose right answer follows from how it was made.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from espress.errors import InputError
from espress.schema import schema
from espress.text import words
from espress_build.constructed.text_checks import RUN, find_slots, list_form_faults, list_shared_runs, word_runs
from espress_build.inputs.countries import countries
from espress_build.inputs.toml_files import read_csv_rows, read_toml, structure

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

# Where the schema lists the answers of each task.
TASKS = {"relevance": "bears_on", "position": "position", "attribution": "attribution", "cue_strength": "cue_strength"}
# How cases belong together. `label`: a few words and the label differ. `context`: only the neighbouring units and the
# label differ. `near`: a few words, the neighbouring units and the label differ. `states` and `invariance`: the
# fillings of a frame belong together and have one label. `contrast`: the versions of a sentence belong together.
PAIR_KINDS = ("label", "context", "near", "states", "invariance", "contrast")
CONTRAST = "contrast"
_CHINESE, _LETTER = re.compile(r"[\u3400-\u9fff]"), re.compile(r"\w")
# For a contrast sentence: number of edits, most words that an edit changes, fewest edits that change the label.
EDITS, MOST_EDITED, FEWEST_NEW_LABELS = 3, 6, 2
CONTRAST_WORDS = (8, 48)
NEAR = 1  # words that may differ in a pair of the kind `near` in addition to those of the kind `label`
INVENTED_STATE = "XV"  # Valdria
ENGLISH, CHINESE = "en", "zh"


@dataclass(frozen=True)
class Limits:
    """Limits of the cases of a language, in words; a Chinese character counts as one."""

    words: tuple[int, int] = (8, 35)
    most_changed: int = 2  # in a pair of the kind `label`
    run: int = RUN  # length of a run of words that two frames may not share


_LIMITS = {ENGLISH: Limits(), CHINESE: Limits((14, 80), 4, 12)}
_OTHERS = Limits((6, 35))


def limits_of(language: str) -> Limits:
    """Return the limits of a language."""
    return _LIMITS.get(language, _OTHERS)


@dataclass(frozen=True)
class Frame:
    """A sentence with slots; `before` and `after` hold one neighbouring unit a line."""

    id: str
    text: str
    before: str = ""
    after: str = ""
    source: str = ""  # the words that name the source that the case asks about
    proposition: str = ""
    label: str = ""
    pair: str = ""  # FUNCTION/FRAME of the other half of a pair
    pair_kind: str = ""

    def fill(self, slots: dict[str, str]) -> tuple[str, str, str, str]:
        """Return text, before, after and source with their slots filled."""
        text, before, after, source = (part.format_map(slots) for part in self.parts)
        return text, before, after, source

    @property
    def parts(self) -> tuple[str, str, str, str]:
        """The parts that may have slots."""
        return self.text, self.before, self.after, self.source


@dataclass(frozen=True)
class Filling:
    """The keys of a filling that are not slots."""

    states: tuple[str, ...]  # the acting state comes first
    proposition: str = ""
    label: str = ""


@dataclass(frozen=True)
class Function:
    """The head of a file: what it tests, and its right answer with the reason; a frame or filling may give another."""

    name: str
    task: str
    tests: str
    label: str
    why: str


@dataclass(frozen=True)
class Case:
    """One functional test case."""

    case_id: str  # FUNCTION/FRAME/FILLING, after the language if it is not English
    function: str
    task: str
    language: str
    frame_id: str  # the case_id without the filling
    fill_id: int
    text: str
    context_before: tuple[str, ...]
    context_after: tuple[str, ...]
    source: str
    source_span: tuple[int, int] | None  # in the text; None if the source is named elsewhere or nowhere
    proposition_id: str
    label: str
    states: tuple[str, ...]
    pair: str  # the case_id of the other half of the pair; only one half names the other
    pair_kind: str

    @property
    def units(self) -> tuple[str, ...]:
        """The text and the units around it, in order."""
        return *self.context_before, self.text, *self.context_after


def find_word_span(words: str, text: str) -> tuple[int, int] | None:
    """Return where whole words first occur in a text; None if they do not. Chinese has no marks between words."""
    start = text.find(words) if words else -1
    while start >= 0:
        end = start + len(words)
        if _CHINESE.search(words) or not (_LETTER.match(text[start - 1 : start]) or _LETTER.match(text, end)):
            return start, end
        start = text.find(words, start + 1)
    return None


def count_changed_words(one: str, other: str, language: str = ENGLISH) -> int:
    """Return how many words must change to turn one text into the other; in Chinese, how many characters."""
    split = list if language == CHINESE else str.split
    steps = difflib.SequenceMatcher(None, split(one), split(other), autojunk=False).get_opcodes()
    return sum(max(end - start, to - at) for kind, start, end, at, to in steps if kind != "equal")


def _tables(raw: object, where: str, faults: list[str]) -> list[dict[str, Any]]:
    """Return a list of tables; anything else is a fault."""
    if isinstance(raw, list) and raw and all(isinstance(one, dict) for one in raw):
        return raw
    faults.append(f"{where}: must be a list of tables, at least one")
    return []


def _read_filling(raw: dict[str, Any], frame: Frame, where: str, faults: list[str]) -> tuple[Filling, tuple[str, ...]]:
    """Read a filling and fill the frame with it; faults are added to the list."""
    own = {field.name for field in fields(Filling)}
    slots = {key: value for key, value in raw.items() if key not in own}
    filling, problems = structure(Filling, {key: raw[key] for key in raw if key in own}, where)
    faults += problems
    wanted = set().union(*map(find_slots, frame.parts))
    if set(slots) != wanted:
        faults.append(f"{where}: the frame has the slots {sorted(wanted)}, the filling has {sorted(slots)}")
    if wrong := sorted(name for name, value in slots.items() if not isinstance(value, str)):
        faults.append(f"{where}: {wrong} must be strings")
    filled = frame.fill(slots) if set(slots) == wanted else ()
    return filling or Filling(()), filled


def _make_cases(
    function: Function, language: str, frame: Frame, raw: list[dict[str, Any]], file: str
) -> Iterator[Case | list[str]]:
    """Yield each case of a frame, or the faults of a filling."""
    start = "" if language == ENGLISH else f"{language}/"
    for number, given in enumerate(raw, 1):
        where, faults = f"{file}: frame {frame.id}, filling {number}", list[str]()
        filling, filled = _read_filling(given, frame, where, faults)
        if faults:
            yield faults
            continue
        text, before, after, source = filled
        yield Case(
            case_id=f"{start}{function.name}/{frame.id}/{number}",
            function=function.name,
            task=function.task,
            language=language,
            frame_id=f"{start}{function.name}/{frame.id}",
            fill_id=number,
            text=text,
            context_before=tuple(before.split("\n")) if before else (),
            context_after=tuple(after.split("\n")) if after else (),
            source=source,
            source_span=find_word_span(source, text),
            proposition_id=filling.proposition or frame.proposition,
            label=filling.label or frame.label or function.label,
            states=filling.states,
            pair=f"{start}{frame.pair}/{number}" if frame.pair else "",
            pair_kind=frame.pair_kind or ("label" if frame.pair else ""),
        )


def read_function(path: Path) -> tuple[list[Case], list[str]]:
    """Return the cases of a file and its faults, as far as they show in this file alone."""
    language = path.parent.name if path.parent.name in schema().vocabularies["check_language"] else ENGLISH
    file = path.name if language == ENGLISH else f"{language}/{path.name}"
    raw, faults = read_toml(path), list[str]()
    raw_frames = _tables(raw.pop("frame", None), f"{file}: frame", faults)
    function, problems = structure(Function, raw, file)
    if function is None:
        return [], faults + problems
    if function.name != path.stem:
        faults.append(f"{file}: the name must be that of the file, not {function.name!r}")
    if function.task not in TASKS:
        return [], [*faults, f"{file}: task {function.task!r} is not one of {list(TASKS)}"]
    cases: list[Case] = []
    seen = set()
    for number, entry in enumerate(raw_frames, 1):
        where = f"{file}: frame {entry.get('id', number)}"
        fills = _tables(entry.get("fills"), f"{where}: fills", faults)
        frame, problems = structure(Frame, {key: entry[key] for key in entry if key != "fills"}, where)
        faults += problems
        if frame is None:
            continue
        if frame.id in seen:
            faults.append(f"{where}: the id occurs twice")
        seen.add(frame.id)
        if frame.pair_kind and frame.pair_kind not in PAIR_KINDS:
            faults.append(f"{where}: pair_kind {frame.pair_kind!r} is not one of {list(PAIR_KINDS)}")
        try:
            for case in _make_cases(function, language, frame, fills, file):
                faults += case if isinstance(case, list) else []
                cases += [case] if isinstance(case, Case) else []
        except (ValueError, LookupError) as error:
            faults.append(f"{where}: {error}: slots are written {{name}}")
    return cases, faults


def _name_place(case: Case) -> str:
    function, frame, filling = case.case_id.rsplit("/", 2)
    if case.pair_kind == CONTRAST:
        return f"contrast.csv: sentence {frame}, edit {filling}"
    return f"{function}.toml: frame {frame}, filling {filling}"


def list_case_faults(case: Case, propositions: Collection[str]) -> Iterator[str]:
    """Yield what is wrong with one case by itself."""
    labels = schema().vocabularies[TASKS[case.task]]
    if case.label not in labels:
        yield f"label {case.label!r} is not one of {list(labels)}, the answers of the task {case.task}"
    if case.proposition_id not in propositions:
        yield f"proposition {case.proposition_id!r} is not one of {list(propositions)}"
    known = countries() | {INVENTED_STATE}
    if unknown := [state for state in case.states if state not in known]:
        yield f"states {unknown} are not codes of ISO 3166-1"
    low, high = limits_of(case.language).words if case.pair_kind != CONTRAST else CONTRAST_WORDS
    if not low <= (count := len(words(case.text) if case.language == CHINESE else case.text.split())) <= high:
        yield f"{count} words, not {low} to {high}"
    if case.source and not any(find_word_span(case.source, unit) for unit in case.units):
        yield f"the source {case.source!r} is neither in the text nor in a neighbouring unit"
    for unit in case.units:
        yield from list_form_faults(unit, case.language)


def list_pair_faults(case: Case, other: Case | None) -> Iterator[str]:
    """Yield what is wrong with a case and the case that it names as the other half of its pair."""
    if other is None:
        yield f"there is no case {case.pair!r} to be a pair with"
        return
    if case.label == other.label:
        yield f"has the label {case.label!r} like {case.pair}, but the labels of a pair must differ"
    contexts_differ = (case.context_before, case.context_after) != (other.context_before, other.context_after)
    changed, most = count_changed_words(case.text, other.text, case.language), limits_of(case.language).most_changed
    if case.pair_kind == "context":
        if changed or not contexts_differ:
            yield f"must differ from {case.pair} in the neighbouring units alone"
    elif case.pair_kind == "near":
        if changed > most + NEAR or not contexts_differ:
            yield f"must differ from {case.pair} in the neighbouring units and in at most {most + NEAR} words"
    elif contexts_differ or not 1 <= changed <= most:
        place = " and in the neighbouring units" if contexts_differ else ""
        yield f"differs from {case.pair} in {changed} words{place}; at most {most} words alone may differ"


def _list_faults_between(cases: list[Case], natural: Iterable[str]) -> Iterator[str]:
    by_id = {case.case_id: case for case in cases}
    seen: dict[object, str] = {}
    frames = defaultdict[str, list[Case]](list)
    for case in cases:
        place = _name_place(case)
        if case.pair:
            yield from (f"{place}: {fault}" for fault in list_pair_faults(case, by_id.get(case.pair)))
        key = (case.task, case.context_before, case.text, case.context_after, case.source, case.proposition_id)
        if seen.setdefault(key, case.case_id) != case.case_id:
            yield f"{place}: repeats the case {seen[key]}"
        frames[case.frame_id].append(case)
    for name, same in frames.items():
        if same[0].pair_kind in ("states", "invariance") and len({case.label for case in same}) > 1:
            yield f"{name}: the fillings have different labels, which the kind {same[0].pair_kind} excludes"
    runs = {
        name: word_runs((unit for case in same for unit in case.units), limits_of(same[0].language).run)
        for name, same in frames.items()
    }
    links = {(case.frame_id, case.pair.rpartition("/")[0]) for case in cases if case.pair}
    yield from list_shared_runs(runs, natural, sorted(links))


@dataclass(frozen=True)
class ContrastRow:
    """A row of contrast.csv: a version of a sentence. `edit` 0 is the sentence as first written."""

    sentence: str
    edit: str
    task: str
    text: str
    before: str
    after: str
    source: str
    proposition: str
    states: str  # codes joined by spaces
    label: str
    change: str
    why: str


def read_contrast(path: Path) -> tuple[list[Case], list[str]]:
    """Return the contrast cases of a CSV file and its faults, as far as they show in this file alone."""
    cases, faults, edits = [], list[str](), defaultdict[str, list[Case]](list)
    for line, raw in read_csv_rows(path):
        row, problems = structure(ContrastRow, raw, f"{path.name}, line {line}")
        faults += problems
        if row is None or row.task not in TASKS or not row.edit.isdigit():
            faults += [] if row is None else [f"{path.name}, line {line}: task {row.task!r}, edit {row.edit!r}"]
            continue
        case = Case(
            case_id=f"{CONTRAST}/{row.sentence}/{row.edit}",
            function=CONTRAST,
            task=row.task,
            language=ENGLISH,
            frame_id=f"{CONTRAST}/{row.sentence}",
            fill_id=int(row.edit),
            text=row.text,
            context_before=tuple(row.before.splitlines()),
            context_after=tuple(row.after.splitlines()),
            source=row.source,
            source_span=find_word_span(row.source, row.text),
            proposition_id=row.proposition,
            label=row.label,
            states=tuple(row.states.split()),
            pair="",
            pair_kind=CONTRAST,
        )
        edits[row.sentence].append(case)
        cases.append(case)
    for sentence, versions in edits.items():
        if [case.fill_id for case in versions] != list(range(1 + EDITS)):
            faults.append(f"{path.name}: sentence {sentence} must have the edits 0 to {EDITS}, in order")
        for case in versions[1:]:
            changed = count_changed_words(_join(versions[0]), _join(case))
            if not 1 <= changed <= MOST_EDITED:
                place = _name_place(case)
                faults.append(f"{place}: differs in {changed} words from the sentence, not in 1 to {MOST_EDITED}")
        if sum(case.label != versions[0].label for case in versions) < FEWEST_NEW_LABELS:
            faults.append(f"{path.name}: sentence {sentence}: at least {FEWEST_NEW_LABELS} edits must change the label")
    return cases, faults


def _join(case: Case) -> str:
    return " | ".join((*case.context_before, "", case.text, "", *case.context_after))


def list_check_files(folder: Path) -> list[Path]:
    """Return the files of a folder of functional tests: functions, by language, and contrast cases."""
    return sorted([*folder.glob("*.toml"), *folder.glob("*/*.toml"), *folder.glob(f"{CONTRAST}.csv")])


def read_cases(files: Iterable[Path], propositions: Collection[str], natural: Iterable[str] = ()) -> list[Case]:
    """Read functions and contrast cases, and expand them to cases, in the order of the files.

    Args:
        files: one TOML file a function, named after it, in a folder named after the language if that is not English;
            contrast cases as CSV.
        propositions: the ids that a case may be about.
        natural: texts with which no case may share six words in a row.

    Raises:
        InputError: every fault, with file, frame and filling.
    """
    read = [(read_contrast if path.suffix == ".csv" else read_function)(path) for path in files]
    cases = [case for found, _ in read for case in found]
    faults = [fault for _, found in read for fault in found]
    faults += [f"{_name_place(case)}: {fault}" for case in cases for fault in list_case_faults(case, propositions)]
    faults += _list_faults_between(cases, natural)
    if faults:
        raise InputError(faults)
    return cases
