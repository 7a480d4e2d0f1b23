"""A small audit with a case of everything that a report must show, made by hand."""

from __future__ import annotations

from espress.shortcut_audit.criteria import NOT_APPLICABLE
from espress.shortcut_audit.result import (
    UNDEFINED,
    Audit,
    Data,
    DuplicateGroup,
    Duplicates,
    Estimate,
    Flag,
    Floor,
    GroupLabels,
    GroupScore,
    LabelCount,
    LabelShares,
    Null,
    Overlap,
    Parameter,
    Reference,
    Scores,
    Shortcut,
    Version,
    WithinGroups,
)

FEW = "7 clusters: read the interval with caution"
REFUSED = "no interval: 4 clusters are fewer than 5"


def shortcut(*columns: str, status: str, f1: float, skill: Estimate, null: Null | None, **more: object) -> Shortcut:
    scores = Scores(n=600, macro_f1=f1, accuracy=0.7, gain=0.21, gain_share=0.22, balanced_accuracy=0.73)
    parts: dict[str, object] = {
        "interval": Estimate(f1, f1 - 0.05, f1 + 0.05, FEW),
        "gain_share": Estimate(0.22, 0.13, 0.3, FEW),
        "balanced_accuracy": Estimate(0.73, 0.68, 0.79, FEW),
        "share_of_gain": Estimate(0.81, 0.62, 1.04),
        "flags": (),
        "within": None,
    }
    return Shortcut(
        columns=columns,
        status=status,
        found_by=("macro-F1", "gain") if status == "shortcut" else (),
        groups=11,
        singleton_share=0.1,
        coverage=0.96,
        scores=scores,
        covered=Scores(n=576, macro_f1=f1 + 0.01, accuracy=0.71),
        in_sample_macro_f1=0.84,
        null=null,
        skill=skill,
        **{**parts, **more},  # type: ignore[arg-type]
    )


def sample(name: str = "outlet", label: str = "biased", text: str = "Officials said on Monday that") -> Audit:
    """Return an audit in which the user's column, label and text are as given."""
    null = Null(
        1000, "column permuted between clusters", mean=0.498, excess=0.214, p=0.000999, p_adjusted=0.001998,
        gain_mean=-0.01, gain_excess=0.22, gain_p=0.001998, gain_p_adjusted=0.002997,
    )  # fmt: skip
    groups = (GroupLabels(text, 310, (90, 220)), GroupLabels("b", 150, (140, 10)))
    total, rest = GroupLabels("all rows", 600, (320, 280)), GroupLabels("9 other groups", 140, (90, 50))
    shares = (
        LabelShares((name,), (label, "fair"), 11, total, groups, 9, rest),
        LabelShares(("day",), (label, "fair"), 1, total, (GroupLabels("Monday", 600, (320, 280)),), 0, None),
    )
    within = WithinGroups(2, 410, 0.58, 0.47, (GroupScore(text, 300, 0.6, 0.45), GroupScore("b", 110, 0.55, 0.5)))
    cuts = (
        shortcut(
            name, status="shortcut", f1=0.712, skill=Estimate(0.42, 0.31, 0.53, FEW), null=null, within=within,
            flags=(Flag("missing", f"{name} has no value in lines 3, 9"), Flag("alias", f"{name} is an alias of url")),
        ),
        shortcut(
            "day", status="no evidence", f1=0.503, skill=Estimate(0.006, None, None, REFUSED), null=null,
            interval=Estimate(0.503, None, None, REFUSED), share_of_gain=Estimate(None, reason=UNDEFINED),
        ),
        shortcut(
            name, "day", status=NOT_APPLICABLE, f1=0.5, skill=Estimate(None, reason=NOT_APPLICABLE), null=None,
            share_of_gain=Estimate(None, reason=NOT_APPLICABLE), gain_share=Estimate(None, reason=NOT_APPLICABLE),
            balanced_accuracy=Estimate(None, reason=NOT_APPLICABLE),
        ),
    )  # fmt: skip
    reference = Scores(600, 0.744, 0.76, 0.3, 0.31)
    copies = DuplicateGroup("near", "lines 4, 90", 2, (label, "fair"), straddles=True, excerpt=text)
    return Audit(
        label_shares=shares,
        verdict=(f"{label} is predictable from {name} in this split.", "This is not “the labels are wrong”."),
        warnings=(f"2 texts of {name} are missing.",),
        data=Data("votes.csv", 600, 600, 600, (LabelCount(label, 320, 320), LabelCount("fair", 280, 280)),
                  "5-fold cross-validation, 10 times", f"column {name}", 7, 0.9966),
        floor=Floor(0.5, "draw from the label shares", 0.348, 0.5, 0.533),
        shortcuts=cuts,
        references=(Reference("text", "TF-IDF and logistic regression", reference, Estimate(0.744, 0.7, 0.79),
                              Estimate(0.244, 0.2, 0.29)),),
        model="text",
        duplicates=Duplicates(0, 1, 2, 1, 2, 600, 0.8, "near: Jaccard of word triples at least 0.8", (copies,)),
        overlaps=(Overlap(name, 11, 10, 10, 600, 590),),
        parameters=(Parameter("m", "1", "one row's worth of prior"),),
        versions=(Version("numpy", "2.4.0"),),
    )  # fmt: skip
