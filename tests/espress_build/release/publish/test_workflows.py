"""Each step of the GitHub workflows is a make target or a command of this project."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from espress.cli import main as users
from espress_build.cli import main as maintainers

if TYPE_CHECKING:
    from pathlib import Path

_PARSERS = {".venv/bin/espress": users.make_parser, ".venv/bin/espress-build": maintainers._parser}
_TOOLS = {"git", "gh"}
_TRUSTED = {"pypa/gh-action-pypi-publish"}  # beside GitHub's own


def _workflows(project: Path) -> dict[str, Any]:
    return {
        path.name: yaml.safe_load(path.read_text()) for path in sorted((project / ".github/workflows").glob("*.yml"))
    }


def _steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def _targets(project: Path) -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", (project / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_every_step_is_a_command_that_exists(project: Path) -> None:
    seen = 0
    for name, workflow in _workflows(project).items():
        for command in [step["run"] for step in _steps(workflow) if "run" in step]:
            program, *arguments = shlex.split(command)
            seen += 1
            if program == "make":
                assert set(arguments) <= _targets(project), f"{name}: {command}"
            elif program in _PARSERS:
                try:
                    _PARSERS[program]().parse_args(arguments)
                except SystemExit:
                    pytest.fail(f"{name}: {command}")
            elif program not in _TOOLS:
                assert (project / program).is_file(), f"{name}: {command}"
                assert not arguments
    assert seen >= 6


def test_nothing_from_outside_is_put_into_a_command(project: Path) -> None:
    for name, workflow in _workflows(project).items():
        assert [step["run"] for step in _steps(workflow) if "${{" in step.get("run", "")] == [], name


def test_actions_are_pinned_and_may_only_read(project: Path) -> None:
    for name, workflow in _workflows(project).items():
        assert workflow["permissions"] == {"contents": "read"}, name
        for action in [step["uses"] for step in _steps(workflow) if "uses" in step]:
            owner_name, version = action.split("@")
            assert owner_name.startswith("actions/") or owner_name in _TRUSTED, f"{name}: {action}"
            assert re.fullmatch(r"v\d+\.\d+\.\d+", version), f"{name}: {action}"


def test_only_the_jobs_that_send_may_write_and_each_asks_for_approval(project: Path) -> None:
    release = _workflows(project)["release.yml"]["jobs"]
    allowed = {name: job["permissions"] for name, job in release.items() if "permissions" in job}
    assert allowed == {"attach": {"contents": "write"}, "wheel": {"id-token": "write"}}
    assert all(release[name]["environment"] for name in allowed)
    commands = [step["run"] for step in release["attach"]["steps"] if "run" in step]
    assert [command for command in commands if "full/" in command] == [commands[-1]]
    assert release["attach"]["steps"][-1]["if"] == "vars.ATTACH_FULL == 'yes'"


def test_a_token_reaches_only_the_step_that_sends(project: Path) -> None:
    for workflow in _workflows(project).values():
        for job in workflow["jobs"].values():
            secret = [step for step in job["steps"] if "secrets." in str(step)]
            assert all("--really" in step["run"] for step in secret)
            assert not secret or (job["environment"] and job["if"] == "inputs.really")
