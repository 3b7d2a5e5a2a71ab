"""A cheater's submissions: each claims more than its answers are worth, and none is confirmed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.evaluate import evaluate
from harness.runs.config import RunConfig
from leaderboards.submission.bundle import SubmissionError
from leaderboards.submission.unpack import unpack
from leaderboards.submission.verify import Decision, RunReport, VerifyOptions, verify_submission
from tests.leaderboards.strangers import (
    DATA,
    PROBLEMS,
    Line,
    answer,
    bundle,
    claim_passes,
    lines,
    pack_all,
    rewrite,
    set_config,
    set_manifest,
    set_task,
    statement,
    write,
)
from tests.sandbox.hostile.corpus import read_attacks

ALL = 10**9
Alter = Callable[[Path], object]


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four problems, three samples each; half of the samples pass."""
    folder = tmp_path_factory.mktemp("honest") / "run"
    model = f"scripted:{DATA / 'script.jsonl'}"
    evaluate(RunConfig(model, "humaneval", "complete", samples=3, temperature=0.8, data=str(PROBLEMS)), folder)
    return folder


@pytest.fixture
def stolen(honest: Path, tmp_path: Path) -> Path:
    """A copy to tamper with."""
    return Path(shutil.copytree(honest, tmp_path / "stolen"))


def verified(file: Path, place: Path, **terms: Any) -> list[RunReport]:
    place.mkdir()
    chosen = {"data": PROBLEMS, "share": 1.0, "workers": 1, **terms}
    return verify_submission(place, unpack(file, place, ALL), VerifyOptions(**chosen))


def claiming(alter: Alter) -> Alter:
    """Every sample is called passed, and `alter` hides it."""

    def altered(run: Path) -> None:
        claim_passes(run)
        alter(run)

    return altered


def configured(**values: Any) -> Alter:
    return claiming(lambda run: set_config(run, **values))


def with_text(name: str, change: Callable[[bytes], bytes]) -> Alter:
    return claiming(lambda run: (run / name).write_bytes(change((run / name).read_bytes())))


def with_lines(name: str, change: Callable[[list[Line]], list[Line]]) -> Alter:
    return lambda run: rewrite(run / name, change)


def without_failures(run: Path, *names: str) -> None:
    failed = {
        (each["task_id"], each["sample"]) for each in lines(run / "verdicts.jsonl") if each["verdict"] != "passed"
    }
    for name in names:
        rewrite(run / name, lambda found: [each for each in found if (each["task_id"], each["sample"]) not in failed])


def only(run: Path, task_id: str) -> None:
    for name in ("completions.jsonl", "verdicts.jsonl"):
        rewrite(run / name, lambda found: [each for each in found if each["task_id"] == task_id])


def forge(run: Path) -> None:
    """Real forgeries, under their own program hashes, called confirmed passes."""
    attack = next(each for each in read_attacks("forgeries") if each.name == "always_equal")
    names = "\n".join(f"{name} = lambda *given: Equal()" for name in ("add", "double", "last", "is_even"))
    answer(run, f"    pass\n\n{attack.completion}\n{names}\n")
    claim_passes(run)


def judged_twice(run: Path) -> None:
    """An open verdict first, a better one behind it."""
    waiting = {"verdict": "not judged", "confirmed": None}
    better = {"verdict": "passed", "confirmed": True}
    rewrite(run / "verdicts.jsonl", lambda found: [e | waiting for e in found] + [e | better for e in found])


def swap_verdicts(run: Path) -> None:
    """Verdicts of the solved problem for all others."""
    rewrite(
        run / "verdicts.jsonl",
        lambda found: [{**found[0], "task_id": each["task_id"], "sample": each["sample"]} for each in found],
    )


def made_elsewhere(run: Path) -> None:
    set_config(run, samples_file="x.jsonl", samples=0)
    rewrite(run / "completions.jsonl", lambda found: [{**each, "prompt_sha256": ""} for each in found])


def unjudgeable(body: str, **limits: Any) -> Alter:
    """Answers that the sandbox may fail to judge, with their own hashes, called passes."""

    def altered(run: Path) -> None:
        answer(run, body, **limits)
        set_config(run, **limits)
        claim_passes(run)

    return altered


def first_line(field: str, value: Any, name: str = "verdicts.jsonl") -> Alter:
    return claiming(with_lines(name, lambda found: [found[0] | {field: value}, *found[1:]]))


def without_field(field: str) -> Alter:
    def altered(run: Path) -> None:
        rewrite(run / "completions.jsonl", lambda found: [{k: v for k, v in e.items() if k != field} for e in found])

    return claiming(altered)


