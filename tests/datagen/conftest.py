import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

SHARED = Path(__file__).parents[3] / "shared"


@pytest.fixture(scope="session")
def benchmarks() -> Path:
    folder = SHARED / "data" / "benchmarks"
    if not folder.exists():
        pytest.skip(f"needs whole benchmarks, which are not at {folder}")
    return folder
