"""Link the sketches of a folder: python link_sketches.py FOLDER disk|memory. Writes the relations beside it."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import pyarrow.parquet as pq
from benchmarks.scale.links_in_memory import find_links_in_memory
from benchmarks.scale.sketches import EVENT_TABLE, map_sketches

from espress_build.inputs.params import read_params
from espress_build.pipeline.link import find_links

if __name__ == "__main__":
    folder, way = Path(sys.argv[1]), sys.argv[2]
    params, sketches = read_params(), map_sketches(folder)
    start = time.perf_counter()
    if way == "disk":
        relations = find_links({"sketches": sketches, "events": EVENT_TABLE}, params).kept["relations"]
    else:
        relations = find_links_in_memory(sketches, EVENT_TABLE, params.link)
    (folder.parent / f"{way}.json").write_text(f"{time.perf_counter() - start:.4f}", encoding="utf-8")
    pq.write_table(relations, folder.parent / f"{way}.parquet")