ALTERED: dict[str, Alter] = {
    "verdicts": claim_passes,
    "verdicts without confirmation": lambda run: claim_passes(run, None),
    "verdicts with refuted confirmation": lambda run: claim_passes(run, False),
    "one verdict": first_line("verdict", "wrong"),
    # settings
    "no memory": configured(memory_mb=1),
    "endless processor time": configured(cpu_seconds=1e9),
    "endless wall time": configured(wall_seconds=1e9),
    "no processor time": configured(cpu_seconds=1e-9),
    "infinite limits": configured(cpu_seconds=float("inf"), wall_seconds=float("inf")),
    "limits that are no number": configured(cpu_seconds=float("nan")),
    "a negative limit": configured(memory_mb=-5),
    "limits with their hashes": unjudgeable("    return 1\n", memory_mb=1),
    "long limits with their hashes": unjudgeable("    return 1\n", cpu_seconds=1e9, wall_seconds=1e9),
    "not confirmed": configured(confirm=False),
    "limit": configured(limit=1),
    "limit with only its rows": lambda run: (only(run, "own/0"), claim_passes(run), set_config(run, limit=1)),
    "no walls": configured(tier="none"),
    "a cluster": configured(cluster="ray://198.51.100.7:10001"),
    "no workers": configured(workers=0),
    "a million workers": configured(workers=10**6),
    "other data": configured(data="/etc"),
    "answers as programs": configured(form="program"),
    "answers as continuations": configured(form="continuation"),
    "no samples asked": lambda run: (
        without_failures(run, "completions.jsonl", "verdicts.jsonl"),
        set_config(run, samples=0),
    ),
    "one sample asked": configured(samples=1),
    "10^12 samples asked": configured(samples=10**12),
    "negative samples": configured(samples=-1),
    "a k that is too large": configured(k=[1000]),
    "an unknown setting": configured(verified=True),
    "no model": configured(model=None),
    "a model that is no text": configured(model=["a", "b"]),
    "another style": configured(style="chat"),
    "an unknown style": configured(style="nobody's"),
    "another split": configured(split="train"),
    "another task": configured(task="mbpp"),
    "an unknown task": configured(task="nobodys-task"),
    "a path as task": configured(task="../../etc/passwd"),
    "made elsewhere": claiming(made_elsewhere),
    # manifest
    "a task of text": claiming(lambda run: set_manifest(run, task="x")),
    "a task of numbers": claiming(lambda run: set_manifest(run, task=[1, 2])),
    "a task of null": claiming(lambda run: set_manifest(run, task=None)),
    "judging of text": claiming(lambda run: set_manifest(run, judging="confirmed")),
    "versions of numbers": claiming(lambda run: set_manifest(run, judging={"versions": [1]})),
    "a model of text": claiming(lambda run: set_manifest(run, model="gpt-5")),
    "a date that is none": claiming(lambda run: set_manifest(run, finished={"at": 1})),
    "a verified manifest": claiming(lambda run: set_manifest(run, verified=True, confirmed=True, unsound=["own/3"])),
    "another version": claiming(lambda run: set_task(run, version="0.9")),
    "a version that is a number": claiming(lambda run: set_task(run, version=1.5)),
    "another fingerprint": claiming(lambda run: set_task(run, fingerprint="0" * 64)),
    "another wording": claiming(lambda run: set_task(run, style_sha256="0" * 64)),
    "another style everywhere": claiming(lambda run: (set_task(run, style="chat"), set_config(run, style="chat"))),
    "another task everywhere": claiming(lambda run: (set_task(run, name="mbpp"), set_config(run, task="mbpp"))),
    "an empty manifest": with_text("manifest.json", lambda _: b"{}"),
    "a manifest that is a list": with_text("manifest.json", lambda _: b"[]"),
    "a deep manifest": with_text("manifest.json", lambda _: b"[" * 100_000),
    # answers
    "right answers under old hashes": claiming(
        with_lines("completions.jsonl", lambda found: [each | {"completion": "    return 1\n"} for each in found])
    ),
    "wrong answers under new hashes": lambda run: (answer(run, "    return 41\n"), claim_passes(run)),
    "answers to other prompts": first_line("prompt_sha256", "0" * 64, "completions.jsonl"),
    "another turn": first_line("turn", 1, "completions.jsonl"),
    "a negative turn": first_line("turn", -1, "completions.jsonl"),
    "answers without a reason to stop": without_field("finish_reason"),
    "answers without text": without_field("completion"),
    "an answer that is a number": first_line("completion", 5, "completions.jsonl"),
    "tokens without end": first_line("prompt_tokens", float("nan"), "completions.jsonl"),
    "forgeries": forge,
    "a program that a signal ends": unjudgeable("    import os\n    os.kill(os.getpid(), 40)\n"),
    "a program that a signal ends at once": unjudgeable("    pass\nimport os\nos.kill(os.getpid(), 40)\n"),
    "a program that is killed": unjudgeable("    pass\nimport os\nos.kill(os.getpid(), 9)\n"),
    "a program that ends its group": unjudgeable("    import os\n    os.killpg(0, 9)\n"),
    # rows
    "no failed verdicts": lambda run: without_failures(run, "verdicts.jsonl"),
    "no failed samples": lambda run: without_failures(run, "verdicts.jsonl", "completions.jsonl"),
    "no failed answers": lambda run: without_failures(run, "completions.jsonl"),
    "one problem": lambda run: only(run, "own/2"),
    "no verdicts": with_lines("verdicts.jsonl", lambda _: []),
    "no rows": lambda run: [write(run / name, []) for name in ("verdicts.jsonl", "completions.jsonl")],
    "a verdict written twice": with_lines("verdicts.jsonl", lambda found: [*found, found[-1] | {"verdict": "passed"}]),
    "open verdicts written over": judged_twice,
    "open verdicts": claiming(
        with_lines("verdicts.jsonl", lambda found: [e | {"verdict": "not judged"} for e in found])
    ),
    "one open verdict": first_line("verdict", "not judged"),
    "no code anywhere": with_lines(
        "verdicts.jsonl",
        lambda found: [e | {"verdict": "no code", "program_sha256": "", "confirmed": None} for e in found],
    ),
    "verdicts of another problem": swap_verdicts,
    "verdicts of an unknown problem": first_line("task_id", "own/99"),
    "a negative sample": first_line("sample", -1),
    "an enormous sample": first_line("sample", 10**30),
    "a sample that is text": first_line("sample", "0"),
    "an unknown verdict": first_line("verdict", "PASSED"),
    "a confirmation that is text": first_line("confirmed", "yes"),
    "times that are no number": first_line("cpu_seconds", float("nan")),
    "another program": first_line("program_sha256", "0" * 64),
    # texts
    "a torn last verdict": with_text("verdicts.jsonl", lambda text: text[:-3]),
    "verdicts in UTF-16": with_text("verdicts.jsonl", lambda text: text.decode().encode("utf-16")),
    "verdicts with a byte order mark": with_text("verdicts.jsonl", lambda text: b"\xef\xbb\xbf" + text),
    "verdicts with a null byte": with_text("verdicts.jsonl", lambda text: text + b"\0\n"),
    "answers that are not UTF-8": with_text("completions.jsonl", lambda text: text.replace(b"return", b"\xff\xfe", 1)),
    "half a character": with_text("completions.jsonl", lambda text: text.replace(b"return", b"\\ud800", 1)),
    "a config that is not UTF-8": with_text("config.toml", lambda text: text + b"\n# \xff\n"),
    "a config with a setting twice": with_text("config.toml", lambda text: text + b'\nmodel = "best"\n'),
}


