"""Turn the recorded answers of systems that cannot be run again into predictions/NAME.parquet."""

from __future__ import annotations

import csv
import tomllib

from benchmarks.files import ROOT
from benchmarks.statistics.baselines import PREDICTIONS, keep

from espress.probe.folds import SPLITS, split_hash
from espress.probe.predictions import Prediction

ANSWERS = ROOT / "predictions" / "answers"


def recorded(name: str) -> list[Prediction]:
    """Return a system's answers as predictions, the same for both splits: it was not trained here."""
    about = tomllib.loads((ANSWERS / f"{name}.toml").read_text(encoding="utf-8"))
    with (ANSWERS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Prediction(
            task=row["task"],
            item_id=row["item_id"],
            item_hash=row["item_hash"],  # as it was when the system answered, so that changed items are noticed
            prediction=row["prediction"] or None,
            split=split,
            split_hash=split_hash(split),
            model=about["model"],
            family=about["family"],
            ran_on=about["ran_on"],
        )
        for split in SPLITS
        for row in rows
    ]


if __name__ == "__main__":
    for path in sorted(ANSWERS.glob("*.csv")):
        written = keep(recorded(path.stem), PREDICTIONS / f"{path.stem}.parquet")
        print(f"{path.stem}: {'written' if written else 'kept'}")
