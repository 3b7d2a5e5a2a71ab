"""EvalPlus' own evaluate over a file of samples; runs in its own virtual environment.

python theirs.py DATASET SAMPLES.jsonl WORKERS LEAST_SECONDS
"""

import sys

from evalplus.evaluate import evaluate  # pyright: ignore[reportMissingImports, reportUnknownVariableType] # lives apart

dataset, samples, workers, least_seconds = sys.argv[1:]
evaluate(dataset, samples=samples, parallel=int(workers), min_time_limit=float(least_seconds))