@pytest.mark.parametrize("name", ALTERED)
def test_no_altered_submission_is_confirmed(stolen: Path, tmp_path: Path, name: str):
    ALTERED[name](stolen)
    (report,) = verified(bundle(stolen, tmp_path / "s.zip"), tmp_path / "v")
    assert report.decision is not Decision.CONFIRMED
    assert report.findings or report.doubts
    for sentence in (*report.findings, *report.doubts):
        assert 10 < len(sentence) < 2_000
        assert str(tmp_path) not in sentence


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"memory_mb": 64}, "it sets limits in place of the task's own (memory_mb = 64)"),
        ({"cpu_seconds": 6.0}, "it sets limits in place of the task's own (cpu_seconds = 6)"),
        ({"confirm": False}, "its passes were not confirmed (confirm = false)"),
        ({"judging": "split"}, "it was not judged by the benchmark's own protocol (judging = split)"),
        ({"form": "program"}, "it takes a model's answers for programs (form = program)"),
        ({"samples": 0}, "it asks a model for 0 samples of each problem"),
        ({"limit": 4}, "it holds only the first 4 problems"),
    ],
)
def test_settings_that_are_not_allowed_refute_true_verdicts_too(
    stolen: Path, tmp_path: Path, values: dict[str, Any], sentence: str
):
    set_config(stolen, **values)
    (report,) = verified(bundle(stolen, tmp_path / "s.zip"), tmp_path / "v")
    assert report.findings == (sentence,)


def test_there_are_enough_of_them():
    assert len(ALTERED) >= 40


@pytest.mark.parametrize(
    "change",
    [
        {"pass_at_1": 0.99},
        {"pass_at_1": 1e308},
        {"pass_at_1": -1.0},
        {"confirmed_pass_at_1": 1.0},
        {"model": "gpt-5"},
        {"task": "mbpp"},
    ],
)
def test_an_index_that_claims_other_things_is_refuted(honest: Path, tmp_path: Path, change: dict[str, Any]):
    (report,) = verified(bundle(honest, tmp_path / "s.zip", **change), tmp_path / "v")
    assert report.decision is Decision.REFUTED


