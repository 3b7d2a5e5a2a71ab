import resource
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from harness.files.json_lines import BrokenLineError, JsonLines


class Row(msgspec.Struct, frozen=True):
    number: int
    text: str = ""


def opened(path: Path) -> JsonLines[Row]:
    lines = JsonLines(path, Row)
    lines.open()
    return lines


def rows(path: Path) -> list[Row]:
    return [row for _, row in JsonLines(path, Row).read()]


def test_what_is_appended_is_read_at_its_offset(tmp_path: Path):
    lines = opened(tmp_path / "x.jsonl")
    begins = [lines.append(Row(number, "ä\n" * number)) for number in range(3)]
    lines.close()
    assert list(JsonLines(tmp_path / "x.jsonl", Row).read()) == [
        (begin, Row(number, "ä\n" * number)) for number, begin in enumerate(begins)
    ]


@pytest.mark.parametrize("torn", [b'{"number":2,"te', b'{"number":2}', b"x" * 200_000])
def test_a_torn_last_line_is_dropped_and_writing_goes_on(tmp_path: Path, torn: bytes):
    file = tmp_path / "x.jsonl"
    file.write_bytes(b'{"number":1}\n' + torn)
    assert rows(file) == [Row(1)]
    lines = opened(file)
    lines.append(Row(3))
    lines.close()
    assert file.read_bytes() == b'{"number":1}\n{"number":3,"text":""}\n'


def test_a_file_that_is_one_torn_line_becomes_empty(tmp_path: Path):
    file = tmp_path / "x.jsonl"
    file.write_bytes(b'{"num')
    opened(file).close()
    assert file.read_bytes() == b""


def test_a_damaged_line_in_the_middle_is_named_and_not_skipped(tmp_path: Path):
    file = tmp_path / "x.jsonl"
    file.write_bytes(b'{"number":1}\n{"num\n{"number":3}\n')
    with pytest.raises(BrokenLineError, match="Line 2"):
        rows(file)


FILL = """
import resource, sys
from pathlib import Path
from harness.files.json_lines import FullDiskError, JsonLines
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
lines = JsonLines(Path(sys.argv[1]), dict)
lines.open()
try:
    while True:
        lines.append({"text": "x" * 90})
except FullDiskError as error:
    print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    lines.append({"text": "after"})
"""


def test_where_there_is_no_room_only_whole_lines_stay_and_writing_can_go_on(tmp_path: Path):
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    file = tmp_path / "x.jsonl"
    done = subprocess.run([sys.executable, "-c", FILL, str(file)], capture_output=True, text=True, check=True)
    assert "free some space" in done.stdout
    texts = [row["text"] for _, row in JsonLines(file, dict[str, str]).read()]
    assert texts == ["x" * 90] * 9 + ["after"]
