"""Measure the constructed sets: shortcuts in their labels, and runs of words that splits and natural articles share.

Writes `benchmarks/results/constructed.json`. Run it with `make constructed-sets`.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np
from benchmarks.files import ROOT, write_result
from sklearn.metrics import f1_score

import espress
from espress import probe
from espress.probe.constructed import answers as set_answers
from espress.probe.constructed.items import choose_items, kept_items, read_items
from espress.text import words

if TYPE_CHECKING:
    import pandas as pd

PREDICTIONS = ROOT / "predictions"
LENGTHS = (3, 4, 5, 6)  # words of a run
GROUPS = {
    "check": ["function", "fill_id", "first_state", "proposition_id", "length"],
    "stance_articles": ["event_type", "register", "first_state", "sheet_id", "length"],
}


def load_check() -> pd.DataFrame:
    """Return the kept English cases with the groups that are audited."""
    rows = espress.load("check", as_="pandas", where={"language": "en", "kept": True})
    rows["first_state"] = [states[0] if len(states) else "none" for states in rows["states"]]
    return _cut_lengths(rows, [len(words(text)) for text in rows["text"]])


def load_articles() -> pd.DataFrame:
    """Return the kept articles with a stance as written: no copies, no controls."""
    rows = espress.load("stance_articles", as_="pandas", where={"swap_kind": None, "is_control": False, "kept": True})
    rows["first_state"], rows["body"] = rows["state_accused"], rows["title"] + "\n" + rows["text"]
    return _cut_lengths(rows, rows["n_words"])


def _cut_lengths(rows: pd.DataFrame, lengths: Any) -> pd.DataFrame:
    edges = np.quantile(lengths, [0.25, 0.5, 0.75])
    return rows.assign(length=[f"quarter {np.searchsorted(edges, n) + 1}" for n in lengths])


def audit(rows: pd.DataFrame, text: str, label: str, groups: list[str], cluster: str) -> dict[str, Any]:
    """Return how well each group predicts the label without any text, and how well the text model does."""
    found = espress.audit(rows, text=text, label=label, groups=groups, cluster=cluster).to_dict()
    scores = {}
    for one in found["shortcuts"]:
        if len(one["columns"]) == 1 and one["scores"]:
            scores[one["columns"][0]] = {
                "macro_f1": one["scores"]["macro_f1"],
                "low": one["interval"]["low"],
                "high": one["interval"]["high"],
                "p": one["null"]["p_adjusted"] if one["null"] else None,
                "gain_p": one["null"]["gain_p_adjusted"] if one["null"] else None,
                "status": one["status"],
            }
    return {"rows": len(rows), "floor": found["floor"]["macro_f1"], "groups": scores}


def _runs(texts: Any, length: int) -> set[tuple[str, ...]]:
    found = set()
    for text in texts:
        own = [word.casefold() for word in words(text)]
        found |= {tuple(own[at : at + length]) for at in range(len(own) - length + 1)}
    return found


def measure_overlap(rows: pd.DataFrame, texts: str, natural: list[str]) -> list[dict[str, Any]]:
    """Return, for runs of each length, how many of the test split also occur in train, and in natural articles."""
    measured = []
    for length in LENGTHS:
        test, train = (_runs(rows.loc[rows["split"] == split, texts], length) for split in ("test", "train"))
        everything = _runs(rows[texts], length)
        measured.append(
            {
                "words": length,
                "test": len(test),
                "shared_with_train": len(test & train),
                "all": len(everything),
                "shared_with_natural": len(everything & _runs(natural, length)),
            }
        )
    return measured


_NATURAL = {  # task of `check` -> task on natural text
    "relevance": "relevance",
    "position": "position",
    "attribution": "attribution",
    "cue_strength": "cue-strength",
}


def compare_with_natural() -> list[dict[str, Any]]:
    """Return the macro-F1 of each baseline on `check` (English, split test) and on natural text (split by article)."""
    kept = {task: [item for item in list_items("check") if item.record["task"] == task] for task in _NATURAL}
    found = []
    for path in sorted((PREDICTIONS / "sets").glob("*.parquet")):
        if not (natural := PREDICTIONS / path.name).is_file():
            continue
        given = {one.item_id: one.answer for one in set_answers.read(path) if one.set == "check"}
        own = [one for one in probe.read(natural) if one.split == "article" and one.run == "1"]
        for task, name in _NATURAL.items():
            items, gold = kept[task], probe.gold(name)
            guessed = {one.item_id: one.prediction for one in own if one.task == name}
            if not items or set(guessed) != set(gold):
                continue
            found.append(
                {
                    "system": path.stem,
                    "task": task,
                    "check": _macro([item.gold for item in items], [given[item.item_id] for item in items]),
                    "natural": _macro(list(gold.values()), [guessed[item] for item in gold]),
                }
            )
    return found


def list_items(name: str) -> list[Any]:
    """Return the kept English items of the split test."""
    return kept_items(choose_items(read_items(name), "test", "en"), name, "test", "en")


def _macro(gold: list[str], given: list[str | None]) -> float:
    return float(
        f1_score(gold, [one or "" for one in given], average="macro", labels=sorted(set(gold)), zero_division=0)
    )


def hash_tables() -> str:
    """Return a hash of the rows that were measured, which tells whether the results are those of the present data."""
    tables = (espress.load(name, as_="arrow") for name in ("check", "stance_articles"))
    texts = [json.dumps(table.to_pylist(), ensure_ascii=False, default=str) for table in tables]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def main() -> None:
    """Measure and write the results."""
    check, articles = load_check(), load_articles()
    natural = espress.load("sentences", as_="arrow")["text"].to_pylist()
    audits = {
        task: audit(own, "text", "label", GROUPS["check"], "frame_id") for task, own in check.groupby("task", sort=True)
    }
    audits["stance"] = audit(articles, "body", "stance", GROUPS["stance_articles"], "sheet_id")
    results = {
        "data": hash_tables(),
        "audits": audits,
        "natural": compare_with_natural(),
        "overlap": {
            "check": measure_overlap(check, "text", natural),
            "stance_articles": measure_overlap(articles, "body", natural),
        },
    }
    write_result("constructed", results)
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
