"""`SplitSources`: a candidate is compiled where no test is, then it and its tester run at once, joined by two pipes.

What an ending means. The tester's own line decides, unless a limit was reached before: a candidate that ends, sends
nothing, sends ahead or sends garbage is its own fault, and the tester says so. What ran out of CPU seconds or memory is
INEXPRESSIBLE: the whole program may do with less. A process of ours that dies or is killed from outside says nothing;
the tests then run again, in what never ran a test of this problem.
"""

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from sandbox.compiled.runner import run_candidate
from sandbox.compiled.stage import StageOptions, run_stage
from sandbox.compiled.stages import Stages
from sandbox.compiled.tester_home import TesterHome, TesterLostError, TesterPipes, readable_within
from sandbox.compiled.tester_verdict import read_verdict
from sandbox.languages import Language
from sandbox.outcome import Confirmation, Ending
from sandbox.program import Limits
from sandbox.walls.cgroups import cpu_clock
from sandbox.watch.report import signal_name
from sandbox.watch.supervisor import Child, SampleEnd
from sandbox.wire.texts import framed, write_all

_STRETCH, _EXTRA_SECONDS = 1.25, 0.5
"""How much more CPU time candidate and tester may use together than the whole program: what crosses costs some, and so
does a second start. So whatever stays within the limit in the whole program stays within it here."""
_TESTERS_SHARE = 0.2
"""A tester that used more of that may have been called so often that the limit says nothing of the whole program."""
_GRACE_SECONDS = 0.05
"""How long a candidate may take to end once its tests have, and do not hold: it says what became of it."""
_TESTER_SECONDS = 2.0
"""How long a tester may take to end once its candidate was stopped at a limit."""
_TRIES = 2
"""How often a refutation is seen before it counts: tests may draw random numbers, and processes may be killed."""
_UNSOUND = "what refutes it fails the problem's own reference at times"
_DETAIL_CHARACTERS = 500


class SplitFailedError(Exception):
    """The sandbox could not do its part; says why."""


@dataclass(frozen=True, slots=True)
class SplitResult:
    """What a confirmation found."""

    confirmation: Confirmation
    detail: str = ""
    limit: Ending | None = None
    """The limit that the candidate reached, where the whole program would reach it too."""
    assertions: Sequence[dict[str, Any]] = ()
    cpu_seconds: float = 0.0


