import importlib
import sys
from pathlib import Path

import pytest

from harness.model import ModelError
from harness.models.options import ModelOptions
from harness.models.registry import open_model


@pytest.mark.parametrize("spec", ["gpt", "demo:135M", "hf", "hf:", "api:", "", "llama:7b"])
def test_an_unknown_spec_names_the_known_ones(spec: str):
    with pytest.raises(ModelError, match=r"unknown model .*use one of demo, hf:ID_OR_DIR, vllm:ID_OR_DIR, api:MODEL"):
        open_model(spec)


def test_an_installed_package_adds_a_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "parrot.py").write_text(
        "from harness.models.scripted import ScriptedModel\n"
        "def open_parrot(target, options):\n"
        "    return ScriptedModel({}, name=f'{target} x{options.concurrency}')\n"
    )
    info = tmp_path / "parrot-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: parrot\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[wavebench.models]\nparrot = parrot:open_parrot\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    importlib.invalidate_caches()
    assert open_model("parrot:polly").name == "polly x16"
    with pytest.raises(ModelError, match=r"scripted:FILE, parrot$"):
        open_model("magpie:x")
    sys.modules.pop("parrot")


@pytest.mark.parametrize(
    ("address", "better"),
    [
        ("localhost:8000/v1", "http://localhost:8000/v1"),
        ("example.org/v1", "http://example.org/v1"),
        ("ftp://example.org", "http://localhost:8000/v1"),
        ("http:///v1", "http://localhost:8000/v1"),
        ("http://one:1/v1,two:2/v1", "http://two:2/v1"),
    ],
)
def test_what_is_no_address_ends_in_one_sentence_at_once(address: str, better: str):
    with pytest.raises(ModelError, match="is no address of a server") as refused:
        open_model("api:some", ModelOptions(base_url=address))
    assert better in str(refused.value)


def test_a_login_stands_in_no_sentence():
    with pytest.raises(ModelError) as refused:
        open_model("api:some", ModelOptions(base_url="ftp://user:secret@example.org"))
    assert "secret" not in str(refused.value)
    with pytest.raises(ModelError) as refused:
        open_model("api:some", ModelOptions(base_url="user:secret@example.org/v1"))
    assert "secret" not in str(refused.value)
