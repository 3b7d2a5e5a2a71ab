"""The environment of the Python processes that data generation starts of its own packages."""

import os
from pathlib import Path

_HOME = Path(__file__).resolve().parents[1]
"""The folder that holds the rooms."""


def child_environment() -> dict[str, str]:
    """This process's environment, but `python -m` takes no package from the current folder.

    A user's own tasks.py or harness.py there would be imported in place of ours.
    """
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}
    if Path.cwd() == _HOME:  # a checkout that is not installed is found by the current folder alone
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(_HOME), os.environ.get("PYTHONPATH"))))
    return environment