@pytest.mark.parametrize(
    "change",
    [
        {"pass_at_1": float("nan")},
        {"pass_at_1": float("inf")},
        {"pass_at_1": None},
        {"pass_at_1": "1.0"},
        {"model": None},
        {"folder": "../run-00"},
        {"folder": "run-00/"},
        {"folder": "run-01"},
        {"files": {}},
        {"files": []},
    ],
)
def test_an_index_that_is_none_is_refused(honest: Path, tmp_path: Path, change: dict[str, Any]):
    with pytest.raises(SubmissionError):
        verified(bundle(honest, tmp_path / "s.zip", **change), tmp_path / "v")


def test_one_folder_is_not_listed_as_two_runs(honest: Path, tmp_path: Path):
    import zipfile

    from leaderboards.submission.bundle import INDEX, RUN_FILES

    with zipfile.ZipFile(tmp_path / "s.zip", "w") as archive:
        archive.writestr(INDEX, json.dumps({"format": 1, "runs": [statement(honest)] * 2}))
        for name in RUN_FILES:
            archive.write(honest / name, f"run-00/{name}")
    with pytest.raises(SubmissionError, match="one folder for several runs"):
        verified(tmp_path / "s.zip", tmp_path / "v")


@pytest.mark.parametrize("alter", [{}, {"seed": 7}, {"temperature": 0.0}, {"model": "another"}, {"max_tokens": 7}])
def test_one_run_is_not_submitted_as_two(honest: Path, stolen: Path, tmp_path: Path, alter: dict[str, Any]):
    set_config(stolen, **alter)
    first, second = verified(pack_all([honest, stolen], tmp_path / "s.zip"), tmp_path / "v")
    assert first.decision is Decision.CONFIRMED
    assert second.decision is Decision.REFUTED
    assert "run-00" in second.findings[0]
    assert str(tmp_path) not in second.findings[0]


def test_nothing_of_the_config_reaches_the_machine(stolen: Path, tmp_path: Path):
    set_config(
        stolen,
        cluster="ray://198.51.100.7:10001",
        tier="none",
        workers=99,
        data="/somewhere/else",
        base_url="http://198.51.100.7/v1",
        key_variable="HOME",
        device="cuda:7",
        samples_file="",
        prices="/etc/passwd",
        k=[1, 2],
    )
    (report,) = verified(bundle(stolen, tmp_path / "s.zip"), tmp_path / "v")
    assert (report.findings, report.doubts, report.decision) == ((), (), Decision.CONFIRMED)
    kept = (tmp_path / "v" / "run-00" / "config.toml").read_text()
    for word in ("198.51.100.7", '"none"', "99", "/somewhere", "HOME", "cuda", "passwd", str(PROBLEMS)):
        assert word not in kept


def test_what_cannot_be_judged_here_is_undecided(honest: Path, tmp_path: Path):
    file = bundle(honest, tmp_path / "s.zip")
    (report,) = verified(file, tmp_path / "a", data=tmp_path)
    assert report.decision is not Decision.CONFIRMED
    (report,) = verified(file, tmp_path / "b", data=tmp_path / "nowhere")
    assert report.decision is Decision.UNDECIDED
    assert "does not exist" in report.doubts[0]


def test_a_missing_toolchain_leaves_it_undecided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    run, problems = javascript_run(tmp_path)
    monkeypatch.setenv("WAVEBENCH_CACHE", str(tmp_path / "empty"))
    (report,) = verified(bundle(run, tmp_path / "s.zip"), tmp_path / "v", data=problems)
    assert report.findings == ()
    assert (report.decision, report.drawn, report.executed) == (Decision.UNDECIDED, 1, 0)
    assert "1 of the 1 drawn samples could not be judged here" in report.doubts[0]
    assert "wavebench toolchains install" in report.doubts[0]


def javascript_run(place: Path) -> tuple[Path, Path]:
    """A made-up run of one problem in JavaScript, and the file of that problem."""
    from tests.leaderboards.made_runs import MadeRun, write_run

    problem = {
        "task_id": "JavaScript/0",
        "prompt": "const one = () => {\n",
        "declaration": "const one = () => {\n",
        "canonical_solution": "  return 1;\n}\n",
        "buggy_solution": "  return 2;\n}\n",
        "entry_point": "one",
        "docstring": "",
        "instruction": "Write one.",
        "test": "const test = () => { console.assert(one() === 1) }\ntest()\n",
    }
    write(place / "js.jsonl", [problem])
    made = MadeRun("m", "humanevalpack-synthesize-js", skill=1.0, data=str(place / "js.jsonl"), confirmed=None)
    return write_run(place / "js", made), place / "js.jsonl"
