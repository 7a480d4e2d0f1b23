"""Simulated predictions that are correlated within articles and paragraphs, with the true scores of their population.

Each article, and each paragraph, has its own effect on how often a row is positive and how often the system is right.
The sizes are like those of the corpus: paragraphs of an article, units of a paragraph, three rows a unit. Articles may
be linked in blocks: then they share a part of their effects.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

UNITS = (0.70, 0.22, 0.06, 0.02)  # shares of paragraphs with one, two, three and four units
NODES, WEIGHTS = (values / scale for values, scale in zip(
    np.polynomial.hermite_e.hermegauss(41), (1.0, np.sqrt(2 * np.pi)), strict=True
))  # fmt: skip


@dataclass(frozen=True)
class World:
    """The population of articles; effects are standard deviations on the logit scale."""

    positive: float = -0.75  # logit of the share of positive rows
    right_negative: float = 1.9  # logit of the share of negative rows that are answered right
    right_positive: float = 1.1
    article_effect: float = 0.7
    paragraph_effect: float = 0.5
    least_paragraphs: int = 9
    most_paragraphs: int = 19
    rows_a_unit: int = 3
    blocks: tuple[int, ...] = ()  # number of articles in each block; empty if no articles are linked
    shared: float = 0.0  # share of the variance of an article's effects that its block has in common

    def to_dict(self) -> dict[str, Any]:
        """Return all values of the world, and the sizes of articles and paragraphs."""
        return asdict(self) | {"units_of_a_paragraph": UNITS}


@dataclass(frozen=True)
class Sample:
    """Articles drawn from a world: tallies (paragraphs, 2, 3), the article of each, effects of articles (G, 2)."""

    tallies: NDArray[np.int64]
    article: NDArray[np.intp]
    effects: Floats

    def by_article(self) -> NDArray[np.int64]:
        """Return tallies (G, 2, 3)."""
        sums = np.zeros((len(self.effects), 2, 3), dtype=np.int64)
        np.add.at(sums, self.article, self.tallies)
        return sums


def _logistic(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))


def _tallies(right_negative: Any, negative: Any, right_positive: Any, positive: Any) -> NDArray[Any]:
    """Return tallies (n, 2, 3) from counts, or expected counts, of rows (n,)."""
    negatives = [right_negative, right_negative + positive - right_positive, negative]
    positives = [right_positive, right_positive + negative - right_negative, positive]
    return np.moveaxis(np.array([negatives, positives]), -1, 0)


def _answers(rng: np.random.Generator, world: World, rows: Any, positive: Any, skill: Floats) -> NDArray[np.int64]:
    """Return tallies (paragraphs, 2, 3) of a system with a skill in each paragraph."""
    right_positive = rng.binomial(positive, _logistic(world.right_positive + skill))
    right_negative = rng.binomial(rows - positive, _logistic(world.right_negative + skill))
    return _tallies(right_negative, rows - positive, right_positive, positive)


def _rows(rng: np.random.Generator, world: World, n_paragraphs: int) -> NDArray[np.int64]:
    return world.rows_a_unit * (1 + rng.choice(len(UNITS), size=n_paragraphs, p=UNITS))


def _effects(rng: np.random.Generator, world: World, n_articles: int) -> Floats:
    """Return effects of articles (G, 2); those of linked articles correlate, all with the same variance."""
    own = rng.normal(0, world.article_effect, (n_articles, 2))
    if not world.blocks:
        return own
    of_blocks = rng.normal(0, world.article_effect, (len(world.blocks), 2))
    found: Floats = world.shared**0.5 * np.repeat(of_blocks, world.blocks, axis=0) + (1 - world.shared) ** 0.5 * own
    return found


def sample(rng: np.random.Generator, world: World, n_articles: int) -> Sample:
    """Draw articles, their paragraphs, and the system's answers."""
    effects = _effects(rng, world, n_articles)
    n_paragraphs = rng.integers(world.least_paragraphs, world.most_paragraphs + 1, n_articles)
    article = np.repeat(np.arange(n_articles), n_paragraphs)
    share, skill = (effects[article] + rng.normal(0, world.paragraph_effect, (article.size, 2))).T
    rows = _rows(rng, world, article.size)
    positive = rng.binomial(rows, _logistic(world.positive + share))
    return Sample(_answers(rng, world, rows, positive, skill), article, effects)


def equals(
    rng: np.random.Generator, world: World, n_paragraphs: int, of_an_article: int = 0
) -> list[NDArray[np.int64]]:
    """Return the tallies of two systems that are equally good in all articles taken together.

    They find each paragraph equally hard and err independently. With `of_an_article` paragraphs in each article, each
    system also has luck in each article; then only whole articles can be exchanged.
    """
    skill = rng.normal(0, world.paragraph_effect, n_paragraphs)
    rows = _rows(rng, world, n_paragraphs)
    positive = rng.binomial(rows, _logistic(np.full(n_paragraphs, world.positive)))
    luck = np.zeros((2, n_paragraphs))
    if of_an_article:
        each = rng.normal(0, world.article_effect, (2, n_paragraphs // of_an_article))
        luck = np.repeat(each, of_an_article, axis=1)
    return [_answers(rng, world, rows, positive, skill + own) for own in luck]


def _expected(world: World, effects: Floats, spread: float) -> Floats:
    """Return the expected tallies of a row (G, 2, 3), given effects (G, 2) and the spread of further random effects."""
    added = spread * NODES

    def mean(logit: float, effect: Floats) -> Floats:
        expected: Floats = _logistic(logit + effect[:, None] + added) @ WEIGHTS
        return expected

    positive = mean(world.positive, effects[:, 0])
    right_positive = positive * mean(world.right_positive, effects[:, 1])
    right_negative = (1 - positive) * mean(world.right_negative, effects[:, 1])
    return _tallies(right_negative, 1 - positive, right_positive, positive)


def truth_here(world: World, drawn: Sample) -> Floats:
    """Return expected tallies (2, 3) of these articles, over infinitely many redrawn paragraphs."""
    expected = _expected(world, drawn.effects, world.paragraph_effect)
    sums: Floats = (np.bincount(drawn.article)[:, None, None] * expected).sum(axis=0)
    return sums


def truth_everywhere(world: World) -> Floats:
    """Return expected tallies (2, 3) of all articles."""
    spread = float(np.hypot(world.article_effect, world.paragraph_effect))
    expected: Floats = _expected(world, np.zeros((1, 2)), spread)[0]
    return expected
