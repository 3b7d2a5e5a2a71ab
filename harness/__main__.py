"""`python -m harness` is the `wavebench` command."""

import sys
from pathlib import Path

if __name__ == "__main__":
    # `python -m` puts the current folder first, where a user's own tasks.py would be taken for our package.
    home = Path(__file__).resolve().parents[1]
    if not sys.flags.safe_path and Path.cwd() == Path(sys.path[0]).resolve() != home:
        del sys.path[0]
    from harness.cli.main import main

    main()
