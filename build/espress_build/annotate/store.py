"""Keeping a pass: `<annotator>.csv` and its entry in `passes.toml`, both or neither."""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from espress.errors import InputError
from espress_build.inputs.judgements import Judgement, Pass, current, read_csv, read_passes, write_csv
from espress_build.pipeline.dataset_exchange import write_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True)
class Kept:
    """What was written: new judgements, corrections, and those that stood there already."""

    path: Path
    new: int
    corrected: int
    same: int


def moment(text: str) -> str:
    """Return a point in time in UTC to the second; raises ValueError for what is none."""
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _content(one: Judgement) -> tuple[object, ...]:
    return one.value, one.start, one.end, one.quote, one.reason


def _merge(before: list[Judgement], after: list[Judgement], *, supersede: bool) -> Iterator[Judgement | str]:
    """Give the rows to append, and a problem for each that may not be appended."""
    last, _ = current(before)
    for one in after:
        old = last.get(one.key)
        if old is None:
            yield one
        elif not supersede:
            named = " ".join(str(part) for part in one.key if part)
            yield f"a second judgement for {named}; a correction needs --supersede."
        elif _content(old) != _content(one):
            yield replace(one, supersedes=True)


def _withdrawn(before: list[Judgement], after: list[Judgement]) -> Iterator[str]:
    """Name entries that stand in the file and would contradict what comes: judgements are never taken back."""
    came = {one.key: one for one in after}
    pairs = {(one.item_id, one.proposition_id) for one in after if one.field == "bears_on"}
    for key, old in current(before)[0].items():
        if old.field == "position" and key not in came and (old.item_id, old.proposition_id) in pairs:
            yield (
                f"{old.item_id} {old.proposition_id}: source {old.source_no} stands in {old.annotator}.csv and is "
                "judged no more; a judgement can be corrected, not taken back. Import the whole pass under a new name."
            )


def _pass_problems(made: Pass, passes: dict[str, Pass], *, supersede: bool) -> Iterator[str]:
    if not _NAME.fullmatch(made.annotator):
        yield f"--annotator {made.annotator!r}: small letters, digits and hyphens, such as human-1."
    if made.kind not in ("human", "model") or bool(made.family) != (made.kind == "model"):
        yield "--kind is human, or model with its --family."
    if made.started > made.ended:
        yield f"--started {made.started} is after --ended {made.ended}."
    before = passes.get(made.annotator)
    if before and not supersede:
        yield f"[{made.annotator}] stands in passes.toml; a pass is never overwritten. Corrections need --supersede."
    if supersede and not before:
        yield f"--supersede: there is no pass {made.annotator} to correct."
    if (
        supersede
        and before
        and (before.kind, before.family, before.input_sha256) != (made.kind, made.family, made.input_sha256)
    ):
        yield f"[{made.annotator}] in passes.toml has another kind, family or masked input than what comes."


def _entry(made: Pass) -> str:
    lines = [
        f"{key} = {json.dumps(value, ensure_ascii=False)}"
        for key, value in vars(made).items()
        if key != "annotator" and (value or key == "family")
    ]
    return "\n".join(["", f"[{made.annotator}]", *lines, ""])


def keep(
    folder: Path, made: Pass, judgements: list[Judgement], problems: list[str], *, supersede: bool = False
) -> Kept:
    """Write a pass into a folder of annotations, or nothing.

    Raises:
        InputError: `problems` is not empty, or the pass cannot stand beside what is there; all is listed.
    """
    path = folder / f"{made.annotator}.csv"
    passes = {one.annotator: one for one in read_passes(folder)}
    problems = [*_pass_problems(made, passes, supersede=supersede), *problems]
    before = read_csv(path)[0] if _NAME.fullmatch(made.annotator) and path.is_file() else []
    merged = list(_merge(before, judgements, supersede=supersede))
    rows = [one for one in merged if isinstance(one, Judgement)]
    problems += [one for one in merged if isinstance(one, str)]
    problems += _withdrawn(before, judgements)
    if problems:
        raise InputError(problems)
    with tempfile.TemporaryDirectory() as aside:
        trial = Path(aside, path.name)
        write_csv(trial, [*before, *rows])
        if wrong := read_csv(trial)[1]:
            raise InputError(wrong)
        whole = trial.read_bytes()
    _write_both(path, whole, "" if supersede else _entry(made))
    corrected = sum(one.supersedes for one in rows)
    return Kept(path, len(rows) - corrected, corrected, len(judgements) - len(rows))


def _write_both(path: Path, judgements: bytes, entry: str) -> None:
    """Put the judgements in place, then their entry; takes the judgements back if the entry cannot be written."""
    passes = path.parent / "passes.toml"
    aside, new = path.with_suffix(".new"), passes.with_suffix(".new")
    for left_over in (aside, new):  # by an import that was killed
        left_over.unlink(missing_ok=True)
    write_bytes(aside, judgements)
    if not entry:
        aside.replace(path)
        return
    text = passes.read_text(encoding="utf-8") if passes.is_file() else ""
    try:
        write_bytes(new, (text + entry).encode())
        aside.replace(path)
        new.replace(passes)
    except OSError:
        aside.unlink(missing_ok=True)
        new.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        raise
