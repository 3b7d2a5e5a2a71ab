"""A stranger's file: the honest one is confirmed, what was tampered with is named, what attacks us is refused."""

import json
import os
import shutil
import stat
import zipfile
from math import comb
from pathlib import Path
from random import Random
from typing import Any

import pytest

from harness.evaluate import evaluate
from harness.runs.config import RunConfig
from leaderboards.runs.publishing import UnpublishableError
from leaderboards.submission.bundle import INDEX, RUN_FILES, SubmissionError
from leaderboards.submission.draw import most_false, passes_needed, survival
from leaderboards.submission.pack import pack
from leaderboards.submission.unpack import unpack
from leaderboards.submission.verify import Decision, RunReport, VerifyOptions, verify_run
from tasks.registry import load
from tests.leaderboards.strangers import DATA, PROBLEMS, Line, bundle, lines, rewrite, write

ALL = 10**9


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole run of a small benchmark: model, sandbox, verdicts and all."""
    folder = tmp_path_factory.mktemp("honest") / "run"
    config = RunConfig(f"scripted:{DATA / 'script.jsonl'}", "humaneval", "complete", samples=3, data=str(PROBLEMS))
    evaluate(config, folder)
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole run of HumanEval, a tenth of its answers wrong."""
    place = tmp_path_factory.mktemp("whole")
    problems = load("humaneval").problems
    answers = [
        {"task_id": each.task_id, "completions": [each.canonical_solution if number % 10 else "    return None\n"]}
        for number, each in enumerate(problems)
    ]
    write(place / "script.jsonl", answers)
    evaluate(RunConfig(f"scripted:{place / 'script.jsonl'}", "humaneval", "complete"), place / "run")
    return place / "run"


def test_what_was_not_run_again_leaves_doubt():
    """Against the hypergeometric distribution, counted out."""
    assert survival(3, 500, 100) == pytest.approx(comb(497, 100) / comb(500, 100))
    assert round(100 * survival(3, 500, 100)) == 51
    assert survival(1, 10, 10) == 0
    for passes, drawn in ((131, 80), (500, 100), (7, 7), (7, 0)):
        unseen = [false for false in range(passes + 1) if comb(passes - false, drawn) / comb(passes, drawn) > 0.05]
        assert most_false(passes, drawn) == max(unseen)
    report = RunReport(
        folder="run-00", model="m", task="humaneval", claimed=0.8, seed=1, samples=164, passes=131, passes_executed=80
    )
    assert report.most_false_passes == 3 / 131


@pytest.mark.parametrize(("passes", "at_most"), [(131, 0.01), (500, 0.01), (500, 0.2), (50, 0.001), (0, 0.01)])
def test_a_bound_draws_no_more_than_it_takes(passes: int, at_most: float):
    needed = passes_needed(passes, at_most)
    assert most_false(passes, needed) <= at_most * passes
    assert needed == 0 or most_false(passes, needed - 1) > at_most * passes


@pytest.fixture
def stolen(honest: Path, tmp_path: Path) -> Path:
    """A copy to tamper with."""
    return Path(shutil.copytree(honest, tmp_path / "stolen"))


def submitted(run: Path, place: Path) -> RunReport:
    """Packs without the checks of `wavebench submit`, as a forger would, and verifies."""
    place.mkdir(exist_ok=True)
    file = bundle(run, place / "forged.zip")
    index = unpack(file, place, ALL)
    return verify_run(place / index.runs[0].folder, index.runs[0], VerifyOptions(PROBLEMS, share=1.0, workers=2))


def test_an_honest_run_is_packed_and_confirmed(whole: Path, tmp_path: Path):
    index = pack([whole], tmp_path / "s.zip")
    (tmp_path / "out").mkdir()
    assert unpack(tmp_path / "s.zip", tmp_path / "out", ALL) == index
    report = verify_run(tmp_path / "out" / "run-00", index.runs[0], VerifyOptions(share=1.0, workers=2))
    assert (report.findings, report.doubts, report.decision) == ((), (), Decision.CONFIRMED)
    assert report.executed == report.drawn == report.samples == len(lines(whole / "verdicts.jsonl"))
    assert (report.most_false_passes, report.split) == (0, "test")


def test_a_share_and_a_bound_draw_what_they_promise(whole: Path, tmp_path: Path):
    index = unpack(bundle(whole, tmp_path / "s.zip"), tmp_path, ALL)
    share = verify_run(tmp_path / "run-00", index.runs[0], VerifyOptions(share=0.1, seed=1, workers=2))
    assert (share.decision, share.drawn, share.samples) == (Decision.CONFIRMED, 100, 164)
    assert share.false_passes_left == most_false(share.passes, share.passes_executed) > 0
    bound = verify_run(tmp_path / "run-00", index.runs[0], VerifyOptions(seed=1, workers=2, at_most=0.01))
    assert bound.decision is Decision.CONFIRMED
    assert share.drawn < bound.drawn < 164
    assert bound.most_false_passes <= 0.01 < share.most_false_passes


