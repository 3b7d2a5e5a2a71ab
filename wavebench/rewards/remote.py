"""A reward that a `wavebench serve` elsewhere judges: a training without a sandbox of its own."""

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import Any, cast

from harness.files.progress import warn
from sandbox.extras import install_command
from tasks.verdict import Verdict
from wavebench.rewards.grade import Row
from wavebench.rewards.scale import RewardError, Scale, reward_scale
from wavebench.rewards.trl_columns import Completion, answer_texts, rows_of_columns, tell_trainer

TOKEN_VARIABLE = "WAVEBENCH_SERVE_TOKEN"
"""The environment variable that server and clients take the token from."""
_COLUMNS = (
    *("task", "task_id", "language", "code_prompt", "tests", "setup", "tests_ref", "assert_case"),
    *("calls", "fn_name", "entry_point", "stdio", "inputs", "outputs"),
)
"""What a row of `/judge` may have; other columns of a data set stay here."""
_AT_ONCE = 8
"""Requests of one call that are under way."""
_LONGEST_PAUSE_SECONDS = 30.0
_NOT_REACHED: Mapping[str, Any] = {"verdict": Verdict.NOT_JUDGED, "judged": False, "reward": None}


class RemoteReward:
    """As `CodeReward` for TRL, judged by the server at `url`. May be called by many threads at once.

    None means that the answer could not be judged: by the server, or because no server answered.
    """

    def __init__(
        self,
        url: str,
        task: str = "humaneval",
        scale: str = Scale.PASSED,
        *,
        unconfirmed: float | None = 0.0,
        style: str = "",
        form: str = "auto",
        token: str = "",
        batch: int = 16,
        tries: int = 6,
        wait_seconds: float = 600.0,
    ) -> None:
        """url: such as "http://localhost:8080".
        task, scale, unconfirmed, style, form: as in `CodeReward`; the server has to serve the task.
        token: what the server asks for; empty takes the environment variable WAVEBENCH_SERVE_TOKEN.
        batch: answers in one request.
        tries: how often a request is sent to a server that does not answer or fails, with pauses of 1, 2, 4, ... 30 s.
        wait_seconds: how long a request waits for its answers.

        Raises RewardError for a setting that cannot be.
        """
        if missing := [name for name in ("requests", "tenacity") if not find_spec(name)]:
            raise RewardError(f"{', '.join(missing)} is missing: {install_command('rl')}.")
        if not url.startswith(("http://", "https://")):
            raise RewardError(f"url {url!r} is no address of a server: give one such as 'http://localhost:8080'.")
        for name, value in {"batch": batch, "tries": tries, "wait_seconds": wait_seconds}.items():
            if value <= 0:
                raise RewardError(f"{name} is {value!r}: give a number above 0.")
        reward_scale(scale, unconfirmed=unconfirmed)  # raises for one that cannot be
        self.__name__ = f"remote_reward_{scale}"
        self._address = url.rstrip("/") + "/judge"
        self._settings = {"task": task, "scale": scale, "unconfirmed": unconfirmed, "style": style, "form": form}
        self._token = token
        self._batch = batch
        self._tries = tries
        self._wait_seconds = wait_seconds

    def __call__(self, completions: Sequence[Completion], **columns: Any) -> list[float | None]:
        """TRL's reward function; see `CodeReward`.

        Raises RewardError for what the server refuses, and where what it gives is not one result per answer.
        """
        answers = answer_texts(completions)
        rows = [
            {name: row[name] for name in _COLUMNS if row.get(name) is not None}
            for row in rows_of_columns(columns, len(answers))
        ]
        size = self._batch
        parts = [(answers[place : place + size], rows[place : place + size]) for place in range(0, len(answers), size)]
        with ThreadPoolExecutor(_AT_ONCE) as senders:
            sent = [senders.submit(self._judged, *part) for part in parts]
            found = [each for judged in sent for each in judged.result()]
        tell_trainer(columns, [str(each["verdict"]) for each in found], [bool(each["judged"]) for each in found])
        return [each["reward"] for each in found]

    async def score(self, completions: Sequence[Completion], **columns: Any) -> list[float | None]:
        """The same for asyncio."""
        return await asyncio.to_thread(self, completions, **columns)

    def _judged(self, answers: Sequence[str], rows: Sequence[Row]) -> Sequence[Mapping[str, Any]]:
        """The server's results; those of `_NOT_REACHED` where all tries are over."""
        import requests
        from tenacity import RetryError, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

        token = self._token or os.environ.get(TOKEN_VARIABLE, "")
        retrying = Retrying(
            retry=retry_if_exception_type(requests.RequestException),
            wait=wait_exponential(max=_LONGEST_PAUSE_SECONDS),
            stop=stop_after_attempt(self._tries),
        )
        try:
            for attempt in retrying:
                with attempt:
                    response = requests.post(
                        self._address,
                        json={"answers": answers, "rows": rows, **self._settings},
                        headers={"Authorization": f"Bearer {token}"} if token else {},
                        timeout=(10.0, self._wait_seconds),
                    )
                    if 400 <= response.status_code < 500 and response.status_code != 429:
                        raise RewardError(f"{self._address} refused the request: {response.text[:500]}")
                    response.raise_for_status()
                    return _results(response.json(), len(answers), self._address)
        except RetryError as error:
            last = error.last_attempt.exception()
            warn(f"{self._address} did not answer {self._tries} times; {len(answers)} answers are not judged: {last}")
        return [_NOT_REACHED] * len(answers)


def _results(body: Any, count: int, address: str) -> Sequence[Mapping[str, Any]]:
    """The results in the body of an answer. Raises RewardError where they are not one for each answer asked for."""
    results: object = cast("dict[str, object]", body).get("results") if isinstance(body, dict) else None
    if not isinstance(results, list):
        told = f"no list of results: {json.dumps(body)[:200]}"
    elif len(found := cast("list[object]", results)) != count:
        told = f"{len(found)} results for {count} answers"
    elif wrong := [each for each in found if not _is_result(each)]:
        told = f"a result without verdict, judged or reward: {str(wrong[0])[:200]}"
    else:
        return cast("list[Mapping[str, Any]]", found)
    raise RewardError(f"{address} gave {told}. Is it a `wavebench serve` of this version?")


def _is_result(found: object) -> bool:
    if not isinstance(found, dict):
        return False
    result = cast("dict[str, object]", found)
    reward = result.get("reward", "")
    pays = reward is None or (isinstance(reward, int | float) and not isinstance(reward, bool))
    return pays and isinstance(result.get("verdict"), str) and isinstance(result.get("judged"), bool)
