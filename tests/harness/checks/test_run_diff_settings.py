"""Two runs that differ in how tokens are computed: named before any difference is called unexplained."""

from pathlib import Path

import pytest

from harness.checks.run_diff import Reason, compare_rows, rows_text
from harness.completion import Completion
from harness.runs.config import RunConfig
from harness.runs.run import open_run, reopen_run


@pytest.mark.parametrize(
    ("dtype", "reason"), [("bfloat16", Reason.SETTING), ("float32", Reason.UNEXPLAINED), ("", Reason.UNEXPLAINED)]
)
def test_another_dtype_is_named_before_a_difference_is_unexplained(
    tmp_path: Path, data: Path, dtype: str, reason: Reason
):
    for name, text, own in (("one", "return a", "float32"), ("two", "return b", dtype)):
        config = RunConfig(model=f"scripted:{name}", task="humaneval", data=str(data / "problems.jsonl"), limit=1)
        with open_run(config, tmp_path / name) as run:
            task_id = run.problems[0].task_id
            run.folder.completions.append(Completion(task_id, 0, 0, "", text, "stop", 7, 2, 0.0))
            run.folder.note({"model": {"dtype": own}})
    with reopen_run(tmp_path / "one") as one, reopen_run(tmp_path / "two") as two:
        (row,) = compare_rows(one, two, margin=lambda _: 1.0)
        assert row.reason is reason
        assert ("dtype float32 | bfloat16" in row.detail) == (reason is Reason.SETTING)
        assert ("differ in their settings" in rows_text([row], one, two)) == (reason is Reason.SETTING)
