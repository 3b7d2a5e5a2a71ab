"""The main path through real processes: undisturbed, killed, stopped, out of room."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.benchmark_files import SMALL

Run = Callable[..., subprocess.CompletedProcess[str]]
Arguments = Callable[[Path], list[str]]
Sentence = Callable[[subprocess.CompletedProcess[str]], str]
SAMPLES = 12


def slow_script(data: Path, folder: Path) -> Path:
    """The same answers, each a moment late and each with a moment's work to run."""
    rows = [json.loads(line) for line in (data / "script.jsonl").read_text().splitlines()]
    work = "    sum(range(4_000_000))\n"
    late = [
        {**row, "seconds": 0.1, "completions": [text and work + text for text in row["completions"]]} for row in rows
    ]
    script = folder / "slow.jsonl"
    script.write_text("".join(json.dumps(row) + "\n" for row in late))
    return script


@pytest.fixture(scope="module")
def slow(data: Path, tmp_path_factory: pytest.TempPathFactory, arguments: Arguments, wavebench: Run):
    """The command that takes its time, and the score it ends with when nothing disturbs it."""
    folder = tmp_path_factory.mktemp("slow")
    script = slow_script(data, folder)

    def build(out: Path) -> list[str]:
        words = [f"scripted:{script}" if word.startswith("scripted:") else word for word in arguments(out)]
        return [*words, "--no-cache"]

    done = wavebench(*build(folder / "run"))
    assert done.returncode == 0, done.stderr
    return build, (folder / "run" / "score.json").read_bytes()


@pytest.fixture
def start(command: list[str], environment: dict[str, str]) -> Callable[[list[str]], subprocess.Popen[str]]:
    def begin(words: list[str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*command, *words], env=environment, stderr=subprocess.PIPE, text=True, preexec_fn=heed_interrupts
        )

    return begin


