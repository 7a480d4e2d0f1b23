"""What the checks say: reports and records, and what they answer to a check that is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.espress_build.checks import loader

from espress.errors import InputError
from espress.schema import schema
from espress_build.checks import expectations
from espress_build.checks.catalogue import written_checks
from espress_build.checks.incident import SHOWN_ROWS, Check, report_incident
from espress_build.checks.validate import Outcome, all_checks, format_report, make_record
from espress_build.pipeline.package import as_json

GOLDEN = Path(__file__).with_name("golden")


def test_the_report_and_the_record_of_a_failing_level_are_as_read_by_eye(
    tmp_path: Path, validated: loader.Validator
) -> None:
    """Of the checks that ran and held, a few are shown, so that a new check does not change the golden files."""
    cases = [case for case in loader.all_cases() if str(case) in ("units-cover", "rights-open", "language-disputed")]
    whole = validated(loader.write_case(loader.merged(cases), tmp_path)[0])
    failed = [found.check for found in whole.incidents]
    shown = {*failed, "files-sums", "articles.columns", "title-one-line"}
    outcome = Outcome(tuple(check for check in whole.ran if check.id in shown), whole.incidents, whole.skipped)
    assert format_report(outcome) == (GOLDEN / "report.md").read_text(encoding="utf-8")
    record = make_record(outcome)
    assert record.pop("version") == schema().about["version"]
    assert as_json(record) == (GOLDEN / "incidents.json").read_bytes()

    checks = make_record(whole)["checks"]
    # Checks that compute columns again run last, and only if the others of their level passed.
    ran = [one.id for one in all_checks() if one.level < 5 and not (one.level == 4 and one.last)]
    assert [check["id"] for check in checks] == ran
    assert [check["id"] for check in checks if not check["held"]] == failed


def test_two_runs_of_great_expectations_say_the_same(tmp_path: Path) -> None:
    """No clock and no random id gets through, and the rows come in the order of the table."""
    rows = loader.base_rows()
    for number, row in enumerate(rows["articles"]):
        row["n_words"], row["title"] = -number, f"a\nb{number}"
    loader.write_tables(tmp_path, loader.tables_of(rows))
    wanted = ("articles.n_words.range", "title-one-line")
    checks = tuple(check for check in all_checks() if check.id in wanted)
    texts = []
    for _ in range(2):
        outcome = Outcome(checks, tuple(expectations.run_expectations(tmp_path, list(checks))), {})
        texts.append(format_report(outcome) + json.dumps(make_record(outcome)))
    assert texts[0] == texts[1]
    assert [found.keys for found in outcome.incidents] == [tuple(row["article_id"] for row in rows["articles"])] * 2
    assert outcome.incidents[0].detail == "ExpectColumnValuesToBeBetween does not hold, found 0, -1, -2"


def test_an_incident_counts_all_rows_and_lists_the_first() -> None:
    check = Check("some-check", 4, "it matters", sql="SELECT 1")
    found = report_incident(check, [(f"key-{number}", "is wrong") for number in range(SHOWN_ROWS + 5)])
    assert found is not None
    assert (found.count, len(found.keys), found.keys[0]) == (SHOWN_ROWS + 5, SHOWN_ROWS, "key-0")
    assert str(found) == (
        f"[error] level 4, some-check: is wrong ({SHOWN_ROWS + 5} rows: key-0, key-1, key-2 …). "
        "Why it matters: it matters."
    )
    assert report_incident(check, []) is None


def test_a_check_that_cannot_run_is_an_error_that_names_it(base: Path) -> None:
    arguments = (("column", "no_such_column"),)
    check = Check("lost", 3, "why", table="events", gx="ExpectColumnValuesToNotBeNull", arguments=arguments)
    with pytest.raises(RuntimeError, match=r"check lost cannot run: .*no_such_column"):
        expectations.run_expectations(base, [check])


@pytest.mark.parametrize(
    "entry",
    [
        'level = 4\nwhy = "w"',
        'level = 4\nwhy = "w"\nsql = "SELECT 1"\npython = "files_sums"',
        'level = 3\nwhy = "w"\ngx = "ExpectColumnValuesToBeUnique"',
        'level = 4\nwhy = "w"\nsql = "SELECT 1"\ncolour = "red"',
        'why = "w"\nsql = "SELECT 1"',
    ],
)
def test_an_entry_that_is_no_check_is_named(entry: str, tmp_path: Path) -> None:
    path = tmp_path / "expectations.toml"
    path.write_text(f"[some-check]\n{entry}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"expectations\.toml: \[some-check\] (needs one of|has unknown keys|lacks)"):
        written_checks(path)
