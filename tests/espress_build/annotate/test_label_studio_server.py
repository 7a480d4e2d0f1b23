"""Against a real Label Studio: it takes our configurations and tasks, and gives every judgement back.

`make annotate-test` installs it and names it; elsewhere this is skipped. All waits are bounded, and the server stops.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx
import pyarrow.parquet as pq
import pytest
from tests.espress_build.annotate.annotated import annotate
from tests.tutorials.walks import answer_article, answer_unit, copy_clone, read_steps, run

from espress_build.annotate.import_ import read_export
from espress_build.annotate.label_studio import make_configurations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress_build.annotate.material import Material
    from espress_build.inputs.judgements import Judgement

_START, _STOP, _CALL = 900, 30, 120  # seconds; the first start makes its database, which takes minutes
_NAMED = os.environ.get("ESPRESS_LABEL_STUDIO", "")


def _why_not() -> str:
    if not _NAMED:
        return "ESPRESS_LABEL_STUDIO names no Label Studio; type: make annotate-test"
    return "" if shutil.which(_NAMED) else f"{_NAMED} is not there: its package could not be installed"


pytestmark = pytest.mark.skipif(bool(_why_not()), reason=_why_not() or "present")


def _call(server: httpx.Client, method: str, path: str, body: Any = None) -> Any:
    answer = server.request(method, path, json=body)
    if answer.is_error:
        pytest.fail(f"{method} {path}: {answer.status_code} {answer.text[:2000]}")
    return answer.json()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + _START
    while time.monotonic() < end:
        if process.poll() is not None:
            pytest.fail(f"Label Studio ended with {process.returncode}:\n{log.read_text(errors='replace')[-3000:]}")
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health", timeout=5).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(1)
    pytest.fail(f"Label Studio did not answer within {_START} s:\n{log.read_text(errors='replace')[-3000:]}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Label Studio on loopback with a database of its own, one user and a token."""
    home, port, token = tmp_path_factory.mktemp("label-studio"), _free_port(), secrets.token_hex(20)
    log = home / "log.txt"
    off = {"COLLECT_ANALYTICS": "False", "LATEST_VERSION_CHECK": "False", "SENTRY_DSN": "", "FRONTEND_SENTRY_DSN": ""}
    command = [
        _NAMED, "start", "--no-browser", "--data-dir", str(home), "--internal-host", "127.0.0.1", "--port", str(port),
        "--username", "coder@example.org", "--password", secrets.token_urlsafe(16), "--user-token", token,
        "--enable-legacy-api-token", "--log-level", "WARNING",
    ]  # fmt: skip
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, cwd=home, env=os.environ | off, start_new_session=True
        )
        try:
            _wait(process, port, log)
            headers = {"Authorization": f"Token {token}"}
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=_CALL) as client:
                yield client
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(_STOP)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(_STOP)


def _through(server: httpx.Client, title: str, configuration: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Make a project, put tasks with their annotations in, and return what it exports."""
    project = _call(server, "POST", "/api/projects", {"title": title, "label_config": configuration})["id"]
    tasks = [{key: row[key] for key in ("data", "annotations") if key in row} for row in rows]
    taken = _call(server, "POST", f"/api/projects/{project}/import?commit_to_project=true", tasks)
    assert taken["task_count"] == len(tasks)
    exported: list[dict[str, Any]] = _call(server, "GET", f"/api/projects/{project}/export?exportType=JSON")
    print(
        f"{title}: project {project}, {len(tasks)} tasks in, "
        f"{taken['annotation_count']} annotations, {len(exported)} tasks out"
    )
    return exported


@pytest.mark.parametrize("name", ["model-1", "model-2", "claims-1"])
def test_a_whole_pass_through_label_studio_loses_nothing(
    name: str, server: httpx.Client, material: Material, passes: dict[str, list[Judgement]], tmp_path: Path
) -> None:
    version = _call(server, "GET", "/api/version")
    made, configured = annotate(material, passes[name]), make_configurations(material)
    for kind, rows in made.items():
        exported = _through(server, f"{name} {kind}", configured[kind], rows)
        (tmp_path / f"{kind}.json").write_text(json.dumps(exported), encoding="utf-8")
    came = read_export(material, tmp_path, name)
    print(f"Label Studio {version['release']}: {len(passes[name])} judgements in, {len(came.judgements)} back")
    assert came.problems == []
    assert Counter(came.judgements) == Counter(passes[name])
    assert came.times


def test_label_studio_refuses_a_task_without_its_text(server: httpx.Client, material: Material) -> None:
    """Label Studio checks tasks against the configuration; otherwise the test above would show little."""
    configured = make_configurations(material)["units"]
    project = _call(server, "POST", "/api/projects", {"title": "hostile", "label_config": configured})["id"]
    with pytest.raises(pytest.fail.Exception, match="400"):
        _call(server, "POST", f"/api/projects/{project}/import", [{"data": {"unit": "A1.01"}}])


def test_an_annotators_first_day_from_the_exported_tasks_to_gold(server: httpx.Client, tmp_path: Path) -> None:
    """The page's commands, with its forms and tasks in two projects in which a coder submits every task."""
    place, steps = copy_clone(tmp_path / "project"), read_steps("new-annotator.md")
    run(place, steps["export"])
    (place / "judged").mkdir()
    for kind, answer in (("articles", answer_article), ("units", answer_unit)):
        form = (place / "tasks" / f"{kind}.xml").read_text(encoding="utf-8")
        tasks = json.loads((place / "tasks" / f"{kind}.json").read_text(encoding="utf-8"))
        project = _call(server, "POST", "/api/projects", {"title": f"first day {kind}", "label_config": form})["id"]
        _call(server, "POST", f"/api/projects/{project}/import?commit_to_project=true", tasks)
        export = f"/api/projects/{project}/export?exportType=JSON"
        for task in _call(server, "GET", f"{export}&download_all_tasks=true"):
            result = answer(task["data"], "as the text says")
            _call(server, "POST", f"/api/tasks/{task['id']}/annotations/", {"result": result})
        exported = _call(server, "GET", export)
        assert len(exported) == len(tasks)
        (place / "judged" / f"{kind}.json").write_text(json.dumps(exported), encoding="utf-8")
    assert re.search(r"bears_on: (\d+) of \1 judged\n", run(place, steps["import"]))
    run(place, steps["build"])
    gold = pq.read_table(place / "dataset" / "data" / "relevance.parquet")["gold_basis"].unique().to_pylist()
    assert gold == ["person"]
    assert "Persons who judged: 1" in run(place, steps["look"])
