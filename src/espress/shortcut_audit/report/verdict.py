"""Write the verdict, which claims no more than the measurements support."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.shortcut_audit.criteria import NOT_APPLICABLE, P_THRESHOLD, SKILL_THRESHOLD
from espress.shortcut_audit.report.escape import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from espress.shortcut_audit.result import Data, Floor, Shortcut


def state_verdict(label: str, data: Data, floor: Floor, shortcuts: Sequence[Shortcut]) -> tuple[str, ...]:
    """Return the findings, strongest first: shortcuts, some evidence, no evidence, and not applicable.

    A pair gets its own sentence only if none of its columns has the same status, because otherwise it adds no finding.
    """
    where = "in this split" if data.given else "in cross-validation"
    sentences: list[str] = []
    for status, state in (("shortcut", _state_shortcut), ("some evidence", _state_some_evidence)):
        found, implied = _separate_implied_pairs(shortcuts, status)
        sentences += [state(label, where, floor, each) for each in found]
        if implied:
            sentences.append(f"The same is true of {_list(implied, 'and')}, which contain columns already named.")
        if found and status == "shortcut":
            sentences.append(_caution([each.name for each in found]))
    sentences += _state_no_evidence(label, where, shortcuts)
    return tuple(map(clean, [*sentences, *_state_not_applicable(shortcuts)]))


def _separate_implied_pairs(shortcuts: Sequence[Shortcut], status: str) -> tuple[list[Shortcut], list[str]]:
    """Return columns and pairs with the status, and the names of pairs in which a column has it or a stronger one."""
    columns = {each.name for each in shortcuts if len(each.columns) == 1 and each.status in {"shortcut", status}}
    having = [each for each in shortcuts if each.status == status]
    implied = [each.name for each in having if len(each.columns) > 1 and columns & set(each.columns)]
    return [each for each in having if each.name not in implied], implied


def _state_shortcut(label: str, where: str, floor: Floor, shortcut: Shortcut) -> str:
    skill = shortcut.skill
    return (
        f"{label} is predictable from {shortcut.name} {where}: a look-up that reads no text scores macro-F1 "
        f"{shortcut.scores.macro_f1:.3f}, while the best rule that knows neither text nor group scores "
        f"{floor.macro_f1:.3f} (shortcut skill {skill.value:.2f}, 95 % interval {skill.low:.2f} to {skill.high:.2f}; "
        f"{_p(shortcut)})."
    )


def _caution(names: Sequence[str]) -> str:
    listed = _list(names, "or")
    return (
        f"This says neither that the labels are wrong nor that any model uses {listed}. It says that such a "
        f"score cannot distinguish a model that uses the text from one that uses {listed}. A split that never "
        "divides a group between training and test, or scores within groups, can distinguish the two."
    )


def _state_some_evidence(label: str, where: str, floor: Floor, shortcut: Shortcut) -> str:
    skill = shortcut.skill
    if skill.low is None:
        short = f"It is not called a shortcut: {skill.reason}."
    else:
        short = (
            f"It is not called a shortcut: a shortcut needs a lower bound of the skill above {SKILL_THRESHOLD:.2f} "
            f"(here {skill.value:.2f}, 95 % interval {skill.low:.2f} to {skill.high:.2f}) and p below "
            f"{P_THRESHOLD:.2f}."
        )
    return (
        f"There is some evidence that {label} depends on {shortcut.name} {where}: the look-up scores macro-F1 "
        f"{shortcut.scores.macro_f1:.3f}, more than with {shortcut.name} permuted ({_p(shortcut)}); the best rule that "
        f"knows neither text nor group scores {floor.macro_f1:.3f}. {short}"
    )


def _p(shortcut: Shortcut) -> str:
    return f"adjusted p = {shortcut.null.p_adjusted:.2g}" if shortcut.null else "no p"


def _state_no_evidence(label: str, where: str, shortcuts: Sequence[Shortcut]) -> list[str]:
    names = [each.name for each in shortcuts if each.status == "no evidence"]
    if not names:
        return []
    sentence = f"There is no evidence that {label} is predictable from {_list(names, 'or')} {where}."
    return [
        sentence
        + " This does not show that there is no dependence: the intervals show how strong a dependence could have gone "
        "undetected."
    ]


def _state_not_applicable(shortcuts: Sequence[Shortcut]) -> list[str]:
    names = [each.name for each in shortcuts if each.status == NOT_APPLICABLE]
    if not names:
        return []
    why = "no tested row's group was trained on, so the look-up has no counts to use."
    return [f"For {_list(names, 'and')} the question is {NOT_APPLICABLE}: {why}"]


def _list(names: Sequence[str], last: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"
