import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.files.folder_lock import FolderBusyError
from harness.runs.config import RunConfig
from harness.runs.run_folder import RunFolder, RunFolderError, TaskIdentity

CONFIG = RunConfig("scripted:x", "humaneval")
TASK = TaskIdentity("humaneval", "1", "f" * 8, "complete", "s" * 8)
LINE = (
    '{"task_id":"own/0","sample":0,"turn":0,"prompt_sha256":"","completion":"x","finish_reason":"stop",'
    '"prompt_tokens":0,"completion_tokens":0,"seconds":0}\n'
)


def settled(path: Path, config: RunConfig = CONFIG, task: TaskIdentity = TASK) -> None:
    with RunFolder(path, writable=True) as folder:
        folder.settle(config, task)


def test_running_the_same_again_is_welcome(tmp_path: Path):
    settled(tmp_path)
    (tmp_path / "completions.jsonl").write_text(LINE)
    settled(tmp_path, replace(CONFIG, workers=3, k=(1,)))
    with RunFolder(tmp_path, writable=False) as folder:
        assert folder.config().workers == 3


@pytest.mark.parametrize(
    ("config", "task", "words"),
    [
        (replace(CONFIG, temperature=0.8), TASK, ["temperature = 0.0", "asks for 0.8"]),
        (replace(CONFIG, samples=2), TASK, ["samples = 1", "asks for 2"]),
        (replace(CONFIG, model="demo"), TASK, ["model = 'scripted:x'", "'demo'"]),
        (CONFIG, replace(TASK, version="2"), ["task version = '1'", "'2'"]),
        (CONFIG, replace(TASK, fingerprint="other"), ["task fingerprint = 'ffffffff'", "'other'"]),
        (CONFIG, replace(TASK, style_sha256="other"), ["task style_sha256"]),
    ],
)
def test_another_run_is_refused_by_the_name_of_what_differs(
    tmp_path: Path, config: RunConfig, task: TaskIdentity, words: list[str]
):
    settled(tmp_path)
    (tmp_path / "completions.jsonl").write_text(LINE)
    with pytest.raises(RunFolderError) as caught:
        settled(tmp_path, config, task)
    assert all(word in str(caught.value) for word in words), caught.value
    assert (tmp_path / "completions.jsonl").read_text() == LINE


def test_a_folder_without_completions_may_become_another_run(tmp_path: Path):
    settled(tmp_path)
    settled(tmp_path, replace(CONFIG, temperature=0.8))


def test_a_folder_with_foreign_files_is_left_alone(tmp_path: Path):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(RunFolderError, match="other files"):
        settled(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.tex"]


def test_two_processes_do_not_write_one_folder(tmp_path: Path):
    settled(tmp_path)
    with RunFolder(tmp_path, writable=True), pytest.raises(FolderBusyError, match="being written by process"):
        settled(tmp_path)
    settled(tmp_path)


def test_a_folder_that_is_no_run_is_named(
    tmp_path: Path,
    wavebench: Callable[..., subprocess.CompletedProcess[str]],
    one_sentence: Callable[[subprocess.CompletedProcess[str]], str],
):
    assert "no run folder" in one_sentence(wavebench("score", tmp_path))


def test_the_manifest_says_where_and_how(undisturbed: Path):
    manifest = json.loads((undisturbed / "manifest.json").read_text())
    assert manifest["task"]["fingerprint"] == json.loads((undisturbed / "score.json").read_text())["task_fingerprint"]
    assert manifest["model"]["kind"] == "scripted"
    assert manifest["judging"]["tier"] == "namespaces"
    assert manifest["started"] <= manifest["finished"]
    assert manifest["generation"]["versions"]["wavebench"]


@pytest.mark.parametrize("task", ["x", 5, None, ["humaneval"]])
def test_a_manifest_whose_task_is_no_section_is_one_sentence(tmp_path: Path, task: object):
    settled(tmp_path)
    (tmp_path / "completions.jsonl").write_text(LINE)
    (tmp_path / "manifest.json").write_text(json.dumps({"task": task}))
    with pytest.raises(RunFolderError, match="is damaged"):
        settled(tmp_path)


def test_other_extraction_rules_are_read_and_never_added_to(tmp_path: Path):
    earlier, today = replace(TASK, version="1.1"), replace(TASK, version="1.2")
    settled(tmp_path, task=earlier)
    (tmp_path / "completions.jsonl").write_text(LINE)
    with RunFolder(tmp_path, writable=False) as folder:
        folder.refuse_another(CONFIG, today, other_rules=True)
        with pytest.raises(RunFolderError, match="task version"):
            folder.refuse_another(CONFIG, replace(TASK, version="2.2"), other_rules=True)
        with pytest.raises(RunFolderError, match=r"judged under version 1\.1 .* --again"):
            folder.refuse_another(CONFIG, today)
    with pytest.raises(RunFolderError, match=r"now those of 1\.2"):
        settled(tmp_path, task=today)
    assert RunFolder(tmp_path, writable=False).manifest()["task"]["version"] == "1.1"
