"""Answers from an earlier run: no model is asked."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from harness.completion import Completion
from harness.files.progress import warn
from harness.model import ModelError, Request, Sampling
from harness.models.options import ModelOptions

Key = tuple[str, int, int]


class _ReplayAddress(msgspec.Struct):
    """The part of a row that says which answer it is."""

    task_id: str
    sample: int
    turn: int = 0


class ReplayModel:
    """The completions of a completions.jsonl, found by task, sample and turn.

    Keeps the place of each row, not its text: memory stays small however long the answers are.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._places, self._sha256 = _index(file)

    @property
    def name(self) -> str:
        return f"replay:{self._file}"

    def facts(self) -> Mapping[str, str]:
        return {"kind": "replay", "file": str(self._file.resolve()), "sha256": self._sha256}

    def answer(self, requests: Iterable[Request], sampling: Sampling) -> Iterator[Completion]:  # noqa: ARG002 - recorded already
        with self._file.open("rb") as stream:
            for request in requests:
                place = self._places.get((request.task_id, request.sample, request.turn))
                if place is None:
                    raise ModelError(
                        f"{str(self._file)!r} holds no answer to {request.task_id!r}, sample {request.sample}, "
                        f"turn {request.turn}: ask for no more than was recorded there"
                    )
                # By its place: the file may hold gigabytes, and requests come in any order.
                stream.seek(place)
                try:
                    completion = msgspec.json.decode(stream.readline(), type=Completion)
                except msgspec.ValidationError as error:
                    raise ModelError(
                        f"{str(self._file)!r} is no completions.jsonl of a run ({error}): replay a run folder, or "
                        f"judge samples made elsewhere with `wavebench judge {self._file} --task TASK`"
                    ) from None
                # An answer to other words would be credited to a prompt that the model never saw.
                if completion.prompt_sha256 not in ("", request.prompt.sha256):
                    raise ModelError(
                        f"{str(self._file)!r} answers {request.task_id!r} under another prompt (sha256 "
                        f"{completion.prompt_sha256[:12]}, now {request.prompt.sha256[:12]}): "
                        "replay it with the task and prompt style of its own run"
                    )
                yield completion


def open_replay(target: str, options: ModelOptions) -> ReplayModel:  # noqa: ARG001 (an `Opener`)
    """Replays a completions.jsonl, or the one inside a run folder."""
    path = Path(target).expanduser()
    file = path / "completions.jsonl" if path.is_dir() else path
    if not file.is_file():
        raise ModelError(
            f"nothing to replay at {str(file)!r}: name a completions.jsonl or the run folder that holds one"
        )
    return ReplayModel(file)


def _index(file: Path) -> tuple[dict[Key, int], str]:
    """Where each answer stands in the file, and the file's sha256. A torn last line is left out.

    Of several lines with the same task, sample and turn the first counts, as in the run folder itself.
    """
    places: dict[Key, int] = {}
    hidden = 0
    digest = hashlib.sha256()
    place = 0
    with file.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            digest.update(line)
            if line.strip() and line.endswith(b"\n"):
                try:
                    address = msgspec.json.decode(line, type=_ReplayAddress)
                except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                    raise ModelError(
                        f"line {number} of {str(file)!r} is not a completion ({error}): fix or remove it"
                    ) from error
                key = (address.task_id, address.sample, address.turn)
                hidden += places.setdefault(key, place) != place
            place += len(line)
    if hidden:
        warn(
            f"{str(file)!r}: lines that repeat the task, sample and turn of an earlier line are not replayed "
            f"({hidden} of them)."
        )
    return places, digest.hexdigest()
