import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]


def page(folder: Path) -> str:
    return (folder / "report.html").read_text()


def test_every_sample_stands_on_the_page_with_its_verdict(undisturbed: Path):
    shown = re.findall(r'data-verdict="([^"]+)"', page(undisturbed))
    rows = [json.loads(line) for line in (undisturbed / "verdicts.jsonl").read_text().splitlines()]
    assert sorted(shown) == sorted(row["verdict"] for row in rows)
    confirmed = re.findall(r'data-confirmation="([^"]+)"', page(undisturbed))
    assert confirmed == ["confirmed"] * sum(row["confirmed"] is True for row in rows)
    assert "50.0 %" in page(undisturbed)
    assert "def is_even(n):" in page(undisturbed)
    assert "name &#39;missing&#39; is not defined" in page(undisturbed)


def test_the_page_asks_no_other_machine(undisturbed: Path):
    assert not re.search(r'(src|href|url|@import|fetch)\s*[=(]\s*["\']?(https?:)?//', page(undisturbed))


def test_a_completion_cannot_put_markup_into_the_page(tmp_path: Path, data: Path, wavebench: Run):
    evil = "</pre><script>alert(1)</script><img src=x onerror=alert(2)>"
    samples = tmp_path / "s.jsonl"
    samples.write_text(json.dumps({"task_id": "own/0", "completion": evil}) + "\n")
    words = ["--task", "humaneval", "--data", data / "problems.jsonl", "--limit", 1, "--out", tmp_path / "run"]
    assert wavebench("judge", samples, *words, "--model", evil).returncode == 0
    assert evil not in page(tmp_path / "run")
    assert "<script>alert" not in page(tmp_path / "run")
    assert "&lt;script&gt;alert(1)" in page(tmp_path / "run")


def test_a_long_text_is_cut_and_the_page_says_so(tmp_path: Path, data: Path, wavebench: Run):
    samples = tmp_path / "s.jsonl"
    samples.write_text(json.dumps({"task_id": "own/0", "completion": "    return a + b\n#" + "y" * 100_000}) + "\n")
    words = ["--task", "humaneval", "--data", data / "problems.jsonl", "--limit", 1, "--out", tmp_path / "run"]
    assert wavebench("judge", samples, *words).returncode == 0
    assert "more characters are in the run folder" in page(tmp_path / "run")
    assert len(page(tmp_path / "run")) < 60_000
