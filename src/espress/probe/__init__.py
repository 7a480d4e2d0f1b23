"""ESPRESS-Probe, a diagnostic set: tasks, frozen splits, and scores with intervals under named estimands.

import espress
result = espress.probe.run(predict, task="relevance")    # predict(rows: list[dict]) -> list[str]
print(result)
espress.probe.write(result.predictions, "mine.parquet")  # espress probe score mine.parquet

The constructed sets have texts for training and for testing:

result = espress.probe.run(predict, task="check")        # or task="stance"
"""

from __future__ import annotations

from espress.errors import ModelError
from espress.probe.baselines import baselines
from espress.probe.classes import classes
from espress.probe.comparison import SetComparison, compare
from espress.probe.constructed.answers import SetAnswer
from espress.probe.constructed.check_result import CheckResult
from espress.probe.constructed.items import rows as set_rows
from espress.probe.constructed.stance_result import StanceResult
from espress.probe.folds import split_hash
from espress.probe.items import as_text, gold, item_hashes, rows
from espress.probe.model_runs import predict
from espress.probe.predictions import Prediction, read
from espress.probe.prompts import answer_prompts, examples, prompt
from espress.probe.reports import report
from espress.probe.result import Comparison, Result
from espress.probe.scores import prompted, run, score, write
from espress.probe.tasks import Task, task, tasks, withheld

__all__ = [
    "CheckResult",
    "Comparison",
    "ModelError",
    "Prediction",
    "Result",
    "SetAnswer",
    "SetComparison",
    "StanceResult",
    "Task",
    "answer_prompts",
    "as_text",
    "baselines",
    "classes",
    "compare",
    "examples",
    "gold",
    "item_hashes",
    "predict",
    "prompt",
    "prompted",
    "read",
    "report",
    "rows",
    "run",
    "score",
    "set_rows",
    "split_hash",
    "task",
    "tasks",
    "withheld",
    "write",
]
