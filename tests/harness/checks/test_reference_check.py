"""The gate runs references and buggy solutions for real, and says what is out of order."""

from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness.checks.reference_check import ReferenceRow, reference_table
from harness.cli.main import app

BENCHMARKS = Path(__file__).parents[4] / "shared" / "data" / "benchmarks"


@pytest.mark.skipif(not BENCHMARKS.is_dir(), reason="needs the whole of HumanEvalPack beside the checkout")
def test_the_first_problem_of_every_language_behaves():
    ran = CliRunner().invoke(app, ["doctor", "--full", "--limit", "1", "--data", str(BENCHMARKS), "--workers", "2"])
    lines = [line.split() for line in ran.stdout.splitlines()[2:]]
    judged = [line for line in lines if line[-1] == "ok"]
    absent = [line for line in lines if line[7:8] == ["2"]]
    if absent:
        pytest.skip(f"no toolchain for {', '.join(line[0] for line in absent)} on this machine")
    assert [line[0] for line in judged] == ["python", "js", "java", "go", "cpp", "rust"]
    assert ran.exit_code == 0


def test_an_unknown_tier_is_one_sentence():
    ran = CliRunner().invoke(app, ["doctor", "--full", "--sandbox", "chroot"])
    assert ran.exit_code == 1
    assert "There is no sandbox tier 'chroot'; use one of namespaces, docker, none." in ran.output


def test_only_a_known_unsound_problem_may_be_out_of_order():
    unsound = ReferenceRow("rust", 164, 163, 164, unexpected=["Rust/32 canonical: timeout"], unsound=("Rust/32",))
    broken = ReferenceRow("cpp", 164, 163, 164, unexpected=["CPP/1 canonical: error"])
    unjudged = ReferenceRow("go", 164, 0, 0, not_judged=Counter({"Go is not installed; install it.": 328}))
    assert [row.ok for row in (unsound, broken, unjudged)] == [True, False, False]
    told = reference_table([unsound, broken, unjudged])
    assert "Rust/32 canonical: timeout (known to be unsound)" in told
    assert told.endswith("\n  go: 328 not judged: Go is not installed; install it.")
