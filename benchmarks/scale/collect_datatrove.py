"""Read archives with datatrove and trafilatura into JSON Lines: python collect_datatrove.py ARCHIVES OUT WORKERS."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

_SECONDS = 30  # for one page, as `espress collect` gives it

if __name__ == "__main__":
    archives, out, workers = sys.argv[1:]
    pipeline: Any = import_module("datatrove.executor").LocalPipelineExecutor(
        pipeline=[
            import_module("datatrove.pipeline.readers").WarcReader(archives),
            import_module("datatrove.pipeline.extractors").Trafilatura(timeout=_SECONDS),
            import_module("datatrove.pipeline.writers").JsonlWriter(out, compression=None),
        ],
        tasks=int(workers),
        workers=int(workers),
        logging_dir=f"{out}-logs",
    )
    pipeline.run()
    print(sum(path.read_bytes().count(b"\n") for path in Path(out).glob("*.jsonl")))
