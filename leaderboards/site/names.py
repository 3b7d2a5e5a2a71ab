"""Names of files and anchors that stay the same from build to build, so that links keep working."""

import re

from leaderboards.runs.leaderboard import LeaderboardColumn
from leaderboards.runs.names import digest, slug
from leaderboards.runs.record import RunRecord

_NUMBERED = re.compile(r"(.*?)(\d{1,9})", re.DOTALL)
PROBLEMS_PER_BLOCK = 10
"""How many neighbouring problems share one data file: few files, and none of them large."""


def column_slug(column: LeaderboardColumn) -> str:
    """A column's name in links."""
    return slug(column.label)


def run_slug(run: RunRecord) -> str:
    """A run by its content, so that a link leads to that very run or nowhere."""
    return run.run_sha256[:12]


def prompts_slug(run: RunRecord) -> str:
    """Runs with the same rows and wording share their prompts."""
    task = run.task
    return digest("\n".join((task.name, task.version, task.fingerprint, task.style_sha256)))[:12]


def block_of(task_id: str) -> str:
    """The data file that a problem's samples stand in; samples.js computes the same."""
    numbered = _NUMBERED.fullmatch(task_id)
    prefix, number = (numbered[1], str(int(numbered[2]) // PROBLEMS_PER_BLOCK)) if numbered else (task_id, "")
    return re.sub(r"[^A-Za-z0-9]+", "-", prefix) + number
