import time

import pytest

from harness.files.progress import progress_bar


def test_a_log_says_how_long_a_step_of_a_known_length_will_take(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with progress_bar("Asking demo", 4) as advance:
        for _ in range(4):
            now[0] += 40
            advance()
    assert capsys.readouterr().err.splitlines() == [
        "   80.0 s  Asking demo: 2 of 4, about 80 s left",
        "  160.0 s  Asking demo: 4 of 4, about 0 s left",
    ]


def test_a_short_step_prints_nothing(capsys: pytest.CaptureFixture[str]):
    with progress_bar("Asking demo", 4) as advance:
        for _ in range(4):
            advance()
    assert capsys.readouterr().err == ""
