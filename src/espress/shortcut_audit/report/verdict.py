"""The verdict, in words that say no more than was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.shortcut_audit.result import NOT_APPLICABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from espress.shortcut_audit.result import Data, Floor, Shortcut


def state_verdict(label: str, data: Data, floor: Floor, shortcuts: Sequence[Shortcut]) -> tuple[str, ...]:
    """Return the findings, strongest first: shortcuts, some evidence, none, and what could not be asked.

    A pair is told of at length only where none of its columns has the same status: else it adds no finding.
    """
    where = "in this split" if data.given else "in cross-validation"
    said: list[str] = []
    for status, tell in (("shortcut", _flagged), ("some evidence", _suggested)):
        own, held = _parted(shortcuts, status)
        said += [tell(label, where, floor, each) for each in own]
        if held:
            said.append(f"The same holds of {_listed(held, 'and')}, which contain columns already named.")
        if own and status == "shortcut":
            said.append(_careful([each.name for each in own]))
    return (*said, *_unfound(label, where, shortcuts), *_not_asked(shortcuts))


def _parted(shortcuts: Sequence[Shortcut], status: str) -> tuple[list[Shortcut], list[str]]:
    """Return what has the status, pairs only if no column of theirs has it or a stronger one; and such pairs' names."""
    strongest = {name for each in shortcuts if len(each.columns) == 1 for name in each.columns if _known(each, status)}
    found = [each for each in shortcuts if each.status == status]
    held = [each.name for each in found if len(each.columns) > 1 and strongest & set(each.columns)]
    return [each for each in found if each.name not in held], held


def _known(shortcut: Shortcut, status: str) -> bool:
    return shortcut.status in {"shortcut", status}


def _flagged(label: str, where: str, floor: Floor, shortcut: Shortcut) -> str:
    skill = shortcut.skill
    return (
        f"{label} is predictable from {shortcut.name} {where}: a look-up that reads no text scores macro-F1 "
        f"{shortcut.scores.macro_f1:.3f}, where the best rule that knows neither text nor group scores "
        f"{floor.macro_f1:.3f} (shortcut skill {skill.value:.2f}, 95 % interval {skill.low:.2f} to {skill.high:.2f}; "
        f"{_p(shortcut)})."
    )


def _careful(names: Sequence[str]) -> str:
    named = _listed(names, "or")
    return (
        f"This says neither that the labels are wrong nor that any model uses {named}. It says that a score "
        f"measured so cannot tell a model that reads from one that knows {named}; a split that keeps groups whole, or "
        "scores within groups, can."
    )


def _suggested(label: str, where: str, floor: Floor, shortcut: Shortcut) -> str:
    skill = shortcut.skill
    if skill.low is None:
        short = f"It is not called a shortcut: {skill.reason}."
    else:
        short = (
            f"It is not called a shortcut: that takes a lower bound of the skill above 0.10 (here "
            f"{skill.value:.2f}, 95 % interval {skill.low:.2f} to {skill.high:.2f}) and p below 0.01."
        )
    return (
        f"There is some evidence that {label} depends on {shortcut.name} {where}: the look-up scores macro-F1 "
        f"{shortcut.scores.macro_f1:.3f}, more than with {shortcut.name} permuted ({_p(shortcut)}); the best rule that "
        f"knows neither text nor group scores {floor.macro_f1:.3f}. {short}"
    )


def _p(shortcut: Shortcut) -> str:
    return f"adjusted p = {shortcut.null.p_adjusted:.2g}" if shortcut.null else "no p"


def _unfound(label: str, where: str, shortcuts: Sequence[Shortcut]) -> list[str]:
    names = [each.name for each in shortcuts if each.status == "no evidence"]
    if not names:
        return []
    said = f"There is no evidence that {label} is predictable from {_listed(names, 'or')} {where}."
    return [said + " That does not show that it is not: the intervals say how strong a dependence could go unseen."]


def _not_asked(shortcuts: Sequence[Shortcut]) -> list[str]:
    names = [each.name for each in shortcuts if each.status == NOT_APPLICABLE]
    if not names:
        return []
    why = "no tested row's group was trained on, so the look-up has nothing to look up."
    return [f"For {_listed(names, 'and')} the question is {NOT_APPLICABLE}: {why}"]


def _listed(names: Sequence[str], last: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"