@pytest.mark.parametrize(
    "wrong", [{"share": -0.1}, {"share": 2.0}, {"share": float("nan")}, {"at_most": 0.0}, {"at_most": 1.0}]
)
def test_shares_out_of_range_are_one_sentence(wrong: dict[str, Any]):
    with pytest.raises(SubmissionError, match="name"):
        VerifyOptions(**wrong)


def test_edited_verdicts_are_refuted(stolen: Path, tmp_path: Path):
    rewrite(stolen / "verdicts.jsonl", lambda found: [{**line, "verdict": "passed"} for line in found])
    report = submitted(stolen, tmp_path / "v")
    assert report.score == 1.0
    assert any(
        "is claimed to be 'passed', run again it is" in each or "verdicts do not hold" in each
        for each in report.findings
    )


def test_swapped_answers_are_refuted(stolen: Path, tmp_path: Path):
    def swap(found: list[Line]) -> list[Line]:
        texts = [line["completion"] for line in found]
        return [{**line, "completion": text} for line, text in zip(found, texts[1:] + texts[:1], strict=True)]

    rewrite(stolen / "completions.jsonl", swap)
    report = submitted(stolen, tmp_path / "v")
    assert any("verdicts over other programs" in each for each in report.findings)


def test_swapped_answers_with_recomputed_hashes_are_refuted_by_running_them(stolen: Path, tmp_path: Path):
    from harness.judging.judge import Sample, build_program
    from harness.runs.run import reopen_run

    rewrite(stolen / "completions.jsonl", lambda found: [{**line, "completion": "    return 41\n"} for line in found])
    with reopen_run(stolen, {"data": str(PROBLEMS)}) as run:
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
        text.replace('tier = "namespaces"', 'tier = "none"').replace(str(PROBLEMS), str(easy))
    )
    assert submitted(stolen, tmp_path / "v").findings == ()


def test_another_claim_than_the_verdicts_make_is_refuted(honest: Path, tmp_path: Path):
    file = bundle(honest, tmp_path / "s.zip", pass_at_1=0.99)
    (tmp_path / "v").mkdir()
    index = unpack(file, tmp_path / "v", ALL)
    report = verify_run(tmp_path / "v" / "run-00", index.runs[0], VerifyOptions(PROBLEMS, share=1.0, workers=2))
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
    report = verify_run(tmp_path / "v" / "run-00", index.runs[0], VerifyOptions(PROBLEMS, workers=2))
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


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_ask_for_memory_first_are_refused(tmp_path: Path, method: int):
    with zipfile.ZipFile(tmp_path / "s.zip", "w", method) as archive:
        archive.writestr(INDEX, "{}")
    with pytest.raises(SubmissionError, match="compressed by method"):
        unpack(tmp_path / "s.zip", tmp_path, ALL)


def test_damaged_archives_are_one_sentence(honest: Path, tmp_path: Path):
    """Mostly in the directory at the end, where an archive can lie about itself."""
    content = bundle(honest, tmp_path / "s.zip").read_bytes()
    draw, refused = Random(7), 0
    for number in range(400):
        damaged = bytearray(content)
        for _ in range(draw.choice([1, 2, 16])):
            place = draw.randrange(len(damaged)) if draw.random() < 0.4 else -1 - draw.randrange(600)
            damaged[place] = draw.choice([0, 1, 0x80, 0xFF])
        (tmp_path / "damaged.zip").write_bytes(damaged[: draw.randrange(len(damaged)) if number % 5 == 0 else None])
        (tmp_path / str(number)).mkdir()
        try:
            unpack(tmp_path / "damaged.zip", tmp_path / str(number), ALL)
        except SubmissionError:
            refused += 1
    assert 200 < refused < 400


def test_only_whole_runs_are_submitted(whole: Path, tmp_path: Path):
    torn = Path(shutil.copytree(whole, tmp_path / "torn"))
    rewrite(torn / "verdicts.jsonl", lambda found: found[:-1])
    with pytest.raises(UnpublishableError, match="1 samples without a verdict"):
        pack([torn], tmp_path / "s.zip")
    with pytest.raises(SubmissionError, match="same task and seed twice"):
        pack([whole, Path(shutil.copytree(whole, tmp_path / "again"))], tmp_path / "s.zip")
    assert not (tmp_path / "s.zip").exists()
