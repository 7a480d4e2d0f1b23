"""Collect all pages of a folder of archives: python collect_ours.py ARCHIVES OUT WORKERS [ENGINE [TOPIC]]."""

import sys

if __name__ == "__main__":
    from espress_build.collect.run import collect

    archives, out, workers, *more = sys.argv[1:]
    engine, topic = (*more, "local")[0], (*more, None, None)[1]
    print(collect(archives, out, topic=topic, engine=engine, workers=int(workers)).kept)  # type: ignore[arg-type]
