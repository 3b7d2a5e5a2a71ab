"""Files of other tools. lm-eval 0.4.13 (`--log_samples`) and inspect_ai 0.3.285 wrote theirs.

Those of MultiPL-E have the fields that its evaluator's source writes and that its results of 2022 hold (nuprl/MultiPL-E
at 684f6ae, experiments/py-davinci-0.2-keep), those of OpenAI's batch API the fields of the example in that API's
reference; they are written by hand, not copied.
"""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.judging.external_samples import Layout, SamplesError, open_samples
from harness.judging.foreign.sample import ForeignFileError
from tasks.registry import load
from tasks.task import AnswerForm

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def problems(data: Path) -> Any:
    return load("humaneval", data_file=data / "problems.jsonl").problems


def read(path: Path, problems: Any) -> list[tuple[str, int, str]]:
    return [(each.task_id, each.sample, each.text) for each in open_samples(path).read(problems)]


def passed(run: Path) -> dict[tuple[str, int], bool]:
    lines = map(json.loads, (run / "verdicts.jsonl").read_text().splitlines())
    return {(line["task_id"], line["sample"]): line["verdict"] == "passed" for line in lines}


def test_lm_evals_samples_are_the_programs_that_it_ran(data: Path, problems: Any):
    file = data / "foreign" / "lm_eval_samples.jsonl"
    assert (open_samples(file).layout, open_samples(file).form) == (Layout.LM_EVAL, AnswerForm.PROGRAM)
    found = read(file, problems)
    assert [(task_id, sample) for task_id, sample, _ in found] == [(f"own/{p}", s) for p in (0, 1) for s in (0, 1)]
    assert found[0][2] == 'def add(a, b):\n    """The sum."""\n    return a + b\n'


def test_of_several_filters_the_first_counts(data: Path, problems: Any, tmp_path: Path):
    lines = [json.loads(line) for line in (data / "foreign" / "lm_eval_samples.jsonl").read_text().splitlines()]
    lines += [{**line, "filter": "another", "filtered_resps": ["x"]} for line in lines]
    file = tmp_path / "samples.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert len(read(file, problems)) == 4


def test_lm_eval_samples_of_another_kind_of_task_are_refused(data: Path, tmp_path: Path):
    line = json.loads((data / "foreign" / "lm_eval_samples.jsonl").read_text().splitlines()[0])
    file = tmp_path / "samples.jsonl"
    file.write_text(json.dumps({**line, "doc": {"question": "1 + 1?"}}) + "\n")
    with pytest.raises(ForeignFileError, match="does not say which problem it answers"):
        open_samples(file)


@pytest.mark.parametrize("name", ["inspect.eval", "inspect.json"])
def test_inspects_logs_are_read_in_both_formats(data: Path, problems: Any, name: str):
    if name.endswith(".eval"):
        pytest.importorskip("zstandard", reason="newer logs are compressed by Zstandard: pip install zstandard")
    file = data / "foreign" / name
    assert (open_samples(file).layout, open_samples(file).form) == (Layout.INSPECT, AnswerForm.AUTO)
    found = sorted(read(file, problems))
    assert [(task_id, sample) for task_id, sample, _ in found] == [(f"own/{p}", s) for p in (0, 1) for s in (0, 1)]
    assert all("return a + b" in text and "```python" in text for _, _, text in found)


def test_a_log_may_hold_what_python_writes_as_json(data: Path, problems: Any, tmp_path: Path):
    log = json.loads((data / "foreign" / "inspect.json").read_text())
    log["results"] = {"value": float("nan")}
    (tmp_path / "log.json").write_text(json.dumps(log))
    assert read(tmp_path / "log.json", problems) == read(data / "foreign" / "inspect.json", problems)
    (tmp_path / "log.json").write_text(json.dumps({**log, "samples": log["samples"][:1]}))
    assert len(read(tmp_path / "log.json", problems)) == 1, "a file that was written again is read again"


def test_a_log_with_a_sample_without_an_answer_is_refused(data: Path, tmp_path: Path):
    log = json.loads((data / "foreign" / "inspect.json").read_text())
    log["samples"][0]["output"]["choices"] = []
    file = tmp_path / "log.json"
    file.write_text(json.dumps(log, indent=2))
    with pytest.raises(ForeignFileError, match="inspect eval-retry"):
        open_samples(file)


