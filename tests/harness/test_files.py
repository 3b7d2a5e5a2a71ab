"""Atomic writes, locks and progress: what all rooms write their files with."""

import errno
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.files import progress
from harness.files.atomic_write import open_whole, open_whole_folder, write_whole
from harness.files.folder_lock import LOCK_NAME, FolderBusyError, file_lock, lock_folder, try_lock
from harness.files.json_lines import FullDiskError

HOLDER = """
import sys, time
from pathlib import Path
from harness.files.folder_lock import lock_folder
lock = lock_folder(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_after_an_error_the_old_file_stays_and_no_draft_does(tmp_path: Path):
    file = tmp_path / "a.json"
    write_whole(file, "old")

    def pieces():
        yield "new"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_whole(file, pieces())
    assert file.read_text() == "old"
    assert names(tmp_path) == ["a.json"]


def test_no_room_is_one_sentence_and_the_old_file_stays(tmp_path: Path):
    file = tmp_path / "a.bin"
    file.write_bytes(b"old")
    with pytest.raises(FullDiskError, match=r"No room left to write '.*a\.bin'"), open_whole(file):
        raise OSError(errno.ENOSPC, "no space")
    assert file.read_bytes() == b"old"
    with pytest.raises(FullDiskError), open_whole_folder(tmp_path / "model"):
        raise OSError(errno.ENOSPC, "no space")
    assert names(tmp_path) == ["a.bin"]


def test_a_folder_is_replaced_at_once(tmp_path: Path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "old").touch()
    with open_whole_folder(folder) as draft:
        (draft / "new").touch()
        assert names(folder) == ["old"]
    assert names(folder) == ["new"]
    with pytest.raises(ZeroDivisionError), open_whole_folder(folder) as draft:
        raise ZeroDivisionError
    assert (names(tmp_path), names(folder)) == (["model"], ["new"])


def test_a_draft_folder_is_resumed_without_the_drafts_of_a_killed_writer(tmp_path: Path):
    folder = tmp_path / "stage"
    with pytest.raises(ZeroDivisionError), open_whole_folder(folder, resume=True):
        raise ZeroDivisionError
    (tmp_path / "stage.partial" / "half").touch()
    (tmp_path / "stage.partial" / ".rows.jsonl.123.draft").touch()
    with open_whole_folder(folder, resume=True) as draft:
        assert (draft / "half").exists()
    assert names(folder) == ["half"]


def test_a_lock_names_its_owner_and_dies_with_it(tmp_path: Path):
    words = [sys.executable, "-c", HOLDER, str(tmp_path)]
    owner = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    assert owner.stdout.readline() == "held\n"
    with pytest.raises(FolderBusyError, match=f"written by process {owner.pid}: wait for it"):
        lock_folder(tmp_path)
    assert (tmp_path / LOCK_NAME).read_text() == str(owner.pid)
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    lock_folder(tmp_path).release()


def test_a_lock_leaves_the_files_content_alone(tmp_path: Path):
    file = tmp_path / "0.jsonl"
    file.write_bytes(b"{}\n")
    held = try_lock(file)
    assert held is not None
    assert try_lock(file) is None
    held.release()
    with file_lock(file):
        assert file.read_bytes() == b"{}\n"


def test_without_a_terminal_a_line_a_minute_tells_how_far_a_step_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with progress.progress_bar("Judging a", 5000) as advance:
        for _ in range(130):
            now[0] += 1
            advance()
    assert capsys.readouterr().err == (
        "   60.0 s  Judging a: 60 of 5,000, about 4,940 s left\n"
        "  120.0 s  Judging a: 120 of 5,000, about 4,880 s left\n"
    )
    with progress.show_progress() as stage:
        stage("teach", 3)
        now[0] += 61
        stage("teach", 4)
        stage("prove", 1)
    assert capsys.readouterr().err == "    0.0 s  teach\n   61.0 s  teach: 7\n   61.0 s  prove\n"