def heed_interrupts() -> None:
    """A shell lets what it starts in the background ignore Ctrl-C, and that would pass from tests to the command."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def lines(file: Path) -> int:
    return file.read_bytes().count(b"\n") if file.exists() else 0


def sizes(folder: Path) -> dict[str, int]:
    return {entry.name: entry.stat().st_size for entry in folder.iterdir() if not entry.name.startswith(".")}


def wait_for_lines(process: subprocess.Popen[str], file: Path, wanted: int) -> None:
    while lines(file) < wanted:
        assert process.poll() is None, f"ended with {process.returncode} at {lines(file)} lines"
        time.sleep(0.005)


def test_an_undisturbed_run_has_a_score_a_report_and_a_table(undisturbed: Path, wavebench: Run):
    assert json.loads((undisturbed / "score.json").read_text())["pass@1"]["value"] == 0.5
    assert (undisturbed / "report.html").exists()
    manifest = json.loads((undisturbed / "manifest.json").read_text())
    assert manifest["sampling"] == {"temperature": 0.0, "top_p": 1.0, "top_k": 0, "max_tokens": 512, "seed": 0}
    assert "\ndef" in manifest["asking"]["stop"]
    assert manifest["asking"]["samples"] == 3
    table = wavebench("score", undisturbed).stdout
    assert "50.0" in table
    assert "report.html" in table


def test_the_same_command_again_changes_nothing(run_copy: Path, arguments: Arguments, wavebench: Run):
    names = ("completions.jsonl", "verdicts.jsonl", "score.json", "config.toml")
    before = {name: (run_copy / name).read_bytes() for name in names}
    done = wavebench(*arguments(run_copy))
    assert done.returncode == 0, done.stderr
    assert {name: (run_copy / name).read_bytes() for name in names} == before


@pytest.mark.parametrize("name", ["completions.jsonl", "verdicts.jsonl"])
def test_killed_in_the_middle_of_a_step_then_run_again_gives_the_same_score(
    tmp_path: Path, slow, start, wavebench: Run, name: str
):
    build, score = slow
    process = start(build(tmp_path / "run"))
    wait_for_lines(process, tmp_path / "run" / name, 3)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 3 <= lines(tmp_path / "run" / name) < SAMPLES
    done = wavebench(*build(tmp_path / "run"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "score.json").read_bytes() == score
    assert lines(tmp_path / "run" / name) == SAMPLES


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("name", ["completions.jsonl", "verdicts.jsonl"])
def test_stopped_by_a_signal_it_says_so_and_goes_on_later(
    tmp_path: Path, slow, start, wavebench: Run, name: str, number: int
):
    build, score = slow
    process = start(build(tmp_path / "run"))
    wait_for_lines(process, tmp_path / "run" / name, 2)
    process.send_signal(number)
    _, said = process.communicate()
    assert process.returncode == 130
    assert said.strip() == "Stopped; run the same command again to continue."
    done = wavebench(*build(tmp_path / "run"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "score.json").read_bytes() == score


def test_a_torn_last_line_is_done_again(run_copy: Path, arguments: Arguments, wavebench: Run):
    score = (run_copy / "score.json").read_bytes()
    for name in ("completions.jsonl", "verdicts.jsonl"):
        content = (run_copy / name).read_bytes()
        (run_copy / name).write_bytes(content[:-20])
    (run_copy / "score.json").unlink()
    done = wavebench(*arguments(run_copy))
    assert done.returncode == 0, done.stderr
    assert (run_copy / "score.json").read_bytes() == score


def test_the_steps_apart_give_the_same_score(tmp_path: Path, undisturbed: Path, arguments: Arguments, wavebench: Run):
    out = tmp_path / "run"
    for words in (["generate", *arguments(out)[1:]], ["judge", str(out)], ["score", str(out)], ["report", str(out)]):
        done = wavebench(*words)
        assert done.returncode == 0, done.stderr
    assert (out / "score.json").read_bytes() == (undisturbed / "score.json").read_bytes()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk_is_one_sentence_and_nothing_is_lost(
    small_disk: Path, undisturbed: Path, arguments: Arguments, wavebench: Run, one_sentence: Sentence
):
    words = arguments(small_disk / "run")
    assert "free some space" in one_sentence(wavebench(*words))
    subprocess.run(["mount", "-o", "remount,size=8m", small_disk], check=True)
    done = wavebench(*words)
    assert done.returncode == 0, done.stderr
    assert (small_disk / "run" / "score.json").read_bytes() == (undisturbed / "score.json").read_bytes()


def test_another_config_in_the_same_folder_is_refused(
    run_copy: Path, arguments: Arguments, wavebench: Run, one_sentence: Sentence
):
    before = sizes(run_copy)
    said = one_sentence(wavebench(*arguments(run_copy), "--temperature", "0.7"))
    assert "temperature = 0.0" in said
    assert "0.7" in said
    assert sizes(run_copy) == before


def test_config_toml_is_the_run_and_can_be_run_again(run_copy: Path, tmp_path: Path, wavebench: Run):
    done = wavebench("eval", "--config", run_copy / "config.toml", "--out", tmp_path / "again")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "again" / "score.json").read_bytes() == (run_copy / "score.json").read_bytes()


def test_an_unreachable_server_is_one_sentence(data: Path, tmp_path: Path, wavebench: Run, one_sentence: Sentence):
    pytest.importorskip("openai")
    words = ["--task", "humaneval", "--data", data / "problems.jsonl", "--out", tmp_path / "run"]
    quick = ["--set", "retry_seconds=0.2", "--set", "request_seconds=1"]
    done = wavebench("eval", "--model", "api:x", "--base-url", "http://127.0.0.1:9/v1", *words, *quick)
    assert "127.0.0.1:9" in one_sentence(done)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--model", "demo", "--task", "humaneva"], "humaneva"),
        (["--model", "nothing:x", "--task", "humaneval"], "nothing:x"),
        (["--task", "humaneval"], "--model"),
        (["--model", "demo"], "--task"),
        (["--model", "demo", "--task", "humaneval", "--style", "poem"], "poem"),
        (["--model", "demo", "--task", "humaneval", "--set", "speed=9"], "speed"),
        (["--model", "demo", "--task", "humaneval", "--sandbox", "vm"], "vm"),
        (["--model", "demo", "--task", "mbpp", "--data", "/nowhere"], "/nowhere"),
        (["--config", "/nowhere.toml"], "/nowhere.toml"),
    ],
)
def test_what_is_asked_wrongly_is_one_sentence(
    tmp_path: Path, wavebench: Run, one_sentence: Sentence, words: list[str], expected: str
):
    assert expected in one_sentence(wavebench("eval", *words, "--out", tmp_path / "run"))


def test_several_tasks_get_a_folder_each_and_one_table(tmp_path: Path, wavebench: Run):
    script, problems = tmp_path / "script.jsonl", SMALL / "humanevalpack_python.jsonl"
    script.write_text(json.dumps({"task_id": "Python/0", "completions": [""]}) + "\n")
    tasks = ["humanevalpack-fixdocs-python", "humanevalpack-synthesize-python"]
    words = ["--task", tasks[0], "--task", tasks[1], "--limit", 1, "--data", problems, "--out", tmp_path / "out"]
    done = wavebench("eval", "--model", f"scripted:{script}", *words)
    assert done.returncode == 0, done.stderr
    assert sorted(entry.name for entry in (tmp_path / "out").iterdir()) == tasks
    assert sum(line.startswith("task ") for line in done.stdout.splitlines()) == 1
