"""Hostile answers at the testers of five languages: wrong tags, counts, depths and sizes, truncated and changed bytes.

    python -m tests.performance.hostile_answers [--answers 5000] [--seed 0] [LANGUAGE ...]

Every tester must end by itself and say that the tests were refuted or cannot be expressed. The first that die, hang or
hold are listed. Ends with 1 where there is one.
"""

import argparse
import itertools
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.tasks.hostile_answers import PlayedTester, hostile_answers
from tests.tasks.pack_problems import CODES, kinds_of

_MOST_LISTED = 20


def main() -> int:
    """Counts what the testers say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="*", default=CODES)
    parser.add_argument("--answers", type=int, default=5000, help="of each language")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    bad = 0
    for code in options.languages:
        said: Counter[str] = Counter()
        slowest = 0.0
        kinds = kinds_of(code)
        for kind in kinds:
            with tempfile.TemporaryDirectory() as folder:
                tester = PlayedTester(code, kind, Path(folder) / "tester")
                answers = hostile_answers(code, kind, options.seed)
                for number, answer in enumerate(itertools.islice(answers, -(-options.answers // len(kinds)))):
                    begin = time.monotonic()
                    word = tester.meet(answer)
                    slowest = max(slowest, time.monotonic() - begin)
                    said[word] += 1
                    if word not in ("refuted", "inexpressible"):
                        bad += 1
                        if bad <= _MOST_LISTED:
                            print(f"{code} {kind} answer {number}: {word}: {answer[:60]!r}")
                tester.end()
        print(f"{code}: {dict(said)}, slowest {slowest:.1f} s", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
