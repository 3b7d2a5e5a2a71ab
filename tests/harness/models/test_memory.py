"""When memory runs out, batches shrink and no row is lost or changed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.conftest import ROOT
from tests.harness.models.tiny_model import save_tiny_model

pytest.importorskip("torch", reason="the extra 'hf' is not installed")

ANSWER = """
import json, resource, sys
import torch
from harness.model import ModelError, Request, Sampling
from harness.models.hf.load import open_huggingface
from harness.models.options import ModelOptions
from tasks.prompt import Prompt

torch.set_num_threads(1)
model = open_huggingface(sys.argv[1], ModelOptions(dtype="float64", batch_tokens=1_000_000))
sampling = Sampling(temperature=0.7, max_tokens=40)
requests = [
    Request(f"task {number}", sample, 0, Prompt(text=f"def f{number}(a):\\n" * (1 + number % 5)), 7 * number + sample)
    for number in range(24) for sample in range(2)
]
list(model.answer(requests[:1], sampling))  # what a first call loads and keeps is no part of the limit
for spare_mb in (1, 60, None):
    in_use = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    limit = in_use + spare_mb * 2**20 if spare_mb else resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
    print(f"limit {spare_mb}", file=sys.stderr)
    try:
        print(json.dumps(sorted([it.task_id, it.sample, it.completion] for it in model.answer(requests, sampling))))
    except ModelError as error:
        print(json.dumps(str(error)))
"""


def test_batches_shrink_until_they_fit_and_every_text_stays_the_same(tmp_path: Path):
    folder = save_tiny_model(tmp_path, hidden_size=256, num_hidden_layers=4, initializer_range=0.1)
    line = [sys.executable, "-c", ANSWER, str(folder)]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    too_little, scarce, enough = map(json.loads, done.stdout.splitlines())
    assert "lacks the memory for a single sequence" in too_little
    _, said = done.stderr.split("limit 60")
    said_when_scarce, said_when_free = said.split("limit None")
    assert "Memory ran out with" in said_when_scarce, "the limit did not bite: this shows nothing"
    assert "Memory ran out" not in said_when_free
    assert scarce == enough
    assert len(enough) == 48
