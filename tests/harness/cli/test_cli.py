import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib.metadata import EntryPoint, version
from pathlib import Path
from typing import Any

import pytest
import typer

from harness.cli.main import app
from harness.runs.settings import describe_settings

ROOT = Path(__file__).parents[3]
Sentence = Callable[[subprocess.CompletedProcess[str]], str]
Run = Callable[..., subprocess.CompletedProcess[str]]
HEAVY = (
    "torch",
    "transformers",
    "openai",
    "scipy",
    "numpy",
    "jinja2",
    "rich",
    "datagen",
    "leaderboards",
    "tree_sitter",
)
LOADED = """
import sys
sys.argv = ["wavebench", *{words!r}]
from harness.cli.main import main
try:
    main()
except SystemExit as end:
    code = end.code or 0
heavy = sorted(name for name in {heavy!r} if name in sys.modules)
print("LOADED", code, *heavy)
"""


def loaded(environment: dict[str, str], *words: object) -> list[str]:
    """The exit code, then which of HEAVY a command imported."""
    code = LOADED.format(words=[str(word) for word in words], heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    return done.stdout.splitlines()[-1].split()[1:]


def test_help_imports_nothing_heavy(environment: dict[str, str]):
    assert loaded(environment, "--help") == ["0"]


def test_judging_imports_neither_torch_nor_transformers(environment: dict[str, str], run_copy: Path):
    (run_copy / "verdicts.jsonl").unlink()
    code, *modules = loaded(environment, "judge", run_copy)
    assert code == "0"
    assert not {"torch", "transformers", "openai", "datagen", "leaderboards"} & set(modules)


def test_the_installed_command_starts_from_anywhere(tmp_path: Path):
    script = Path(sys.executable).with_name("wavebench")
    if not script.exists():
        pytest.skip("wavebench is not installed beside this Python")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([script, "--help"], capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr
    assert all(
        f"  {name} " in done.stdout for name in ("eval", "generate", "judge", "score", "report", "tasks", "doctor")
    )


MOUNTED = """
import typer
app = typer.Typer(help="Says hello.")
@app.command()
def hello(name: str, loud: bool = False): print("HELLO" if loud else "hello", name)
@app.command()
def fail():
    from sandbox.errors import WavebenchError
    raise WavebenchError("It cannot be: mend it.")
"""


@pytest.fixture
def with_mounted(tmp_path: Path, command: list[str], environment: dict[str, str]) -> Run:
    """The command where another distribution offers sub-commands, one of them broken on import."""
    (tmp_path / "greeting.py").write_text(MOUNTED)
    (tmp_path / "broken.py").write_text("raise RuntimeError('imported')\n")
    info = tmp_path / "greeting-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: greeting\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[wavebench.commands]\ngreet = greeting:app\nbroken = broken:app\n")
    path = {**environment, "PYTHONPATH": f"{environment['PYTHONPATH']}:{tmp_path}"}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, *words], capture_output=True, text=True, env=path)

    return run


def test_mounted_commands_are_listed_without_being_imported(with_mounted: Run):
    done = with_mounted("--help")
    assert done.returncode == 0, done.stderr
    assert re.search(r"greet +Says hello\.", done.stdout)
    assert re.search(r"broken *\n", done.stdout)
    assert re.search(r"ablate +Makes data variants, trains on each", done.stdout)
    assert "..." not in done.stdout.partition("Commands:")[2], "a command's first sentence is too long for the list"


def test_a_mounted_command_reads_its_own_options(with_mounted: Run):
    assert with_mounted("greet", "hello", "you", "--loud").stdout == "HELLO you\n"
    assert "hello" in with_mounted("greet", "--help").stdout
    assert with_mounted("greet", "hello").returncode == 2


def test_a_mounted_command_fails_in_one_sentence_too(with_mounted: Run):
    done = with_mounted("greet", "fail")
    assert (done.returncode, done.stderr) == (1, "It cannot be: mend it.\n")