def test_openais_batch_output_is_read_by_custom_id(data: Path, problems: Any):
    file = data / "foreign" / "openai_batch.jsonl"
    assert (open_samples(file).layout, open_samples(file).form) == (Layout.OPENAI_BATCH, AnswerForm.AUTO)
    assert [(task_id, sample) for task_id, sample, _ in read(file, problems)] == [
        ("own/0", 0),
        ("own/0", 1),
        ("own/1", 0),
    ]


def test_a_request_that_failed_is_named(data: Path, tmp_path: Path):
    line = json.loads((data / "foreign" / "openai_batch.jsonl").read_text().splitlines()[0])
    file = tmp_path / "batch.jsonl"
    file.write_text(json.dumps({**line, "response": {"status_code": 429, "body": {}}}) + "\n")
    with pytest.raises(ForeignFileError, match=r"Line 1 .*'own/0-0'.* failed \(status 429\)"):
        open_samples(file)


def test_multipl_es_results_lose_their_tests(data: Path):
    folder = data / "foreign" / "multipl_e"
    samples = open_samples(folder)
    assert samples.layout is Layout.MULTIPL_E
    found = list(samples.read(load("humaneval").problems))
    assert [(each.task_id, each.sample) for each in found] == [(f"HumanEval/{p}", s) for p in (0, 2) for s in (0, 1)]
    assert found[2].text.endswith("    return number % 1.0\n\n")
    assert samples.sha256() == open_samples(folder).sha256()


def test_multipl_es_results_of_2022_lack_prompt_and_tests(data: Path, tmp_path: Path):
    folder = data / "foreign" / "multipl_e"
    for file in folder.iterdir():
        problem = json.loads(file.read_text())
        kept = {name: problem[name] for name in ("language", "name", "results")}
        (tmp_path / file.name).write_text(json.dumps(kept))
    texts, older = (
        [each.text for each in open_samples(place).read(load("humaneval").problems)] for place in (folder, tmp_path)
    )
    assert [text.partition("METADATA")[0].rstrip() for text in older] == [text.rstrip() for text in texts]
    assert not any("def check" in text for text in older)


def test_multipl_es_other_languages_are_refused(data: Path, tmp_path: Path):
    shutil.copytree(data / "foreign" / "multipl_e", tmp_path / "multipl_e")
    file = next((tmp_path / "multipl_e").iterdir())
    file.write_text(file.read_text().replace('"language": "py"', '"language": "js"'))
    with pytest.raises(ForeignFileError, match="only MultiPL-E's Python"):
        open_samples(tmp_path / "multipl_e")


def test_explanations_of_bigcode_hold_one_program_per_description(tmp_path: Path, problems: Any):
    file = tmp_path / "generations.json"
    file.write_text(json.dumps([[f"program {number}"] for number in range(2 * len(problems))]))
    assert read(file, problems)[:3] == [
        ("own/0", 0, "program 0"),
        ("own/0", 1, "program 1"),
        ("own/1", 0, "program 2"),
    ]
    file.write_text(json.dumps([["a"]] * (len(problems) + 1)))
    with pytest.raises(SamplesError, match="lists, one per problem"):
        read(file, problems)


def test_their_verdicts_come_out_here_too(data: Path, tmp_path: Path, wavebench: Run):
    own = ["--task", "humaneval", "--data", data / "problems.jsonl", "--allow-missing"]
    for file, expected in (
        ("lm_eval_samples.jsonl", {("own/0", 0)}),
        ("inspect.json", {("own/0", 0), ("own/0", 1)}),
        ("openai_batch.jsonl", {("own/0", 0), ("own/1", 0)}),
    ):
        done = wavebench("judge", data / "foreign" / file, *own, "--out", tmp_path / file)
        assert done.returncode == 0, done.stderr
        assert {key for key, is_passed in passed(tmp_path / file).items() if is_passed} == expected
    folder = data / "foreign" / "multipl_e"
    done = wavebench("judge", folder, "--task", "humaneval", "--allow-missing", "--out", tmp_path / "multipl_e")
    assert done.returncode == 0, done.stderr
    theirs = {
        (f"HumanEval/{number}", sample): result["status"] == "OK"
        for file in folder.iterdir()
        for number in [json.loads(file.read_text())["name"].split("_")[1]]
        for sample, result in enumerate(json.loads(file.read_text())["results"])
    }
    assert passed(tmp_path / "multipl_e") == theirs
