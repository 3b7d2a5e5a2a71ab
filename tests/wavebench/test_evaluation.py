"""A model on a task by one call: specs, functions and objects; folders, resuming and comparing."""

import json
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

import wavebench
from harness.models.scripted import ScriptedModel
from harness.runs.run_folder import RunFolderError
from tests.wavebench.small_task import Greetings

BODIES = {"add": "    return a + b\n", "double": "    return x + x\n", "last": "    return items[-1]\n"}


def three_of_four(prompts: list[str]) -> list[str]:
    return [next((body for name, body in BODIES.items() if f"def {name}(" in text), "    pass\n") for text in prompts]


def model_section(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text())["model"]


def test_a_function_is_scored_and_leaves_no_folder(problems: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    score = wavebench.evaluate(three_of_four, data=problems, samples=2)
    assert isinstance(score, wavebench.Score)
    assert score.pass_rates[1].value == 0.75
    assert (score.n_problems, score.n_samples, score.missing) == (4, 8, 0)
    assert not list(tmp_path.glob("wavebench-*"))


def test_a_function_gets_lists_of_texts_or_of_messages(problems: Path):
    batches: list[list[Any]] = []

    def remember(prompts: list[Any]) -> tuple[str, ...]:
        batches.append(prompts)
        return tuple("" for _ in prompts)

    wavebench.evaluate(remember, data=str(problems), style="complete", batch_rows=3)
    assert [len(batch) for batch in batches] == [3, 1]
    assert all(isinstance(prompt, str) for batch in batches for prompt in batch)
    batches.clear()
    wavebench.evaluate(remember, data=str(problems), style="chat", limit=1)
    ((chat,),) = batches
    assert all(set(message) == {"role", "content"} for message in chat)
    assert chat[-1]["role"] in ("user", "assistant")


def test_two_turns_are_two_calls():
    heard: list[str] = []

    def speak(prompts: list[Any]) -> list[str]:
        heard.extend(chat[-1]["content"][:6] for chat in prompts)
        return ["def greet(name):\n    return 'Hi ' + name\n"] * len(prompts)

    assert wavebench.evaluate(speak, Greetings(turns=2)).pass_rates[1].value == 1
    assert heard == ["Turn 0"] * 2 + ["Turn 1"] * 2


def test_a_named_function_goes_on_where_it_stopped(problems: Path, tmp_path: Path):
    asked: list[str] = []

    def breaks_down(prompts: list[str]) -> list[str]:
        asked.extend(prompts)
        if len(asked) > 2:
            raise KeyboardInterrupt
        return three_of_four(prompts)

    settings: dict[str, Any] = {"data": problems, "out": tmp_path / "run", "model_name": "mine", "batch_rows": 1}
    with pytest.raises(KeyboardInterrupt):
        wavebench.evaluate(breaks_down, **settings)
    seen: list[str] = []

    def goes_on(prompts: list[str]) -> list[str]:
        seen.extend(prompts)
        return three_of_four(prompts)

    assert wavebench.evaluate(goes_on, **settings).pass_rates[1].value == 0.75
    assert len(seen) == 2
    assert wavebench.evaluate(goes_on, **settings).pass_rates[1].value == 0.75
    assert len(seen) == 2, "a complete run asked again"


def test_a_function_without_a_name_does_not_go_on(problems: Path, tmp_path: Path):
    out = str(tmp_path / "run")
    wavebench.evaluate(three_of_four, data=problems, out=out)
    section = model_section(tmp_path / "run")
    assert section["kind"] == "callable"
    assert section["function"].endswith("test_evaluation.three_of_four")
    assert section["weights"] == ""
    with pytest.raises(RunFolderError, match="name it by model_name="):
        wavebench.evaluate(three_of_four, data=problems, out=out)
    with pytest.raises(RunFolderError, match="model = "):
        wavebench.evaluate(three_of_four, data=problems, out=out, model_name="another")


def test_errors_of_the_function_pass_through_and_its_answers_are_checked(problems: Path):
    def fails(prompts: list[str]) -> list[str]:
        raise ZeroDivisionError(f"mine, of {len(prompts)}")

    with pytest.raises(ZeroDivisionError, match="mine, of 4"):
        wavebench.evaluate(fails, data=problems)
    for wrong in (lambda _: ["one"], lambda _: "text", lambda _: [1, 2, 3, 4], lambda _: None):
        with pytest.raises(wavebench.WavebenchError, match="for 4 prompts: return a list of 4 str"):
            wavebench.evaluate(wrong, data=problems)  # pyright: ignore[reportArgumentType]


def test_an_object_with_the_methods_of_a_model(problems: Path, tmp_path: Path):
    script = {f"own/{number}": [body] for number, body in enumerate([*BODIES.values(), "    return n % 2 == 0\n"])}
    model: wavebench.Model = ScriptedModel(script, name="by hand")
    for _ in range(2):  # it has an identity, so it goes on
        assert wavebench.evaluate(model, data=problems, out=tmp_path / "run").pass_rates[1].value == 1
    assert model_section(tmp_path / "run")["kind"] == "scripted"
    other = ScriptedModel({name: [""] for name in script}, name="by hand")
    with pytest.raises(RunFolderError, match="answers of other weights"):
        wavebench.evaluate(other, data=problems, out=tmp_path / "run")


def test_a_spec_is_what_the_command_line_takes(problems: Path, tmp_path: Path):
    spec = f"scripted:{problems.with_name('script.jsonl')}"
    score = wavebench.evaluate(spec, "humaneval", data=problems, out=str(tmp_path / "run"), samples=3)
    again = wavebench.evaluate(spec, "humaneval", data=problems, out=tmp_path / "run", samples=3)
    assert score == again
    config = wavebench.RunConfig(model=spec, task="humaneval", data=str(problems), samples=1)
    assert wavebench.evaluate(spec, config=config, samples=3).pass_rates == score.pass_rates
    assert wavebench.evaluate(spec, config=config).n_samples == 4
    with pytest.raises(wavebench.WavebenchError, match="has a name already"):
        wavebench.evaluate(spec, data=problems, model_name="x")


def test_what_is_no_model_and_no_setting_is_one_sentence(problems: Path):
    with pytest.raises(wavebench.WavebenchError, match="unknown setting 'temprature'"):
        wavebench.evaluate(three_of_four, data=problems, temprature=1)
    with pytest.raises(wavebench.WavebenchError, match="is no model: pass a spec, a function"):
        wavebench.evaluate(7, data=problems)  # pyright: ignore[reportArgumentType]
    with pytest.raises(wavebench.WavebenchError, match="not a tuple of 3"):
        wavebench.evaluate((1, 2, 3), data=problems)  # pyright: ignore[reportArgumentType]
    with pytest.raises(wavebench.WavebenchError, match="unknown model 'gpt:2'"):
        wavebench.evaluate("gpt:2", data=problems)


def test_it_works_outside_the_main_thread(problems: Path):
    scores: list[wavebench.Score] = []
    thread = threading.Thread(target=lambda: scores.append(wavebench.evaluate(three_of_four, data=problems)))
    thread.start()
    thread.join(60)
    assert scores[0].pass_rates[1].value == 0.75


def test_two_runs_are_compared_in_pairs(problems: Path, tmp_path: Path):
    wavebench.evaluate(lambda prompts: ["    pass\n"] * len(prompts), data=problems, out=tmp_path / "a", model_name="a")
    wavebench.evaluate(three_of_four, data=problems, out=tmp_path / "b", model_name="b")
    comparison = wavebench.compare_runs(str(tmp_path / "a"), tmp_path / "b")
    assert comparison.paired.difference.value == 0.75
    assert [flip.task_id for flip in comparison.won] == ["own/0", "own/1", "own/2"]
    assert not comparison.lost
    wavebench.evaluate(three_of_four, data=problems, out=tmp_path / "c", model_name="c", style="complete-stripped")
    with pytest.raises(wavebench.WavebenchError, match="differ in style"):
        wavebench.compare_runs(tmp_path / "a", tmp_path / "c")
    assert wavebench.compare_runs(tmp_path / "a", tmp_path / "c", allow_different=["style"]).mismatches
    with pytest.raises(wavebench.WavebenchError, match="pass@2 needs 2 judged samples"):
        wavebench.compare_runs(tmp_path / "a", tmp_path / "b", k=2)
    shutil.rmtree(tmp_path / "b")
    with pytest.raises(wavebench.WavebenchError):
        wavebench.compare_runs(tmp_path / "a", tmp_path / "b")
