"""Where the packages of trainers lie that `make test` installs apart, without what else they need."""

import os
import sys
from pathlib import Path

import pytest

TRAINERS = Path(os.environ.get("WAVEBENCH_TRAINERS") or Path(sys.prefix) / "trainers")


def needs(*names: str) -> pytest.MarkDecorator:
    """Skips a test where one of the packages is not there."""
    missing = [name for name in names if not (TRAINERS / name).is_dir()]
    reason = (
        f"{', '.join(missing)} not in {TRAINERS}: `make test` installs them, or name a folder as WAVEBENCH_TRAINERS"
    )
    return pytest.mark.skipif(bool(missing), reason=reason)
