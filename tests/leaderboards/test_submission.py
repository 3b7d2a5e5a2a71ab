"""A stranger's file: the honest one is confirmed, what was tampered with is named, what attacks us is refused."""

import json
import os
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.config import RunConfig
from harness.evaluate import evaluate
from leaderboards.submission.bundle import INDEX, RUN_FILES, SubmissionError
from leaderboards.submission.pack import pack
from leaderboards.submission.unpack import unpack
from leaderboards.submission.verify import RunReport, Terms, verify_run

DATA = Path(__file__).parents[1] / "data"
ALL = 10**9
Line = dict[str, Any]


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole run of a small benchmark: model, sandbox, verdicts and all."""
    folder = tmp_path_factory.mktemp("honest") / "run"
    config = RunConfig(
        f"scripted:{DATA / 'script.jsonl'}", "humaneval", "complete", samples=3, data=str(DATA / "problems.jsonl")
    )
    evaluate(config, folder)
    return folder


def test_what_was_not_run_again_leaves_doubt():
    report = RunReport("run-00", "m", "humaneval", 0.8, 0.8, 164, 100, 80, 0, None, 1, ())
    assert report.most_false_passes == pytest.approx(1 - 0.05 ** (1 / 80))


@pytest.fixture
def stolen(honest: Path, tmp_path: Path) -> Path:
    """A copy to tamper with."""
    return Path(shutil.copytree(honest, tmp_path / "stolen"))


def submitted(run: Path, place: Path) -> RunReport:
    """Packs without the checks of `wavebench submit`, as a forger would, and verifies."""
    place.mkdir(exist_ok=True)
    file = bundle(run, place / "forged.zip")
    index = unpack(file, place, ALL)
    return verify_run(place / index.runs[0].folder, index.runs[0], Terms(DATA / "problems.jsonl", share=1.0, workers=2))


def bundle(run: Path, out: Path, **changes: Any) -> Path:
    import hashlib
    import tomllib

    config = tomllib.loads((run / "config.toml").read_text())
    shares: dict[str, list[bool]] = {}
    for line in lines(run / "verdicts.jsonl"):
        shares.setdefault(line["task_id"], []).append(line["verdict"] == "passed")
    stated = {
        "folder": "run-00",
        "model": config["model"],
        "task": config["task"],
        "pass_at_1": sum(sum(each) / len(each) for each in shares.values()) / len(shares),
        "files": {name: hashlib.sha256((run / name).read_bytes()).hexdigest() for name in RUN_FILES},
    }
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(INDEX, json.dumps({"format": 1, "runs": [stated | changes]}))
        for name in RUN_FILES:
            archive.write(run / name, f"run-00/{name}")
    return out


def lines(path: Path) -> list[Line]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def rewrite(path: Path, change: Callable[[list[Line]], list[Line]]) -> None:
    path.write_text("".join(json.dumps(line) + "\n" for line in change(lines(path))))


def test_an_honest_run_is_packed_and_confirmed(honest: Path, tmp_path: Path):
    index = pack([honest], tmp_path / "s.zip")
    (tmp_path / "out").mkdir()
    assert unpack(tmp_path / "s.zip", tmp_path / "out", ALL) == index
    terms = Terms(DATA / "problems.jsonl", share=1.0, workers=2)
    report = verify_run(tmp_path / "out" / "run-00", index.runs[0], terms)
    assert report.findings == ()
    assert report.executed == report.samples == len(lines(honest / "verdicts.jsonl"))
    assert report.most_false_passes == 0


def test_edited_verdicts_are_refuted(stolen: Path, tmp_path: Path):
    rewrite(stolen / "verdicts.jsonl", lambda found: [{**line, "verdict": "passed"} for line in found])
    report = submitted(stolen, tmp_path / "v")
    assert report.score == 1.0
    assert any(
        "is said to be 'passed', run again it is" in each or "verdicts do not hold" in each for each in report.findings
    )


def test_swapped_answers_are_refuted(stolen: Path, tmp_path: Path):
    def swap(found: list[Line]) -> list[Line]:
        texts = [line["completion"] for line in found]
        return [{**line, "completion": text} for line, text in zip(found, texts[1:] + texts[:1], strict=True)]

    rewrite(stolen / "completions.jsonl", swap)
    report = submitted(stolen, tmp_path / "v")
    assert any("verdicts over other programs" in each for each in report.findings)


def test_swapped_answers_with_recomputed_hashes_are_refuted_by_running_them(stolen: Path, tmp_path: Path):
    from harness.judge import Sample, build_program
    from harness.run import reopen_run

    rewrite(stolen / "completions.jsonl", lambda found: [{**line, "completion": "    return 41\n"} for line in found])
    with reopen_run(stolen, {"data": str(DATA / "problems.jsonl")}) as run:
        hashes = {
            problem.task_id: program.sha256
            for problem in run.problems
            if (program := build_program(run.task, Sample(problem, 0, ["    return 41\n"])))
        }
    rewrite(
        stolen / "verdicts.jsonl",
        lambda found: [{**line, "program_sha256": hashes[line["task_id"]], "ending": "exited"} for line in found],
    )
    assert any("run again it is" in each for each in submitted(stolen, tmp_path / "v").findings)


@pytest.mark.parametrize("dropped_from", [("verdicts.jsonl",), ("verdicts.jsonl", "completions.jsonl")])
def test_dropped_failures_are_refuted(stolen: Path, tmp_path: Path, dropped_from: tuple[str, ...]):
    failed = {
        (line["task_id"], line["sample"]) for line in lines(stolen / "verdicts.jsonl") if line["verdict"] != "passed"
    }
    for name in dropped_from:
        rewrite(
            stolen / name, lambda found: [line for line in found if (line["task_id"], line["sample"]) not in failed]
        )
    report = submitted(stolen, tmp_path / "v")
    assert any("samples without" in each for each in report.findings)


def test_a_second_verdict_for_one_sample_is_refuted(stolen: Path, tmp_path: Path):
    rewrite(stolen / "verdicts.jsonl", lambda found: [*found, *[{**line, "verdict": "passed"} for line in found]])
    assert any("verdicts written twice" in each for each in submitted(stolen, tmp_path / "v").findings)


def test_samples_that_nobody_asked_for_are_refuted(stolen: Path, tmp_path: Path):
    for name in ("verdicts.jsonl", "completions.jsonl"):
        rewrite(stolen / name, lambda found: [*found, {**found[0], "sample": 77}])
    assert any("nobody asked for" in each for each in submitted(stolen, tmp_path / "v").findings)


def test_other_prompts_are_refuted(stolen: Path, tmp_path: Path):
    rewrite(stolen / "completions.jsonl", lambda found: [{**line, "prompt_sha256": "0" * 64} for line in found])
    assert any("other prompts" in each for each in submitted(stolen, tmp_path / "v").findings)


@pytest.mark.parametrize("field", ["version", "fingerprint", "style_sha256"])
def test_other_data_and_other_versions_are_refuted(stolen: Path, tmp_path: Path, field: str):
    manifest = json.loads((stolen / "manifest.json").read_text())
    manifest["task"][field] = "0" * 64
    (stolen / "manifest.json").write_text(json.dumps(manifest))
    assert any(f"task {field}" in each for each in submitted(stolen, tmp_path / "v").findings)


def test_a_manifest_that_hides_its_task_is_refuted(stolen: Path, tmp_path: Path):
    (stolen / "manifest.json").write_text("{}")
    assert any("its task name is 'None'" in each for each in submitted(stolen, tmp_path / "v").findings)


def test_the_submission_chooses_neither_data_nor_walls(stolen: Path, tmp_path: Path):
    text = (stolen / "config.toml").read_text()
    easy = tmp_path / "easy.jsonl"
    easy.write_text("")
    (stolen / "config.toml").write_text(
        text.replace('tier = "namespaces"', 'tier = "none"').replace(str(DATA / "problems.jsonl"), str(easy))
    )
    assert submitted(stolen, tmp_path / "v").findings == ()


def test_another_claim_than_the_verdicts_make_is_refuted(honest: Path, tmp_path: Path):
    file = bundle(honest, tmp_path / "s.zip", pass_at_1=0.99)
    (tmp_path / "v").mkdir()
    index = unpack(file, tmp_path / "v", ALL)
    report = verify_run(tmp_path / "v" / "run-00", index.runs[0], Terms(DATA / "problems.jsonl", share=1.0, workers=2))
    assert any("claims pass@1 99.00 %" in each for each in report.findings)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("verdicts.jsonl", "{not json}\n"),
        ("manifest.json", "[" * 100_000),
        ("config.toml", "model = [[[["),
        ("completions.jsonl", '{"task_id": "HumanEval/0", "sample": "NaN"}\n'),
        ("config.toml", "model = 'x'\ntask = '../../etc/passwd'\n"),
    ],
)
def test_damaged_files_are_findings_and_never_tracebacks(stolen: Path, tmp_path: Path, name: str, text: str):
    file = tmp_path / "s.zip"
    bundle(stolen, file)
    (stolen / name).write_text(text)
    import hashlib

    with zipfile.ZipFile(file) as archive:
        stated = json.loads(archive.read(INDEX))["runs"][0]
    stated["files"][name] = hashlib.sha256(text.encode()).hexdigest()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(INDEX, json.dumps({"format": 1, "runs": [stated]}))
        for each in RUN_FILES:
            archive.write(stolen / each, f"run-00/{each}")
    (tmp_path / "v").mkdir()
    index = unpack(file, tmp_path / "v", ALL)
    report = verify_run(tmp_path / "v" / "run-00", index.runs[0], Terms(DATA / "problems.jsonl", workers=2))
    assert not report.confirmed


@pytest.mark.parametrize(
    "name", ["../evil.py", "/etc/evil", "run-00/../../evil", "run-00/extra.py", "run-00\\config.toml", "C:evil"]
)
def test_paths_cannot_leave_the_folder(honest: Path, tmp_path: Path, name: str):
    file = bundle(honest, tmp_path / "s.zip")
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(name, "evil")
    with pytest.raises(SubmissionError, match="which no submission has"):
        unpack(file, tmp_path, ALL)


def test_links_are_refused(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "s.zip", "w") as archive:
        link = zipfile.ZipInfo("run-00/config.toml")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr(INDEX, "{}")
    with pytest.raises(SubmissionError, match="a link"):
        unpack(tmp_path / "s.zip", tmp_path, ALL)


def test_one_name_twice_is_refused(honest: Path, tmp_path: Path):
    file = bundle(honest, tmp_path / "s.zip")
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("run-00/verdicts.jsonl", "")
    with pytest.raises(SubmissionError, match="twice"):
        unpack(file, tmp_path, ALL)


def test_a_zip_bomb_stops_at_the_limit(honest: Path, tmp_path: Path):
    shutil.copytree(honest, tmp_path / "bomb")
    with (tmp_path / "bomb" / "completions.jsonl").open("ab") as stream:
        for _ in range(60):
            stream.write(b"{}\n" * 400_000)
    file = bundle(tmp_path / "bomb", tmp_path / "s.zip")
    assert file.stat().st_size < 1_000_000
    (tmp_path / "v").mkdir()
    with pytest.raises(SubmissionError, match="unpacks to more than is allowed"):
        unpack(file, tmp_path / "v", 20_000_000)
    assert sum(path.stat().st_size for path in (tmp_path / "v").rglob("*.jsonl")) <= 20_100_000


def test_one_endless_line_is_refused(honest: Path, tmp_path: Path):
    shutil.copytree(honest, tmp_path / "bomb")
    with (tmp_path / "bomb" / "completions.jsonl").open("ab") as stream:
        stream.write(b"x" * 20_000_000)
    (tmp_path / "v").mkdir()
    with pytest.raises(SubmissionError, match="unpacks to more than is allowed"):
        unpack(bundle(tmp_path / "bomb", tmp_path / "s.zip"), tmp_path / "v", ALL)


def test_files_must_fit_their_hashes(honest: Path, tmp_path: Path):
    file = bundle(honest, tmp_path / "s.zip", files=dict.fromkeys(RUN_FILES, "0" * 64))
    (tmp_path / "v").mkdir()
    with pytest.raises(SubmissionError, match="is not the file that"):
        unpack(file, tmp_path / "v", ALL)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", os.urandom(2_000)])
def test_what_is_no_zip_is_one_sentence(tmp_path: Path, content: bytes):
    (tmp_path / "s.zip").write_bytes(content)
    with pytest.raises(SubmissionError, match="no zip file"):
        unpack(tmp_path / "s.zip", tmp_path, ALL)


def test_only_whole_runs_are_submitted(stolen: Path, honest: Path, tmp_path: Path):
    rewrite(stolen / "verdicts.jsonl", lambda found: found[:-1])
    with pytest.raises(SubmissionError, match="1 samples without a verdict"):
        pack([stolen], tmp_path / "s.zip")
    with pytest.raises(SubmissionError, match="same task and seed twice"):
        pack([honest, Path(shutil.copytree(honest, tmp_path / "again"))], tmp_path / "s.zip")
