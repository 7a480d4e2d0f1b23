"""Measure how many small changes of the code (mutants) the tests of each module notice, with mutmut.

Run `make mutation`, or `make mutation MODULES="gold diff"` for some. modules.toml names the modules and their tests,
equivalent.toml the mutants that no test can notice. mutmut imports a module once with all mutants of its functions,
and runs the tests of a mutated function in a forked process.

mutmut expects one folder of sources, so it runs in a copy of the project in which `build/espress_build` is
`src/espress_build`. Two kinds of mutants are not made: those of prose (text with a blank in it, which is part of a
message), and those that put None in the place of a value, which mostly raise an exception and so flatter the score. Of
a module with more than `--most` mutants, a sample is tried, the same in each run.
"""

from __future__ import annotations

import argparse
import fnmatch
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
WORK = PROJECT / ".make" / "mutation" / "work"
LEFT_OUT = {".git", ".venv", ".make", "src", "build", "pyproject.toml"}
KILLED = {1, 3, 24, -24, 36, 152, 255}  # exit codes: a test failed, pytest failed, out of time
LEAST_SCORE = 0.9


def make_copy(module: dict[str, Any], folder: Path) -> None:
    """Make the folder in which mutmut runs: links to the project's files, and the settings for one module."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "src").mkdir(parents=True)
    (folder / "mutants" / "src").mkdir(parents=True)  # Python remembers which folders of its path do not exist
    (folder / "build").mkdir()
    (folder / "src" / "espress").symlink_to(PROJECT / "src" / "espress")
    (folder / "src" / "espress_build").symlink_to(PROJECT / "build" / "espress_build")
    for sources in ("src", "build"):
        (folder / sources / "params.toml").symlink_to(PROJECT / "build" / "params.toml")
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, check=True, capture_output=True, text=True).stdout  # noqa: S607
    names = sorted({line.split("/")[0] for line in listed.splitlines()} - LEFT_OUT)
    for name in names:
        (folder / name).symlink_to(PROJECT / name)
    settings = {
        "source_paths": ["src/espress", "src/espress_build"],
        "only_mutate": [module["file"].replace("build/espress_build", "src/espress_build")],
        "also_copy": ["build", "src/params.toml", *names],
        "pytest_add_cli_args": ["-p", "no:xdist"],
        "pytest_add_cli_args_test_selection": module["tests"],
        "process_isolation": "forkserver",  # nothing that one mutant leaves behind reaches the next
        "timeout_multiplier": 5.0,
    }
    section = "\n".join(f"{name} = {json.dumps(value)}" for name, value in settings.items())
    project = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    (folder / "pyproject.toml").write_text(f"{project}\n[tool.mutmut]\n{section}\n", encoding="utf-8")


def mutate(most: int, processes: int) -> None:
    """Make mutants in the current folder and run the tests on each of them."""
    import libcst as cst
    from mutmut.__main__ import _run
    from mutmut.mutation import file_mutation
    from mutmut.runners.harness import PytestRunner
    from mutmut.state import state

    make_all = file_mutation.create_mutations

    def is_prose(node: cst.CSTNode) -> bool:
        return isinstance(node, cst.SimpleString) and " " in node.value

    def puts_none(node: cst.CSTNode) -> bool:
        value = getattr(node, "value", None)
        return isinstance(value, cst.Name) and value.value == "None"

    def is_kept(each: file_mutation.Mutation) -> bool:
        new, old = each.mutated_node, each.original_node
        if isinstance(new, cst.Assign | cst.AnnAssign) and puts_none(new):
            return False
        if isinstance(new, cst.Call) and isinstance(old, cst.Call):
            added = [one for one in new.args if not any(one is other for other in old.args)]
            if any(puts_none(one) for one in added):
                return False
        return each.contained_by_top_level_function is not None and not is_prose(old)

    def make_some(*args: Any) -> tuple[cst.Module, list[file_mutation.Mutation], set[str], set[str]]:
        module, mutations, *others = make_all(*args)
        kept = [each for each in mutations if is_kept(each)]
        numbers = sorted(range(len(kept)), key=lambda at: hashlib.sha256(b"%d" % at).digest())[:most]
        print(f"{len(kept)} mutants, {len(numbers)} tried", file=sys.stderr)
        return module, [kept[at] for at in sorted(numbers)], *others

    def put_quick_tests_first(self: Any, tests: Any) -> list[str]:
        found: list[str] = make_arguments(self, sorted(tests, key=lambda test: state().duration_by_test.get(test, 0)))
        return found

    file_mutation.create_mutations = make_some
    make_arguments = PytestRunner._pytest_args_regular_run  # noqa: SLF001 -- mutmut has no setting for the order
    PytestRunner._pytest_args_regular_run = put_quick_tests_first  # noqa: SLF001
    _run((), processes)


def forget_survivors(module: dict[str, Any], folder: Path) -> None:
    """Remove the results of mutants that were not killed, so that these are tried again with the present tests."""
    (folder / "mutants" / "mutmut-stats.json").unlink(missing_ok=True)
    results = folder / "mutants" / (module["file"].replace("build/espress_build", "src/espress_build") + ".meta")
    kept = json.loads(results.read_text(encoding="utf-8"))
    codes = kept["exit_code_by_key"]
    kept["exit_code_by_key"] = {name: code if code in KILLED else None for name, code in codes.items()}
    results.write_text(json.dumps(kept), encoding="utf-8")


def is_equivalent(change: str, module: str, equivalent: list[dict[str, str]]) -> bool:
    """Return whether equivalent.toml lists this change, given as its removed and added lines."""
    return any(
        fnmatch.fnmatchcase(module, entry["module"]) and fnmatch.fnmatchcase(change, f"*{entry['change']}*")
        for entry in equivalent
    )


def read_results(module: dict[str, Any], folder: Path, equivalent: list[dict[str, str]]) -> tuple[int, int, list[str]]:
    """Return how many mutants were killed, how many are equivalent, and the changes that survived."""
    from mutmut.configuration import reset_config
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    os.chdir(folder)
    reset_config()
    path = Path(module["file"].replace("build/espress_build", "src/espress_build"))
    codes = json.loads((folder / "mutants" / f"{path}.meta").read_text(encoding="utf-8"))["exit_code_by_key"]
    killed, n_equivalent, survivors = 0, 0, []
    for name, code in codes.items():
        if code in KILLED:
            killed += 1
            continue
        lines = get_diff_for_mutant(name, path=path).splitlines()[3:]
        change = "\n".join(line for line in lines if line.startswith(("-", "+")))
        if is_equivalent(change, module["name"], equivalent):
            n_equivalent += 1
        else:
            survivors.append(f"{name} (exit {code})\n{change}")
    return killed, n_equivalent, survivors


def run_mutmut(module: dict[str, Any], folder: Path, options: argparse.Namespace) -> bool:
    """Run mutmut on one module in its folder; return whether it got through."""
    if options.again:
        forget_survivors(module, folder)
    else:
        make_copy(module, folder)
    paths = [str(folder / "mutants" / "src"), sysconfig.get_path("purelib"), os.environ.get("PYTHONPATH", "")]
    with (folder / "log").open("w", encoding="utf-8") as log:
        done = subprocess.run(
            [sys.executable, __file__, "--here", f"--most={options.most}", f"--processes={options.processes}"],
            cwd=folder, stdout=log, stderr=log, check=False, env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        )  # fmt: skip
    if done.returncode:
        print(f"{module['name']}: mutmut stopped; see {folder / 'log'}\n")
    return not done.returncode


def main() -> int:
    """Try the mutants of the modules asked for, print scores and survivors, and return 1 if a score is too low."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", help="names from modules.toml; all if none is given")
    parser.add_argument("--most", type=int, default=60, help="largest number of mutants of a module (default: 60)")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--again", action="store_true", help="try only what the last run did not kill")
    parser.add_argument("--results", action="store_true", help="only print what the last run gave")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        mutate(options.most, options.processes)
        return 0
    modules = {one["name"]: one for one in tomllib.loads((HERE / "modules.toml").read_text(encoding="utf-8"))["module"]}
    equivalent = tomllib.loads((HERE / "equivalent.toml").read_text(encoding="utf-8")).get("equivalent", [])
    if unknown := set(options.modules) - modules.keys():
        parser.error(f"modules.toml has no {', '.join(sorted(unknown))}; name some of {', '.join(modules)}")
    lines, scores = [], []
    for name in options.modules or modules:
        folder = WORK / name
        if not options.results and not run_mutmut(modules[name], folder, options):
            scores.append(0.0)
            continue
        killed, n_equivalent, survivors = read_results(modules[name], folder, equivalent)
        print("\n\n".join(survivors), end="\n\n" if survivors else "", flush=True)
        scores.append(killed / max(1, killed + len(survivors)))
        lines.append(f"{name:<24}{killed:>8}{n_equivalent:>12}{len(survivors):>10}{scores[-1]:>8.1%}")
    print("\n".join([f"{'module':<24}{'killed':>8}{'equivalent':>12}{'survived':>10}{'score':>8}", *lines]))
    return int(min(scores) < LEAST_SCORE)


if __name__ == "__main__":
    sys.exit(main())
