"""Translation between HumanEvalPack's six languages through the real judge, by pair of languages.

python tests/performance/translation.py            each 16th problem
python tests/performance/translation.py --all      all 30 x 164

Of each pair: how many of the target's references pass and are confirmed as translations; whether the source's own
text, handed in as the answer, ever passes, as a program and in a fenced block of a chat; and whether gpt-4o's published
answers in the target get the verdict that they get as synthesized ones. Fails where one of the three is not so.
"""

import argparse
import json
import tempfile
from collections.abc import Iterable, Iterator
from itertools import permutations
from pathlib import Path

from tabulate import tabulate

from harness.judging.judge import Sample, judge_samples
from harness.runs.verdict_log import VerdictRecord
from sandbox.cache.sandbox import CachedSandbox
from sandbox.cache.store import BlobStore
from sandbox.launch import open_sandbox
from sandbox.outcome import Tier
from sandbox.sandbox import Sandbox
from tasks.humanevalpack.dataset import LANGUAGES
from tasks.registry import AnyTask, load
from tasks.task import AnswerForm, Problem
from tasks.verdict import Verdict

SHARED = Path(__file__).parents[3] / "shared" / "data"
EVERY = 16


class Pairs:
    """Tasks and answers; a program that several pairs share runs once, as the execution cache of a run has it."""

    def __init__(self, shared: Path, every: int, sandbox: Sandbox) -> None:
        self._shared, self._every, self._sandbox = shared, every, sandbox
        self.unexpected: list[str] = []

    def task(self, name: str, style: str | None = None) -> AnyTask:
        return load(f"humanevalpack-{name}", style, self._shared / "benchmarks")

    def problems(self, task: AnyTask) -> list[Problem]:
        return list(task.problems)[:: self._every]

    def references(self, source: str, target: str) -> str:
        task = self.task(f"translate-{source}-{target}")
        found = self._judged(
            task, (Sample(each, 0, [task.reference(each)], AnswerForm.PROGRAM) for each in self.problems(task))
        )
        for record in found:
            sound = record.task_id not in task.unsound
            if sound and not (record.verdict is Verdict.PASSED and record.confirmed):
                self.unexpected.append(f"{task.name} {record.task_id}: {record.verdict}: {record.detail:.200}")
        passed = sum(record.verdict is Verdict.PASSED for record in found)
        confirmed = sum(record.confirmed is True for record in found)
        return f"{passed} ({confirmed})"

    def source_texts(self, source: str, target: str) -> str:
        task, chat = (self.task(f"translate-{source}-{target}", style) for style in (None, "chat"))
        written = self.task(f"synthesize-{source}")
        texts = dict(zip(task.problems, map(written.reference, written.problems), strict=True))
        plain = (Sample(each, 0, [texts[each]], AnswerForm.PROGRAM) for each in self.problems(task))
        fenced = (Sample(each, 0, [f"```\n{texts[each]}\n```"]) for each in self.problems(chat))
        passed = [
            record
            for each, samples in ((task, plain), (chat, fenced))
            for record in self._judged(each, samples)
            if record.verdict in (Verdict.PASSED, Verdict.NOT_JUDGED)
        ]
        self.unexpected += [f"{task.name} {each.task_id}: the source's text: {each.verdict}" for each in passed]
        return str(len(passed))

    def published(self, target: str) -> dict[str, list[Sample]]:
        """gpt-4o's answers by source of the translation; none where nobody published any."""
        file = self._shared / "generations" / f"gpt-4o.humaneval-x-{target}.jsonl"
        rows = map(json.loads, file.read_text().splitlines()) if file.is_file() else ()
        texts = {row["task_id"].rpartition("/")[2]: row["completion"] for row in rows}
        names = ["", *(each for each in LANGUAGES if each != target)] if texts else []
        return {
            source: [
                Sample(each, 0, [texts[each.task_id.rpartition("/")[2]]], AnswerForm.CONTINUATION)
                for each in self.problems(self.task(_name(source, target)))
            ]
            for source in names
        }

    def answers(self, target: str) -> Iterator[list[object]]:
        """One row: gpt-4o's answers as synthesized and as translated ones."""
        synthesized: dict[str, VerdictRecord] = {}
        for source, samples in self.published(target).items():
            task = self.task(_name(source, target))
            found = {record.task_id: record for record in self._judged(task, samples)}
            if not source:
                synthesized = found
                passed = sum(each.verdict is Verdict.PASSED for each in found.values())
                confirmed = sum(each.confirmed is True for each in found.values())
                yield [target, len(found), passed, confirmed]
            for task_id, record in found.items():
                other = synthesized[task_id]
                if (record.verdict, record.confirmed) != (other.verdict, other.confirmed):
                    self.unexpected.append(f"{task.name} {task_id}: {record.verdict}, synthesized {other.verdict}")

    def _judged(self, task: AnyTask, samples: Iterable[Sample]) -> list[VerdictRecord]:
        return list(judge_samples(task, samples, self._sandbox))


def _name(source: str, target: str) -> str:
    return f"translate-{source}-{target}" if source else f"synthesize-{target}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder with benchmarks/ and generations/")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--every", type=int, default=EVERY)
    parser.add_argument("--references", action="store_true", help="only these: a sixth of the time")
    parser.add_argument("--targets", nargs="*", default=LANGUAGES)
    parser.add_argument("--workers", type=int)
    options = parser.parse_args()
    if not options.shared.is_dir():
        print(f"skipped: {options.shared} is not there")
        return
    cells: dict[tuple[str, str], str] = {}
    answered: list[list[object]] = []
    with tempfile.TemporaryDirectory() as folder:
        store = BlobStore(Path(folder, "executions.sqlite"), 1024)
        with CachedSandbox(Tier.NAMESPACES, store, lambda: open_sandbox(workers=options.workers)) as sandbox:
            pairs = Pairs(options.shared, 1 if options.all else options.every, sandbox)
            for target in options.targets:
                for source in (one for one, other in permutations(LANGUAGES, 2) if other == target):
                    texts = "" if options.references else f" {pairs.source_texts(source, target)}"
                    cells[source, target] = f"{pairs.references(source, target)}{texts}"
                    print(f"{source} to {target}: {cells[source, target]}", flush=True)
                answered += () if options.references else pairs.answers(target)
            total = len(pairs.problems(pairs.task(f"synthesize-{LANGUAGES[0]}")))
    print(f"\n{total} problems a pair: references that pass (confirmed), source texts that pass")
    rows = [[source, *(cells.get((source, target), "") for target in options.targets)] for source in LANGUAGES]
    print(tabulate(rows, ["from \\ to", *options.targets], tablefmt="github"))
    if answered:
        print("\ngpt-4o's answers: the same verdicts as translations from each of the five other languages")
        print(tabulate(answered, ["target", "answers", "passed", "confirmed"], tablefmt="github"))
    if pairs.unexpected:
        raise SystemExit("\n".join(["Not as expected:", *pairs.unexpected]))


if __name__ == "__main__":
    main()
