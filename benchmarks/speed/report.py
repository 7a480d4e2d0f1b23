"""Write docs/generated/benchmarks.md from results/speed.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.files import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PAGE = ROOT / "docs" / "generated" / "benchmarks.md"
IMPORT_LIMIT_S, LOAD_LIMIT, LOAD_AIM, DATASETS_LIMIT, DATASETS_AIM = 0.2, 1.3, 1.15, 1.0, 0.7
BUILD_LIMIT, BUILD_AIM, FLAT = 2.0, 5.0, 1.3

_HEAD = """<!-- made by benchmarks/speed/run.py from benchmarks/results/speed.json; do not edit -->
# Benchmarks

`make bench` measures everything on this page and writes it. `python -m benchmarks.speed.run PART` measures one part;
`--quick` tries the scripts without writing. All times are those of whole processes, from start to exit. The scripts of
a table take turns, so that a slow minute of the machine slows all of them; ratios are ratios of medians. `plain_*.py`
are baselines, `ours_*.py` use this package; the last section lists their hashes. Times differ between machines, ratios
less. The line below a table compares a figure with its limit (`at most` or `at least`) and with a stricter aim."""


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a Markdown table with the first column aligned to the left, the others to the right."""
    names = list(head)
    lines = [names, ["---", *("---:" for _ in names[1:])], *([str(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _times(part: dict[str, Any]) -> str:
    rows = [
        (name, f"{t['median_s']:.3f}", f"{t['least_s']:.3f}", f"{t['most_s']:.3f}", t["peak_mib"])
        for name, t in part["times"].items()
    ]
    return table(("process", "median, s", "least, s", "most, s", "peak memory, MiB"), rows)


def _verdict(what: str, value: float, limit: float, aim: float | None = None, *, more: bool = False) -> str:
    """Return a line that says whether a value reaches its limit and its aim."""
    sign = 1 if more else -1
    words = f"{what}: {value:g}; {'at least' if more else 'at most'} {limit:g}: "
    words += "reached" if sign * (value - limit) >= 0 else "**not reached**"
    if aim is not None:
        words += f"; aim {aim:g}: {'reached' if sign * (value - aim) >= 0 else 'not reached'}"
    return f"- {words}"


def _rounds(part: dict[str, Any]) -> str:
    return "One run" if part["rounds"] == 1 else f"Median of {part['rounds']}"


def _import(part: dict[str, Any]) -> list[str]:
    verdict = _verdict("seconds more than bare Python", part["over_bare_python_s"], IMPORT_LIMIT_S)
    return ["## `import espress`", f"Median of {part['rounds']}.", _times(part), verdict]


def _load(part: dict[str, Any]) -> list[str]:
    verdicts = [_verdict(f"ours / {name}", ratio, LOAD_LIMIT, LOAD_AIM) for name, ratio in part["ratios"].items()]
    text = (
        f'`espress.load("articles", as_="arrow")` compared with pyarrow on the same file, median of {part["rounds"]}. '
        "Most people write `read_table`; `ParquetFile` does less, so it is the harder baseline."
    )
    return ["## A table as Arrow", text, _times(part), "\n".join(verdicts)]


def _datasets(part: dict[str, Any]) -> list[str]:
    verdicts = [
        _verdict(f"ours / {name}", ratio, DATASETS_LIMIT, DATASETS_AIM)
        for name, ratio in part["ratios"].items()
        if "load_dataset" in name
    ]
    floor, ours = (part["times"][name]["median_s"] for name in ("plain: import datasets", "ours: datasets"))
    text = (
        f'`espress.load("articles")` compared with `datasets.load_dataset` of the same folder, offline, median of '
        f"{part['rounds']}; once with a cache filled by an earlier load, once with an empty cache. "
        f"`import datasets` alone takes {floor / ours:.0%} of our time, and either way of loading needs it."
    )
    return ["## A table as `datasets.Dataset`", text, _times(part), "\n".join(verdicts)]


def _found(part: dict[str, Any]) -> str:
    found = part["duplicates"]
    near, exact = found["near"], found["exact"]
    least, median, most = near["overlap_least_median_most"]
    rows = [
        ("exact copies", exact["planted"], exact["found"]),
        ("near copies", near["planted"], near["found"]),
        (f"… of them with an overlap of {near['threshold']:g} or more",
         near["planted_at_or_above_threshold"], near["found_at_or_above_threshold"]),
    ]  # fmt: skip
    return (
        "The build also groups duplicates; the plain script does not. The planted copies and their originals make "
        f"{found['pairs_planted']} pairs, because two copies of one original are a pair, too. On these pairs, recall "
        f"is {found['recall']:g} and precision {found['precision']:g}. The copies by kind:\n\n"
        f"{table(('planted', 'articles', 'in the group of their original'), rows)}\n\n"
        "The overlap (Jaccard similarity of word sequences) of a near copy with its original is "
        f"{least:g} to {most:g}, median {median:g}."
    )


def _build(part: dict[str, Any]) -> list[str]:
    text = (
        f"{part['articles']} invented articles (`generate_articles.py`, seed {part['seed']}): log-normal length of "
        "100 to 2000 words, median 450; English, Czech, German, Chinese; 2 % exact and 3 % near copies. "
        "`plain_script.py` reads, runs langdetect on the whole text, splits with sentencex, saves with pandas. Ours "
        "builds the dataset with two workers, without its checks: records, byte offsets, two language "
        f"detectors, duplicates, all tables. {_rounds(part)}; the system held the files in memory."
    )
    verdict = _verdict("times as fast", part["faster"], BUILD_LIMIT, BUILD_AIM, more=True)
    return ["## A build", text, _times(part), verdict, _found(part)]


def _memory(part: dict[str, Any]) -> list[str]:
    sizes = part["sizes"]
    rows = [(articles, found["peak_mib"], found["seconds"]) for articles, found in sizes.items()]
    text = (
        "The same articles, one worker, one run each: the highest resident set of the process "
        "(`getrusage`, which includes mapped files)."
    )
    lines = ["## Memory", text, table(("articles", "peak memory, MiB", "seconds"), rows)]
    if "100000" in sizes and "10000" in sizes:
        grown = round(sizes["100000"]["peak_mib"] / sizes["10000"]["peak_mib"], 2)
        lines.append(_verdict("100000 articles / 10000 articles", grown, FLAT))
    else:
        lines.append("To measure 100000 articles: `python -m benchmarks.speed.run memory --articles 100000`.")
    return lines


def _language(part: dict[str, Any]) -> list[str]:
    rows = []
    for name in ("invented", "real"):
        found = part[name]
        rows.append(
            (name, found["articles"], ", ".join(found["languages"]), found["same_language_as_on_whole_text"],
             found["same_language_as_second_detector"], found["same_language_and_probability_as_langdetect"],
             *(f"{found['ms_a_text'][way]:.2f}" for way in ("ours", "langdetect", "whole text")))
        )  # fmt: skip
    text = (
        f"The build runs langdetect's algorithm on the first {part['real']['prefix_characters']} characters, rewritten "
        "for arrays. The table counts articles with the same answer: as langdetect on the whole text, as the second "
        "detector, and as langdetect on the prefix (language, and probability to six digits). Then it gives "
        "milliseconds per text: ours, langdetect on the prefix, langdetect on the whole text."
    )
    head = ("articles", "number", "languages", "as whole text", "as second", "as langdetect", "ours, ms",
            "langdetect, ms", "whole text, ms")  # fmt: skip
    return ["## Language", text, table(head, rows)]


PARTS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "import": _import,
    "load": _load,
    "datasets": _datasets,
    "build": _build,
    "memory": _memory,
    "language": _language,
}


def section(name: str, part: dict[str, Any]) -> str:
    """Return one part of the page."""
    note = [f"While this was measured: {part['note']}."] if "note" in part else []
    return "\n\n".join([*PARTS[name](part), *note])


def page(results: dict[str, Any]) -> str:
    """Return the whole page."""
    on, libraries = results["machine"], results["machine"]["libraries"]
    text = (
        f"{on['processor']}, {on['cores']} cores, {on['memory_gib']} GiB, {on['system']}, Python {on['python']}; "
        + ", ".join(f"{name} {version}" for name, version in libraries.items())
    )
    hashes = table(("script", "SHA-256"), [(f"`{name}`", f"`{digest}`") for name, digest in results["scripts"].items()])
    sections = [section(name, results["parts"][name]) for name in PARTS if name in results["parts"]]
    return "\n\n".join([_HEAD, *sections, "## Machine and scripts", f"{text}.", hashes]) + "\n"