def test_doctor_judges_a_right_and_a_wrong_sample(wavebench: Run):
    done = wavebench("doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "right: passed, wrong: wrong" in done.stdout
    assert len(done.stdout.splitlines()) <= 30, "one screen"
    remedies = [line for line in done.stdout.splitlines() if "remedy:" in line]
    assert len(remedies) == len(set(remedies))


def test_tasks_lists_every_task(wavebench: Run):
    done = wavebench("tasks")
    assert all(name in done.stdout for name in ("humaneval", "mbpp", "mbpp-sanitized", "MIT", "CC-BY-4.0"))


def document(done: subprocess.CompletedProcess[str]) -> Any:
    """The one JSON document that a command with --json prints."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_result_of_a_run_comes_as_one_json_document(wavebench: Run, golden: Path, data: Path):
    problems = data / "problems.jsonl"
    (scored,) = document(wavebench("score", golden, "--data", problems, "--json"))
    assert scored["run"] == str(golden)
    assert scored["score"] == json.loads((golden / "score.json").read_text())
    (judged,) = document(wavebench("judge", golden, "--data", problems, "--json"))
    assert judged["score"] == scored["score"]
    (reported,) = document(wavebench("report", golden, "--data", problems, "--json"))
    assert Path(reported["report"]).exists()
    rows = document(wavebench("rows", golden, golden, "--data", problems, "--json"))
    assert (rows["reasons"], rows["different"]) == ({"same text": rows["rows"]}, [])
    plan = document(wavebench("plan", "--task", "humaneval", "--data", problems, "--json"))
    assert plan["tasks"] == ["humaneval"]
    assert plan["plan"]["rows"][0]["problems_needed"] > 0


def test_lists_come_as_json(wavebench: Run):
    tasks = {task["name"]: task for task in document(wavebench("tasks", "--json"))}
    assert tasks["humaneval"]["rows"] == 164
    settings = {setting["name"]: setting for setting in document(wavebench("settings", "--json"))}
    assert settings["temperature"] == {
        "name": "temperature",
        "type": "number",
        "default": 0.0,
        "required": False,
        "meaning": "Sampling temperature; 0 is greedy.",
    }
    packages = document(wavebench("toolchains", "packages", "go", "--json"))
    assert " ".join(packages) == wavebench("toolchains", "packages", "go").stdout.strip()


def test_settings_of_an_unknown_kind_are_refused(wavebench: Run, one_sentence: Sentence):
    assert "no kind of configuration 'modle': use one of run" in one_sentence(wavebench("settings", "modle"))
    assert "--set" in wavebench("settings", "--help").stdout


def test_the_version_is_that_of_the_distribution(wavebench: Run):
    assert wavebench("--version").stdout == f"wavebench {version('wavebench')}\n"


def test_how_much_is_said(wavebench: Run, golden: Path, data: Path):
    line = golden / "completions.jsonl"
    line.write_text(line.read_text() + line.read_text().splitlines()[0] + "\n")
    words = ("judge", golden, "--data", data / "problems.jsonl")
    assert "judges its samples" not in wavebench(*words).stderr
    assert f"{golden}: judges its samples" in wavebench("-v", *words).stderr
    refused = wavebench("-vv", "score", "nowhere")
    assert refused.stderr.splitlines()[-1].startswith("'nowhere' is no run folder")
    assert "Traceback" in refused.stderr


WARNING = """
import sys
sys.argv = ["wavebench", *{words!r}, "settings"]
from harness.cli.main import main
from harness.files.progress import warn
try:
    main()
except SystemExit:
    warn("It is odd.")
"""


@pytest.mark.parametrize(("words", "said"), [([], "It is odd.\n"), (["-v"], "It is odd.\n"), (["-q"], "")])
def test_quiet_says_no_warnings(environment: dict[str, str], words: list[str], said: str):
    code = WARNING.format(words=words)
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment).stderr == said


def test_the_shell_completes_commands(environment: dict[str, str]):
    script = Path(sys.executable).with_name("wavebench")
    if not script.exists():
        pytest.skip("wavebench is not installed beside this Python")
    asked = {"_WAVEBENCH_COMPLETE": "complete_bash", "COMP_WORDS": "wavebench lea", "COMP_CWORD": "1"}
    done = subprocess.run([script], capture_output=True, text=True, env={**environment, **asked})
    assert done.stdout.split() == ["leaderboard"]


def test_every_option_of_every_command_has_help():
    group: Any = typer.main.get_command(app)
    for name, command in group.commands.items():
        assert not [each.name for each in command.params if each.param_type_name == "option" and not each.help], name


def test_every_kind_of_configuration_is_offered_by_its_room():
    offered = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["wavebench.settings"]
    assert set(offered) == {"ablate", "datagen", "finetune"}
    for name, place in offered.items():
        assert any(describe_settings(EntryPoint(name, place, "").load()))


def test_a_reader_that_leaves_early_is_no_error(command: list[str], environment: dict[str, str]):
    line = f"{' '.join(command)} tasks | head -n 1"
    done = subprocess.run(line, shell=True, capture_output=True, text=True, env=environment)
    assert "Traceback" not in done.stderr
    assert "refused" not in done.stderr


@pytest.mark.parametrize(
    "words", [["judge", "", "--task", "humaneval"], ["rows", "one", ""], ["score", "--json", "x", ""]]
)
def test_an_empty_argument_is_not_the_current_folder(wavebench: Run, one_sentence: Sentence, words: list[str]):
    said = one_sentence(wavebench(*words))
    assert said.startswith("The argument behind ")
    assert "is empty" in said


@pytest.mark.parametrize("words", [["--out", ""], ["--out="], ["--out", "x", "--data", ""]])
def test_an_empty_path_is_refused(wavebench: Run, one_sentence: Sentence, words: list[str]):
    said = one_sentence(wavebench("judge", "samples.jsonl", "--task", "humaneval", "--limit", "1", *words))
    assert said.endswith(" is empty: name a file or folder, or leave the option out.")


def test_a_config_nested_too_deeply_is_one_sentence(wavebench: Run, one_sentence: Sentence, tmp_path: Path):
    (tmp_path / "nested.toml").write_text(f"x = {'[' * 100_000}{']' * 100_000}")
    done = wavebench("eval", "--config", tmp_path / "nested.toml", "--out", tmp_path / "out")
    assert "is not valid TOML" in one_sentence(done)
