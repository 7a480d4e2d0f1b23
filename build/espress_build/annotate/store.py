"""Store a pass in `raw/annotations`: `<annotator>.csv` and its entry in `passes.toml`, both or neither."""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from espress.errors import InputError
from espress.files import replace_file
from espress_build.inputs.judgements import Judgement, Pass, current, read_csv, read_passes, write_csv

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True)
class Stored:
    """The numbers of judgements that were new, corrected or unchanged, and the file that holds them."""

    path: Path
    new: int
    corrected: int
    same: int


def parse_time(text: str) -> str:
    """Return a point in time in UTC to the second, from ISO 8601; raises ValueError if it is not one."""
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def store_pass(
    folder: Path, new_pass: Pass, judgements: list[Judgement], problems: list[str], *, supersede: bool = False
) -> Stored:
    """Write a pass to a folder of annotations, or nothing.

    Args:
        folder: holds passes.toml and a CSV file for each annotator.
        new_pass: annotator, times, codebook and input of the pass.
        judgements: all judgements of the pass; with `supersede`, also the stored ones.
        problems: problems that are already known.
        supersede: append corrections to an existing pass.

    Raises:
        InputError: `problems` is not empty, or the pass does not fit the stored passes; every problem is listed.
    """
    path = folder / f"{new_pass.annotator}.csv"
    passes = {one.annotator: one for one in read_passes(folder)}
    problems = [*_check_pass(new_pass, passes, supersede=supersede), *problems]
    before = read_csv(path)[0] if _NAME.fullmatch(new_pass.annotator) and path.is_file() else []
    merged = list(_merge(before, judgements, supersede=supersede))
    rows = [one for one in merged if isinstance(one, Judgement)]
    problems += [one for one in merged if isinstance(one, str)]
    problems += _find_dropped_entries(before, judgements)
    if problems:
        raise InputError(problems)
    with tempfile.TemporaryDirectory() as aside:
        trial = Path(aside, path.name)
        write_csv(trial, [*before, *rows])
        if wrong := read_csv(trial)[1]:
            raise InputError(wrong)
        content = trial.read_bytes()
    replace_file(path, content)
    if not supersede:
        try:
            _append_entry(folder / "passes.toml", new_pass)
        except OSError:
            path.unlink()
            raise
    corrected = sum(one.supersedes for one in rows)
    return Stored(path, len(rows) - corrected, corrected, len(judgements) - len(rows))


def _check_pass(new: Pass, passes: dict[str, Pass], *, supersede: bool) -> Iterator[str]:
    if not _NAME.fullmatch(new.annotator):
        yield f"--annotator {new.annotator!r}: small letters, digits and hyphens, such as human-1."
    if new.kind not in ("human", "model") or bool(new.family) != (new.kind == "model"):
        yield "--kind is human, or model with its --family."
    if new.started > new.ended:
        yield f"--started {new.started} is after --ended {new.ended}."
    before = passes.get(new.annotator)
    if before and not supersede:
        yield f"[{new.annotator}] is in passes.toml already; a pass is never overwritten. Corrections need --supersede."
    if supersede and not before:
        yield f"--supersede: there is no pass {new.annotator} to correct."
    if supersede and before and _get_origin(before) != _get_origin(new):
        yield f"[{new.annotator}] in passes.toml has another kind, family or masked input than this import."


def _get_origin(one: Pass) -> tuple[str, str, str]:
    return one.kind, one.family, one.input_sha256


def _merge(before: list[Judgement], after: list[Judgement], *, supersede: bool) -> Iterator[Judgement | str]:
    """Yield the rows to append, and a problem for each row that may not be appended."""
    last, _ = current(before)
    for one in after:
        old = last.get(one.key)
        if old is None:
            yield one
        elif not supersede:
            named = " ".join(str(part) for part in one.key if part)
            yield f"a second judgement for {named}; a correction needs --supersede."
        elif _get_content(old) != _get_content(one):
            yield replace(one, supersedes=True)


def _get_content(one: Judgement) -> tuple[object, ...]:
    return one.value, one.start, one.end, one.quote, one.reason


def _find_dropped_entries(before: list[Judgement], after: list[Judgement]) -> Iterator[str]:
    """Yield a problem for each stored entry that the import lacks, because judgements are never removed."""
    keys = {one.key for one in after}
    pairs = {(one.item_id, one.proposition_id) for one in after if one.field == "bears_on"}
    for key, old in current(before)[0].items():
        if old.field == "position" and key not in keys and (old.item_id, old.proposition_id) in pairs:
            yield (
                f"{old.item_id} {old.proposition_id}: source {old.source_no} is in {old.annotator}.csv but not in the "
                "import; a judgement can be corrected, not removed. Import the whole pass under a new name."
            )


def _append_entry(path: Path, new: Pass) -> None:
    """Append the entry of a pass to passes.toml."""
    lines = [
        f"{key} = {json.dumps(value, ensure_ascii=False)}"
        for key, value in vars(new).items()
        if key != "annotator" and (value or key == "family")
    ]
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    replace_file(path, (before + "\n".join(["", f"[{new.annotator}]", *lines, ""])).encode())