@dataclass(slots=True)
class SplitStages:
    """What the split programs of one fork server share."""

    stages: Stages
    home: TesterHome
    broken: dict[str, str] = field(default_factory=lambda: dict[str, str]())
    """Why a tester cannot be compiled, by its digest."""

    def run(self, request: dict[str, Any], candidate: int, tester: int, compiled: int) -> dict[str, Any]:
        """Confirms the program whose files `candidate` and `tester` hold; the fields of a `SplitResult`, or why the
        sandbox could not.

        `compiled` is a file with the compiled tester; where that is empty and the tester is compiled, it is filled.
        """
        name: str = request["language"]
        missing = self.stages.why_missing(name)
        if missing:
            return {"failed": missing}
        try:
            found = self._confirm(self.stages.languages[name], request, candidate, (tester, compiled))
            if request["unsound"] and found.confirmation is Confirmation.REFUTED:
                found = replace(
                    found,
                    confirmation=Confirmation.INEXPRESSIBLE,
                    detail=f"{_UNSOUND}: {found.detail}",
                )
        except (SplitFailedError, TesterLostError) as error:
            return {"failed": str(error)}
        return {
            "confirmation": found.confirmation,
            "detail": found.detail[:_DETAIL_CHARACTERS],
            "limit": found.limit,
            "assertions": found.assertions,
            "cpu_seconds": found.cpu_seconds,
        }

    def _confirm(
        self, language: Language, request: dict[str, Any], candidate: int, tester: tuple[int, int]
    ) -> SplitResult:
        split = language.split
        if split is None:
            return SplitResult(
                Confirmation.INEXPRESSIBLE, f"tests in {language.title} cannot run apart from the program"
            )
        digest: str = request["tester"]
        if why := self._keep_tester(language, digest, *tester):
            return SplitResult(Confirmation.INEXPRESSIBLE, why)
        own = replace(
            language, main_file=split.candidate_main, compile=split.candidate_compile, run=split.candidate_run
        )
        limits = Limits(**request["limits"])
        asked = request["compile_limits"]
        if not own.compiled:
            return self._try_twice(own, limits, digest, "", candidate)
        compile_limits = Limits(**asked) if asked else language.compile_limits
        build = self.stages.isolation.open_build(compile_limits.disk_mb)
        try:
            compiled = self.stages.compile(own, compile_limits, build, candidate)
            if compiled["ending"] is not Ending.EXITED:
                if compiled["ending"] is not Ending.NOT_COMPILED:
                    raise SplitFailedError(compiled["detail"] or compiled["ending"])
                why = f"the program does not compile apart from its tests: {_compilers_words(compiled)}"
                return SplitResult(Confirmation.INEXPRESSIBLE, why)
            return self._try_twice(own, limits, digest, build, candidate)
        finally:
            self.stages.isolation.close_build(build)

    def _keep_tester(self, language: Language, digest: str, tester: int, kept: int) -> str:
        """Sees to it that the home has the tester; why that cannot be."""
        split = language.split
        assert split
        if digest in self.home.kept or digest in self.broken:
            return self.broken.get(digest, "")
        if not (split.tester_compile or language.compile_server):
            self.home.keep(digest, tester, texts=True)
            return ""
        if os.fstat(kept).st_size:
            self.home.keep(digest, kept, texts=False)
            return ""
        own = replace(language, main_file=split.tester_main, compile=split.tester_compile)
        build = self.stages.isolation.open_build(language.compile_limits.disk_mb)
        form = os.memfd_create("tester")
        try:
            compiled = self.stages.compile(own, language.compile_limits, build, tester)
            if compiled["ending"] is Ending.EXITED:
                for pattern in split.tester_keeps:
                    for path in filter(Path.is_file, sorted(Path(build).rglob(pattern))):
                        name = str(path.relative_to(build)).encode()
                        write_all(form, framed(name) + framed(path.read_bytes()))
                # A copy, before anybody has it who runs tests: what the host process keeps serves later judges, too.
                os.sendfile(kept, form, 0, os.fstat(form).st_size)
                self.home.keep(digest, form, texts=False)
                return ""
        finally:
            os.close(form)
            self.stages.isolation.close_build(build)
        if compiled["ending"] is not Ending.NOT_COMPILED:
            raise SplitFailedError(compiled["detail"] or compiled["ending"])
        why = f"the tests do not compile apart from the program: {_compilers_words(compiled)}"
        self.broken[digest] = why
        return why

    def _try_twice(self, language: Language, limits: Limits, digest: str, build: str, payload: int) -> SplitResult:
        found = self._try(language, limits, digest, build, payload)
        for _ in range(_TRIES - 1):
            if found.confirmation is not Confirmation.REFUTED:
                break
            first, found = found, self._try(language, limits, digest, build, payload)
            found = replace(found, cpu_seconds=first.cpu_seconds + found.cpu_seconds)
        return found

    def _try(self, language: Language, limits: Limits, digest: str, build: str, payload: int) -> SplitResult:
        """Runs tester and candidate at once. Raises SplitFailedError, TesterLostError."""
        home, joint = self.home, _Joint()
        limits = replace(limits, cpu_seconds=limits.cpu_seconds * _STRETCH + _EXTRA_SECONDS)
        try:
            home.start(language, digest, TesterPipes(joint.answers, joint.calls_to, joint.verdict, joint.words))
            joint.close(joint.answers, joint.calls_to)
            tests = home.isolation.group
            kills_before, clock = tests.memory_kills(), cpu_clock(tests)
            pair = _Pair(home, joint)
            body = partial(run_candidate, language, payload, build, limits.memory_mb, joint.calls, joint.answers_to)
            options = StageOptions(limits, language.address_space_can_be_limited, build, tests)
            report = run_stage(self.stages.control, self.stages.isolation, options, body, pair.begin)
            tester_seconds = clock() or 0.0
            died = tests.memory_kills() > kills_before
            if not pair.begun:
                raise SplitFailedError(report["detail"])
            limited = _reached_limit(report, limits, tester_seconds)
            if died:
                limited = SplitResult(Confirmation.INEXPRESSIBLE, "the tests ran out of memory")
            try:
                status = home.receive()["status"]
            except TesterLostError:  # by us, where it was stuck when a limit was reached
                if limited is None:
                    raise
                status = 0
            found = limited or _result(language, report, pair, status, joint)
            return replace(found, cpu_seconds=report["cpu_seconds"])
        finally:
            joint.close_all()


class _Joint:
    """What joins tester and candidate: a pipe of calls and one of answers; and what the tester writes besides."""

    def __init__(self) -> None:
        self.calls, self.calls_to = os.pipe()
        self.answers, self.answers_to = os.pipe()
        self.verdict, self.words = os.memfd_create("verdict"), os.memfd_create("words")
        self._open = {self.calls, self.calls_to, self.answers, self.answers_to, self.verdict, self.words}

    def close(self, *descriptors: int) -> None:
        """Whoever else holds an end keeps one side from seeing that the other has ended."""
        for descriptor in self._open.intersection(descriptors):
            os.close(descriptor)
        self._open.difference_update(descriptors)

    def close_all(self) -> None:
        self.close(*self._open)


