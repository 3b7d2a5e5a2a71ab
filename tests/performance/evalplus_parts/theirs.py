"""EvalPlus' own evaluate over a file of samples; runs in its own virtual environment.

python theirs.py DATASET SAMPLES.jsonl WORKERS LEAST_SECONDS
"""

import os
import sys
import types

# imported on the way, for EvalPerf alone: a gigabyte that nothing here uses
datasets = types.ModuleType("datasets")
datasets.load_dataset = None  # type: ignore[attr-defined]
sys.modules["datasets"] = datasets

from evalplus.evaluate import evaluate  # noqa: E402 # pyright: ignore[reportMissingImports, reportUnknownVariableType] # lives apart

dataset, samples, workers, least_seconds = sys.argv[1:]
evaluate(dataset, samples=samples, parallel=int(workers), min_time_limit=float(least_seconds))
sys.stdout.flush()
os._exit(0)  # a thread of EvalPlus' own would sleep for up to 20 s more
