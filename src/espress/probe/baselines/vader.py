"""VADER, a sentiment lexicon: the unit's compound score, mapped to labels by a rule fixed in advance.

A compound score runs from -1 to 1; VADER's authors call a text negative at -0.05 or less, positive at 0.05 or more, and
neutral in between. `RULES` holds the rule of each task. The tasks do not ask for sentiment: this baseline shows how
well sentiment alone does. For attribution there is no obvious rule; the one used here is arbitrary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from espress.errors import MissingLibraryError
from espress.installation import how_to_install

if TYPE_CHECKING:
    from collections.abc import Callable

    from espress.probe.items import Row
    from espress.probe.tasks import Task

NAME = "vader"
TRAINED = False
READS_TEXT = True
CUT = 0.05  # Hutto and Gilbert's threshold, from the documentation of vaderSentiment


class Rule(NamedTuple):
    """The label for a negative, a neutral and a positive unit."""

    negative: str
    neutral: str
    positive: str


RULES = {
    "relevance": Rule("yes", "no", "no"),  # covert acts are described in negative words
    "position": Rule("not_support", "support", "support"),  # a denial is negative; support is the common case
    "attribution": Rule("official", "outlet", "other_named"),  # arbitrary: sentiment does not tell who speaks
    "attribution-carried": Rule("official", "outlet", "other_named"),
    "cue-strength": Rule("not_neutral", "neutral", "not_neutral"),
    "cue-strength-carried": Rule("not_neutral", "neutral", "not_neutral"),
    "check-relevance": Rule("yes", "no", "no"),
    "check-position": Rule("deny", "mention", "support"),
    "check-attribution": Rule("official", "outlet", "other_named"),
    "check-cue-strength": Rule("distancing", "neutral", "endorsing"),
    "stance": Rule("against", "neither", "favor"),  # what sentiment says if it is taken for stance
}
TASKS = tuple(RULES)


def choose_label(compound: float, rule: Rule) -> str:
    """Return the rule's label for a compound score."""
    if compound <= -CUT:
        return rule.negative
    return rule.positive if compound >= CUT else rule.neutral


def make(task: Task) -> Callable[[list[Row]], list[str]]:
    """Return the predicting function; raises MissingLibraryError."""
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ModuleNotFoundError as error:
        raise MissingLibraryError("vaderSentiment", "the baseline `vader`", how_to_install("probe")) from error
    analyse, rule = SentimentIntensityAnalyzer().polarity_scores, RULES[task.name]

    def predict(rows: list[Row]) -> list[str]:
        return [choose_label(analyse(row["text"])["compound"], rule) for row in rows]

    return predict
