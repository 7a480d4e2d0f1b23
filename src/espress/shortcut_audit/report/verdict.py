"""Write the verdict: the findings of an audit in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.shortcut_audit.criteria import (
    GAIN,
    GAIN_THRESHOLD,
    MACRO_F1,
    NOT_APPLICABLE,
    P_THRESHOLD,
    SKILL_THRESHOLD,
)
from espress.shortcut_audit.report.escape import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from espress.shortcut_audit.result import Data, Estimate, Floor, GroupLabels, LabelShares, Shortcut

ENOUGH = 10  # rows of a group whose label shares are named in the verdict


def state_verdict(
    label: str, data: Data, floor: Floor, shortcuts: Sequence[Shortcut], label_shares: Sequence[LabelShares]
) -> tuple[str, ...]:
    """Return the findings, strongest first: shortcuts, some evidence, no evidence, and not applicable.

    A pair gets its own sentence only if none of its columns has the same status, because otherwise it adds no finding.
    """
    where = "in this split" if data.given else "in cross-validation"
    sentences: list[str] = []
    for status, state in (("shortcut", _state_shortcut), ("some evidence", _state_some_evidence)):
        found, implied = _separate_implied_pairs(shortcuts, status)
        for each in found:
            sentences.append(state(label, where, floor, each))
            shares = [own for own in label_shares if each.flagged and own.columns == each.columns]
            sentences += [_state_range(label, own) for own in shares]
        if implied:
            contain = "contains a column" if len(implied) == 1 else "contain columns"
            sentences.append(f"The same is true of {_list(implied, 'and')}, which {contain} already named.")
        if found and status == "shortcut":
            sentences.append(_caution([each.name for each in found]))
    sentences += _state_no_evidence(label, where, shortcuts)
    return tuple(map(clean, [*sentences, *_state_not_applicable(shortcuts)]))


def _separate_implied_pairs(shortcuts: Sequence[Shortcut], status: str) -> tuple[list[Shortcut], list[str]]:
    """Return columns and pairs with the status, and names of pairs in which a column has this or a stronger status."""
    columns = {each.name for each in shortcuts if len(each.columns) == 1 and each.status in {"shortcut", status}}
    having = [each for each in shortcuts if each.status == status]
    implied = [each.name for each in having if len(each.columns) > 1 and columns & set(each.columns)]
    return [each for each in having if each.name not in implied], implied


def _state_shortcut(label: str, where: str, floor: Floor, shortcut: Shortcut) -> str:
    by_macro_f1 = MACRO_F1 in shortcut.found_by
    state = _state_macro_f1(shortcut, floor) if by_macro_f1 else _state_gain(shortcut, floor)
    return f"{label} is predictable from {shortcut.name} {where}: a look-up that reads no text {state}."


def _state_macro_f1(shortcut: Shortcut, floor: Floor) -> str:
    return (
        f"scores macro-F1 {shortcut.scores.macro_f1:.3f}, while the best rule that knows neither text nor group scores "
        f"{floor.macro_f1:.3f} (shortcut skill {_interval(shortcut.skill)}; {_p(shortcut, MACRO_F1)})"
    )


def _state_gain(shortcut: Shortcut, floor: Floor) -> str:
    share = shortcut.gain_share
    return (
        f"removes {_percent(share.value)} of the uncertainty about the label (95 % interval {_percent(share.low)} to "
        f"{_percent(share.high)}; {_p(shortcut, GAIN)}). Macro-F1 does not show this (look-up "
        f"{shortcut.scores.macro_f1:.3f}, best rule that knows neither text nor group {floor.macro_f1:.3f}), because "
        "it sees only changes of the most probable label. At the prior-matched threshold, the balanced accuracy is "
        f"{shortcut.balanced_accuracy.value:.3f}"
    )


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{100 * share:.1f} %"


def _interval(estimate: Estimate) -> str:
    if estimate.low is None:
        return f"{estimate.value:.2f}, {estimate.reason}"
    return f"{estimate.value:.2f}, 95 % interval {estimate.low:.2f} to {estimate.high:.2f}"


def _state_range(label: str, shares: LabelShares) -> str:
    """Return the sentence that names the groups with the lowest and highest share of the label that varies most."""
    groups = [group for group in shares.shown if group.n >= ENOUGH] or list(shares.shown)
    spread = [max(own) - min(own) for own in zip(*(group.shares for group in groups), strict=True)]
    at = max(range(len(spread)), key=lambda place: (spread[place], place))  # the rarer label, if two vary alike
    least, most = (choose(groups, key=lambda group: group.shares[at]) for choose in (min, max))
    return (
        f"The share of {label} = {shares.labels[at]} varies between values of {shares.name} from "
        f"{_count(least, at)} to {_count(most, at)}."
    )


def _count(group: GroupLabels, at: int) -> str:
    return f"{_percent(group.shares[at])} ({group.group}: {group.counts[at]:,} of {group.n:,} rows)"


def _caution(names: Sequence[str]) -> str:
    listed = _list(names, "or")
    return (
        f"This says neither that the labels are wrong nor that any model uses {listed}. It says that such a "
        f"score cannot distinguish a model that uses the text from one that uses {listed}. A split that never "
        "divides a group between training and test, or scores within groups, can distinguish the two."
    )


def _state_some_evidence(label: str, where: str, floor: Floor, shortcut: Shortcut) -> str:
    null = shortcut.null
    if null is not None and null.p_adjusted > null.gain_p_adjusted:
        effect, threshold, name = shortcut.gain_share, GAIN_THRESHOLD, "share of uncertainty removed"
        state = f"removes {_percent(effect.value)} of the uncertainty about the label, more than it removes"
        statistic, compared = GAIN, ""
    else:
        effect, threshold, name = shortcut.skill, SKILL_THRESHOLD, "skill"
        state = f"scores macro-F1 {shortcut.scores.macro_f1:.3f}, more than it scores"
        statistic = MACRO_F1
        compared = f"; the best rule that knows neither text nor group scores {floor.macro_f1:.3f}"
    short = effect.reason
    if effect.low is not None:
        here = f"(here, the {name} is {_interval(effect)})"
        short = (
            f"a shortcut needs a lower bound of the {name} above {threshold:.2f} {here} and p below {P_THRESHOLD:.2f}"
        )
    return (
        f"There is some evidence that {label} depends on {shortcut.name} {where}: the look-up {state} when "
        f"{shortcut.name} is permuted ({_p(shortcut, statistic)}){compared}. It is not called a shortcut: {short}."
    )


def _p(shortcut: Shortcut, statistic: str) -> str:
    if shortcut.null is None:
        return "no p"
    p = shortcut.null.p_adjusted if statistic == MACRO_F1 else shortcut.null.gain_p_adjusted
    return f"adjusted p = {p:.2g}"


def _state_no_evidence(label: str, where: str, shortcuts: Sequence[Shortcut]) -> list[str]:
    names = [each.name for each in shortcuts if each.status == "no evidence"]
    if not names:
        return []
    sentence = f"There is no evidence that {label} is predictable from {_list(names, 'or')} {where}."
    caution = "the intervals show how strong a dependence could have gone undetected."
    return [f"{sentence} This does not show that there is no dependence: {caution}"]


def _state_not_applicable(shortcuts: Sequence[Shortcut]) -> list[str]:
    names = [each.name for each in shortcuts if each.status == NOT_APPLICABLE]
    if not names:
        return []
    why = "no tested row has a group with training rows, so the look-up has no counts to use."
    return [f"For {_list(names, 'and')} the question is {NOT_APPLICABLE}: {why}"]


def _list(names: Sequence[str], last: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"