class _Pair:
    """Candidate and tester at work, as one sample: over when the tester is, as nobody calls the candidate any more."""

    def __init__(self, home: TesterHome, joint: _Joint) -> None:
        self._home = home
        self._joint = joint
        self._candidate: Child | None = None
        self.stopped = False
        """Whether it was us who ended the candidate."""

    @property
    def begun(self) -> bool:
        return self._candidate is not None

    def begin(self, candidate: Child) -> "_Pair":
        self._joint.close(self._joint.calls, self._joint.answers_to)
        self._candidate = candidate
        return self

    def fileno(self) -> int:
        return self._home.fileno()

    def pid(self) -> int:
        return self._started.pid()

    def kill(self) -> None:
        """At a limit: the candidate first, which ends a tester that waits for it."""
        self._stop()
        if not self._home.is_over_within(_TESTER_SECONDS):
            self._home.kill()

    def reap(self) -> SampleEnd:
        said = read_verdict(self._joint.verdict)
        held = said is not None and said.confirmation is Confirmation.HELD
        if held or not readable_within(self._started, _GRACE_SECONDS):  # a run time takes its time to end
            self._stop()
        return self._started.reap()

    @property
    def _started(self) -> Child:
        assert self._candidate
        return self._candidate

    def _stop(self) -> None:
        self.stopped = True
        self._started.kill()


def _reached_limit(report: dict[str, Any], limits: Limits, tester_seconds: float) -> SplitResult | None:
    ending, used = report["ending"], report["cpu_seconds"]
    apart = "apart from its tests"
    match ending:
        case Ending.CPU_LIMIT if tester_seconds > _TESTERS_SHARE * used:
            return SplitResult(Confirmation.INEXPRESSIBLE, f"{apart} both ran out of CPU seconds: {used:.1f}")
        case Ending.CPU_LIMIT:
            return SplitResult(Confirmation.INEXPRESSIBLE, f"CPU limit after {used:.1f} s", ending)
        case Ending.WALL_LIMIT:
            return SplitResult(Confirmation.INEXPRESSIBLE, f"{apart}: wall limit of {limits.wall_seconds:g} s", ending)
        case Ending.OUTPUT_LIMIT:
            return SplitResult(Confirmation.INEXPRESSIBLE, f"{apart}: it wrote more than it may")
        case Ending.OUT_OF_MEMORY:
            return SplitResult(Confirmation.INEXPRESSIBLE, "the candidate ran out of memory apart from its tests")
        case _:
            return None


def _result(language: Language, report: dict[str, Any], pair: _Pair, status: int, joint: _Joint) -> SplitResult:
    """What the tester said, as far as it could say it. Raises SplitFailedError."""
    if report["ending"] is Ending.NOT_COMPILED:
        return SplitResult(Confirmation.INEXPRESSIBLE, report["detail"])
    if report["ending"] is Ending.SANDBOX_FAILED and not pair.stopped:
        raise SplitFailedError(f"the candidate did not run: {report['detail']}")
    said = read_verdict(joint.verdict)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        raise SplitFailedError("the tests were killed from outside")
    if said is None or os.WIFSIGNALED(status) or (status and said.confirmation is Confirmation.HELD):
        size = os.fstat(joint.words).st_size
        words = os.pread(joint.words, _DETAIL_CHARACTERS, max(0, size - _DETAIL_CHARACTERS))
        last = " ".join(words.decode(errors="replace").split())
        how = signal_name(os.WTERMSIG(status)) if os.WIFSIGNALED(status) else f"exit code {os.WEXITSTATUS(status)}"
        return SplitResult(Confirmation.INEXPRESSIBLE, f"the tests ended before they decided ({how}) {last}".strip())
    if said.confirmation is Confirmation.REFUTED and any(
        report["stderr"].holds(words.encode()) for words in language.out_of_memory_words
    ):
        return SplitResult(Confirmation.INEXPRESSIBLE, "the candidate ran out of memory apart from its tests")
    return SplitResult(said.confirmation, said.detail, assertions=said.assertions)


def _compilers_words(compiled: dict[str, Any]) -> str:
    """Its first line that names an error."""
    if compiled["detail"]:
        return compiled["detail"]
    lines = [line.strip() for line in compiled["stderr"].text().splitlines() if line.strip()]
    return next((line for line in lines if "error" in line), lines[0] if lines else "no reason given")
