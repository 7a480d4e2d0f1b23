"""The probe in other evaluation harnesses: the same items, prompts and scores, run by their own packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.errors import EspressError, UnknownNameError
from espress.probe.harnesses.saved_answers import recorded

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["HARNESSES", "export", "recorded"]

HARNESSES = ("lm-eval", "mteb")
_MTEB = """MTEB needs no files. Its tasks are made in Python:

import mteb
from espress.probe.harnesses.mteb import tasks
mteb.evaluate(model, tasks(), prediction_folder="FOLDER")"""


def export(harness: str, folder: Path) -> str:
    """Write the files that a harness needs into a new folder, and return what to type next.

    Args:
        harness: "lm-eval" (lm-evaluation-harness: a folder of YAML files) or "mteb" (nothing to write).
        folder: a new or empty folder; not used for "mteb".

    Raises:
        UnknownNameError: the harness does not exist.
        EspressError: the folder is not empty, or cannot be written.
    """
    if harness not in HARNESSES:
        raise UnknownNameError("harness", harness, list(HARNESSES))
    if harness == "mteb":
        return _MTEB
    from espress.probe.harnesses.lm_eval import write

    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise EspressError(
                f"{folder} is not empty, and old tasks would remain among the new ones. Name a new folder."
            )
        count = write(folder)
    except OSError as error:
        raise EspressError(f"{folder} cannot be written: {error}. Name another folder.") from error
    return (
        f"{count} tasks in {folder}. To run the prompts of one task without examples, type:\n"
        f"lm_eval run --model hf --model_args pretrained=MODEL --include_path {folder} "
        "--tasks espress_position_generate --log_samples --output_path RESULTS"
    )
