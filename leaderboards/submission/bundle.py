"""What a submission file holds: some run folders in one zip, and a list of their hashes."""

from dataclasses import dataclass

from sandbox.errors import WavebenchError

INDEX = "submission.json"
RUN_FILES = ("config.toml", "manifest.json", "completions.jsonl", "verdicts.jsonl")
"""All that a score rests on; everything else in a run folder is made from these."""
FORMAT = 1


class SubmissionError(WavebenchError):
    """A submission that cannot be made, or is none."""


@dataclass(frozen=True, slots=True)
class BundledRun:
    """One run folder inside."""

    folder: str
    model: str
    task: str
    pass_at_1: float
    """By the benchmark's own protocol, as in score.json."""
    files: dict[str, str]
    """sha256 by file name."""
    confirmed_pass_at_1: float | None = None
    """None where passes were not confirmed."""


@dataclass(frozen=True, slots=True)
class Index:
    """submission.json."""

    format: int
    runs: tuple[BundledRun, ...]
