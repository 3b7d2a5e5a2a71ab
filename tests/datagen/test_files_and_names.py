"""Names and files as people have them: each is taken as it is, left out and counted, or refused in one sentence."""

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datagen.config import DatagenConfig, parse_datagen
from datagen.coreset.choose import Method, choose
from datagen.coreset.kcenter import kcenter_greedy
from datagen.coreset.selection import SelectionError
from datagen.output.card import table, yaml_text
from datagen.rows.content_store import read_rows, write_rows
from datagen.rows.raw_function import RawFunction
from datagen.sources.code_search_net import rows_functions
from datagen.sources.collect import Collection, collect, source_fingerprint
from datagen.sources.source import SourceConfig, SourceKind
from harness.runs.settings import ConfigError

CODE = "def double(value):\n    return value * 2\n"


def config(name: str = "base", *variants: str) -> DatagenConfig:
    values: dict[str, Any] = {"name": name, "sources": [{"name": "s", "path": "p"}]}
    return parse_datagen({**values, "variants": [{"name": each} for each in variants]}, "the test")


@pytest.mark.parametrize(
    "name", ["../dataset", "", "  ", ".", "..", "a/b", "a\\b", "a\nb", "a\0b", "a\u2028b", "x" * 201]
)
def test_names_that_are_no_folder_are_refused(name: str):
    with pytest.raises(ConfigError, match="cannot name a folder"):
        config("base", name)
    with pytest.raises(ConfigError, match="cannot name a folder"):
        config(name)


@pytest.mark.parametrize("names", [("a", "a"), ("a", "A"), ("caf\u00e9", "cafe\u0301"), ("base",), ("BASE",)])
def test_two_data_sets_have_two_folders(names: tuple[str, ...]):
    with pytest.raises(ConfigError, match=r"is taken twice"):
        config("base", *names)


def test_ordinary_names_stay():
    names = ("no repair", "50 %", "\u00e9t\u00e9", "a|b")
    assert tuple(each.name for each in config("b", *names).variants) == names


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda v: v.__setitem__((3, 1), np.nan), "Vector 3 of 40 holds NaN or infinity"),
        (lambda v: v.__setitem__((0, 0), -np.inf), "Vector 0 of 40"),
        (lambda v: v.__setitem__((7, 0), 1e20), r"numbers up to 1e\+20, whose squares exceed float32"),
    ],
)
def test_vectors_without_distances_are_refused(spoil: Callable[[Any], None], sentence: str):
    vectors = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
    spoil(vectors)
    for method in Method:
        with pytest.raises(SelectionError, match=sentence):
            choose(method, vectors, ["python"] * 40, 5, 1)
    with pytest.raises(SelectionError, match=sentence):
        kcenter_greedy(vectors, 5)


def test_large_and_tiny_vectors_keep_their_picks():
    vectors = np.random.default_rng(0).normal(size=(200, 4)).astype(np.float32)
    picks = [kcenter_greedy(vectors * np.float32(2.0**power), 20).picks.tolist() for power in (0, 40, -40)]
    assert picks[0] == picks[1] == picks[2]


def found_in(place: Path) -> tuple[list[RawFunction], Collection]:
    source, counts = SourceConfig("s", path=str(place)), Collection()
    assert source_fingerprint(source) == source_fingerprint(source)
    return list(collect((source,), counts)), counts


def test_a_limit_takes_files_drawn_by_the_seed(tmp_path: Path):
    for number in range(40):
        (tmp_path / f"f{number:02}.py").write_text(CODE.replace("2", str(number)))
    source = SourceConfig("s", path=str(tmp_path), limit=8)
    drawn = [[each.origin.path for each in collect((source,), Collection(), seed)] for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert [len(set(each)) for each in drawn] == [8, 8, 8]
    assert max(drawn[0]) > "f20.py"


def test_damaged_and_encrypted_members_are_counted(tmp_path: Path):
    archive = tmp_path / "code.zip"
    with zipfile.ZipFile(archive, "w") as stream:
        for name in ("good.py", "damaged.py", "encrypted.py", "unknown.py"):
            stream.writestr(name, f"# {name}\n{CODE}")
    data = bytearray(archive.read_bytes())
    place = data.index(b"# damaged.py")
    data[place + 5] ^= 0xFF
    for number, name in enumerate((b"encrypted.py", b"unknown.py")):
        local, central = data.index(name), data.rindex(name)
        if number == 0:  # the flag of encryption, in both headers
            data[local - 24] |= 1
            data[central - 38] |= 1
        else:  # a method of compression that nobody knows
            data[local - 22], data[central - 36] = 77, 77
    archive.write_bytes(bytes(data))
    functions, counts = found_in(archive)
    assert [each.origin.path for each in functions] == ["good.py"]
    assert counts.skipped == {"s: unreadable file": 3}


@pytest.mark.parametrize("cut", [0, 10, 200])
def test_a_torn_archive_is_one_sentence(tmp_path: Path, cut: int):
    archive = tmp_path / "code.zip"
    with zipfile.ZipFile(archive, "w") as stream:
        stream.writestr("good.py", CODE * 20)
    archive.write_bytes(archive.read_bytes()[:cut])
    with pytest.raises(ConfigError, match="neither a readable folder nor a zip archive"):
        found_in(archive)


def test_file_names_that_are_not_utf8_are_written_out(tmp_path: Path):
    folder = os.fsencode(tmp_path) + b"/src"
    os.mkdir(folder)  # noqa: PTH102 (bytes)
    for name in (b"caf\xe9.py", b"a|b.py", "sch\u00f6n.py".encode()):
        with open(folder + b"/" + name, "w") as stream:  # noqa: PTH123
            stream.write(f"# {name!r}\n{CODE.replace('2', str(len(name)))}")
    functions, _ = found_in(tmp_path / "src")
    assert sorted(each.origin.path for each in functions) == ["a|b.py", "caf\\xe9.py", "sch\u00f6n.py"]
    write_rows(tmp_path / "rows.jsonl", functions)
    assert list(read_rows(tmp_path / "rows.jsonl", RawFunction)) == functions


def test_rows_with_a_byte_order_mark_and_line_separators_are_read(tmp_path: Path):
    row = {"code": f"{CODE}    # a\u2028b\u0085c\n", "docstring": "Doubles.", "language": "python"}
    text = json.dumps(row, ensure_ascii=False)
    (tmp_path / "rows.jsonl").write_bytes(b"\xef\xbb\xbf" + f"{text}\n{text}\n".encode())
    source = SourceConfig("s", SourceKind.CODE_SEARCH_NET, str(tmp_path / "rows.jsonl"))
    assert sum(isinstance(each, RawFunction) for each in rows_functions(source)) == 2


@pytest.mark.parametrize(
    "name", ["plain", "two words", "yes", "a: b", "- x", "#1", "{x}", '"q"', "\u00e9t\u00e9", "1.5", "x "]
)
def test_a_cards_head_is_yaml_whatever_the_name(name: str):
    yaml = pytest.importorskip("yaml")
    assert yaml.safe_load(f"pretty_name: {yaml_text(name)}\nconfigs: []")["pretty_name"] == name


def test_bars_stay_inside_their_cells():
    assert table([("a|b", 1)], "name", "rows").splitlines()[-1] == "| a\\|b | 1 |"
