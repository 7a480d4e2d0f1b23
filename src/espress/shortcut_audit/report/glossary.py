"""The terms and symbols of a report: a term, its symbol or formula, and its meaning."""

from __future__ import annotations

GLOSSARY = (
    ("look-up", "p(y|g) = (n_gy + m * prior_y) / (n_g + m)", "probability of label y in group g, from training rows"),
    ("prior", "prior_y", "share of label y among all training rows; an unseen group gets it"),
    ("blind rule", "S_0", "macro-F1 of the better of two rules that use neither text nor group"),
    ("macro-F1", "S_g (look-up), S_m (model)", "mean over the labels of F1, out of fold"),
    ("shortcut skill", "(S_g - S_0) / (1 - S_0)", "share of the way from the blind rule to a perfect macro-F1"),
    (
        "bits gained",
        "mean of log2 p(y|g) - log2 prior_y",
        "reduction of the log-loss of tested rows; negative if the look-up is confident and wrong",
    ),
    ("uncertainty", "H(Y)", "entropy of the labels of the tested rows, in bits per row"),
    ("share of uncertainty removed", "gain / H(Y)", "0 if the column says nothing, 1 if it decides the label"),
    (
        "balanced accuracy, prior-matched",
        "mean over y of recall_y; answer: argmax p(y|g) / prior_y",
        "each row gets the label that is most over-represented in its group; 1 / number of labels is chance",
    ),
    ("share of the model's gain", "(S_g - S_0) / (S_m - S_0)", "how much of the model's lead needs no text"),
    ("permuted", "", "the group column is permuted, and the whole cross-validation run again"),
    ("p", "(1 + b) / (1 + R)", "b of R permutations score at least as well"),
    (
        "adjusted p",
        "",
        "compares with the best of all columns, pairs and both tests in each permutation; corrects for many tests",
    ),
    ("coverage", "", "share of tested rows whose group occurs among their training rows"),
    ("singletons", "", "share of rows that are alone in their group, which says nothing about other rows"),
)
