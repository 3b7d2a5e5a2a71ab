import gzip
import json
import zipfile
from pathlib import Path

import pytest

from datagen.rows.raw_function import RawFunction
from datagen.sources.cloze import masked_word
from datagen.sources.collect import Collection, collect, source_fingerprint
from datagen.sources.source import SourceConfig, SourceKind
from harness.runs.settings import ConfigError

FUNCTION = 'def double(value):\n    """Doubles a value."""\n    return value * 2\n'


def gather(config: SourceConfig) -> tuple[list[RawFunction], Collection]:
    counts = Collection()
    return list(collect((config,), counts)), counts


def test_a_folder_gives_functions_and_counts_everything_else(tmp_path: Path):
    (tmp_path / "a.py").write_text(FUNCTION)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.go").write_text("package p\nfunc f(a int) int {\n\treturn a\n}\n")
    (tmp_path / "binary.py").write_bytes(b"\x00\x01\x02" * 50)
    (tmp_path / "latin.go").write_bytes("package p\n// é\nfunc g(a int) int {\n\treturn a\n}\n".encode("latin-1"))
    (tmp_path / "notes.xyz").write_text("nothing")
    (tmp_path / "loop").symlink_to(tmp_path)
    functions, counts = gather(SourceConfig("here", path=str(tmp_path)))
    assert [(each.name, each.language, each.origin.path) for each in functions] == [
        ("double", "python", "a.py"),
        ("g", "go", "latin.go"),
        ("f", "go", "sub/b.go"),
    ]
    assert functions[1].docstring == "é"
    assert counts.skipped == {"here: binary file": 1, "here: unknown language (.xyz)": 1}


def test_a_zip_archive_reads_like_a_folder(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "src.zip", "w") as archive:
        archive.writestr("pkg/a.py", FUNCTION)
        archive.writestr("other/b.py", FUNCTION)
    functions, _ = gather(SourceConfig("zip", path=str(tmp_path / "src.zip"), include=("pkg/*",)))
    assert [each.origin.path for each in functions] == ["pkg/a.py"]


def test_licences_come_from_the_file_or_the_configuration(tmp_path: Path):
    (tmp_path / "a.py").write_text("# SPDX-License-Identifier: MIT\n" + FUNCTION)
    (function,), _ = gather(SourceConfig("here", path=str(tmp_path)))
    assert function.origin.licence == "MIT"


def test_an_installed_package_brings_its_licence():
    functions, _ = gather(SourceConfig("pip", SourceKind.PACKAGES, packages=("typer",), limit=3))
    assert len(functions) == 3
    assert functions[0].origin.licence


HUB = {
    "func_code_string": FUNCTION,
    "func_documentation_string": "Doubles.",
    "language": "python",
    "repository_name": "o/r",
}
ORIGINAL = {"code": FUNCTION, "docstring": "Doubles.", "language": "python", "repo": "o/r", "path": "a.py", "url": "u"}


@pytest.mark.parametrize("row", [HUB, ORIGINAL], ids=["hub columns", "original names"])
def test_both_spellings_of_code_search_net_are_read(tmp_path: Path, row: dict[str, str]):
    (tmp_path / "rows.jsonl.gz").write_bytes(gzip.compress((json.dumps(row) + "\n").encode()))
    (function,), _ = gather(SourceConfig("csn", SourceKind.CODE_SEARCH_NET, str(tmp_path)))
    assert (function.name, function.docstring, function.origin.repository) == ("double", "Doubles.", "o/r")
    assert '"""' not in function.code


def test_a_jsonl_name_over_a_json_array_is_read_too(tmp_path: Path):
    (tmp_path / "seed.jsonl").write_text(json.dumps([HUB, HUB]))
    assert len(gather(SourceConfig("csn", SourceKind.CODE_SEARCH_NET, str(tmp_path / "seed.jsonl")))[0]) == 2


def test_parquet_rows_are_the_same_rows(tmp_path: Path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pyarrow.Table.from_pylist([HUB]), tmp_path / "rows.parquet")
    (function,), _ = gather(SourceConfig("csn", SourceKind.CODE_SEARCH_NET, str(tmp_path)))
    assert function.name == "double"


def test_rows_of_unknown_languages_are_counted(tmp_path: Path):
    (tmp_path / "rows.jsonl").write_text(json.dumps({**HUB, "language": "cobol"}) + "\n")
    functions, counts = gather(SourceConfig("csn", SourceKind.CODE_SEARCH_NET, str(tmp_path)))
    assert not functions
    assert counts.skipped == {"csn: unknown language (cobol)": 1}


def test_a_masked_word_is_filled_only_where_the_function_settles_it():
    assert masked_word(["int", "<mask>", "=", "1", ";", "return", "max", ";"]) == "max"
    assert masked_word(["x", "=", "<mask>", "(", "max", ",", "1", ")"]) is None
    assert masked_word(["<mask>", "=", "1", "max", "=", "2", "min", "+", "max"]) is None
    assert masked_word(["a", ".", "<mask>", "=", "max"]) is None


def test_cloze_rows_are_rebuilt_or_counted(tmp_path: Path):
    tokens = ["int", "f", "(", "int", "a", ")", "{", "int", "<mask>", "=", "a", ";", "return", "max", ";", "}"]
    rows = [
        {"idx": "maxmin-1", "nl_tokens": ["Gives", "a", "."], "pl_tokens": tokens},
        {"idx": "maxmin-2", "nl_tokens": ["x"], "pl_tokens": ["// note", *tokens]},
        {
            "idx": "maxmin-3",
            "nl_tokens": ["x"],
            "pl_tokens": ["int", "f", "(", ")", "{", "return", "<mask>", "(", "1", ")", ";", "}"],
        },
    ]
    (tmp_path / "codexglue_cloze_java.json.gz").write_bytes(gzip.compress(json.dumps(rows).encode()))
    (tmp_path / "codexglue_cloze_python.json.gz").write_bytes(gzip.compress(json.dumps(rows[:1]).encode()))
    (function,), counts = gather(SourceConfig("cloze", SourceKind.CLOZE, str(tmp_path)))
    assert "int max = a" in function.code
    assert sum(counts.skipped.values()) == 3


def test_the_fingerprint_follows_contents_not_times(tmp_path: Path):
    config = SourceConfig("here", path=str(tmp_path))
    (tmp_path / "a.py").write_text(FUNCTION)
    before = source_fingerprint(config)
    (tmp_path / "a.py").touch()
    assert source_fingerprint(config) == before
    (tmp_path / "a.py").write_text(FUNCTION + "\n")
    assert source_fingerprint(config) != before


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (lambda: SourceConfig("x"), "needs a path"),
        (lambda: SourceConfig("x", SourceKind.PACKAGES), "needs packages"),
        (lambda: gather(SourceConfig("x", path="/nowhere")), "neither a readable folder nor a zip"),
        (lambda: gather(SourceConfig("x", SourceKind.PACKAGES, packages=("no-such-package",))), "is not installed"),
        (lambda: gather(SourceConfig("x", SourceKind.CODE_SEARCH_NET, "/nowhere/rows")), "neither a file nor a folder"),
    ],
)
def test_a_source_that_cannot_be_read_is_one_sentence(config, sentence: str):
    with pytest.raises(ConfigError, match=sentence):
        config()
