"""huggingface_hub and datasets: the card survives a round trip, and every config loads from the folder in silence.

The Hub's own validation of a card is a service on the web and is not it.
"""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from importlib.metadata import version
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"


def _card(folder: Path) -> list[str]:
    import yaml
    from huggingface_hub import DatasetCard, DatasetCardData

    card = DatasetCard.load(str(folder / "README.md"), repo_type="dataset")
    if not isinstance(card.data, DatasetCardData):
        return [f"README.md: read as {type(card.data).__name__}"]
    front = yaml.safe_load((folder / "README.md").read_text(encoding="utf-8").split("---\n", 2)[1])
    again = DatasetCard(str(card))
    read, reread = (dict[str, object](each.data.to_dict()) for each in (card, again))
    found = [] if read == front else ["README.md: the card's data is not its front matter"]
    same = reread == front and again.text == card.text
    return found if same else [*found, "README.md: not the same after a round trip"]


def _configs(folder: Path) -> list[str]:
    import pyarrow.parquet as pq
    from datasets import get_dataset_config_names, load_dataset

    found = []
    paths = {path.stem: path for path in (folder / "data").glob("*.parquet")}
    filled = {name for name, path in paths.items() if pq.read_metadata(path).num_rows}
    if set(get_dataset_config_names(str(folder))) != filled:
        found.append("README.md: its configs are not the tables with rows")
    with tempfile.TemporaryDirectory() as cache:
        for name in sorted(filled):
            (loaded,) = load_dataset(str(folder), name, cache_dir=cache).values()
            rows, columns = pq.read_table(paths[name]).num_rows, pq.read_schema(paths[name]).names
            if (loaded.num_rows, loaded.column_names) != (rows, columns):
                found.append(f"{name}: {loaded.num_rows} rows of {loaded.column_names}")
    return found


def complaints(folder: Path) -> list[str]:
    """Return what the two libraries say against the card, their warnings among it."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        found = [*_card(folder), *_configs(folder)]
    return found + [f"warning: {each.message}" for each in warned if not issubclass(each.category, DeprecationWarning)]


if __name__ == "__main__":
    print(f"{version('huggingface_hub')}, datasets {version('datasets')}")
    wrong = complaints(Path(sys.argv[1]))
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)
