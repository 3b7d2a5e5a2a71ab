import os
from pathlib import Path

import pytest

from harness.files.atomic_write import OutputPathError, open_whole_folder, write_whole


def make_link(path: Path) -> None:
    (path.parent / "target").write_text("kept")
    path.symlink_to(path.parent / "target")


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_dangling_link(path: Path) -> None:
    path.symlink_to(path.parent / "nothing")


@pytest.mark.parametrize("make", [Path.mkdir, make_link, make_pipe, make_dangling_link], ids=lambda make: make.__name__)
def test_a_file_replaces_nothing_but_a_regular_file(tmp_path: Path, make: object):
    path = tmp_path / "out"
    assert callable(make)
    make(path)
    before = path.lstat()
    with pytest.raises(OutputPathError, match="out"):
        write_whole(path, "new")
    assert path.lstat().st_ino == before.st_ino
    assert sorted(each.name for each in tmp_path.iterdir()) in (["out"], ["out", "target"])


def test_a_device_stays_a_device():
    with pytest.raises(OutputPathError, match="exists and is no file"):
        write_whole(Path("/dev/null"), "new")
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("name", ["", ".", "/"])
def test_an_empty_name_is_no_output(name: str):
    with pytest.raises(OutputPathError, match="name the file to write"):
        write_whole(Path(name), "new")


@pytest.mark.parametrize("make", [Path.touch, make_link, make_pipe], ids=lambda make: make.__name__)
def test_a_folder_replaces_nothing_but_a_folder(tmp_path: Path, make: object):
    path = tmp_path / "out"
    assert callable(make)
    make(path)
    with pytest.raises(OutputPathError), open_whole_folder(path):
        pass
    assert path.lstat()
    assert not path.with_name("out.partial").exists()
