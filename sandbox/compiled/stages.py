"""A program whose language has commands, from start to report: compiled and run as two stages, each behind own walls.

The compiler's processes are dead before the program's first line runs, and all that passes on is the build folder,
which the run sees read-only. What each ending means: what the compiler refuses, and what it cannot compile within
its CPU, memory or output limit, is NOT_COMPILED (the source is to blame, `detail` names the limit). A compiler that
hits its wall limit is WALL_LIMIT, so that the program is tried once more alone. A tool that cannot be started, or a
toolchain that does not get the language's own tiny program right, is SANDBOX_FAILED and says nothing about the program.
A compiler that crashes under a program, again and again, is the sandbox's failure only if it also does so under the
language's own.
"""

import os
import socket
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sandbox.compiled.compile_server import EXHAUSTED_CODE, LOST_CODE, CompileServer
from sandbox.compiled.runner import REFUSED, compile_program, run_program, shows_evidence
from sandbox.compiled.stage import StageOptions, run_stage
from sandbox.languages import Language, language_from
from sandbox.outcome import Ending
from sandbox.program import Limits
from sandbox.walls.isolation import StageIsolation
from sandbox.watch.report import memory_kill
from sandbox.wire.captured_output import CapturedOutput
from sandbox.wire.texts import encode_program

_SOURCE_TO_BLAME = (Ending.CPU_LIMIT, Ending.OUT_OF_MEMORY, Ending.OUTPUT_LIMIT)
_BY_ITSELF = (Ending.EXITED, Ending.SIGNALLED)
_CRASHED = "the compiler crashed"
_COMPILE_TRIES = 2
"""Of a compiler that somebody may have killed."""
_WORDS_OF_THE_KILLED = (b"Killed", b"Broken pipe", b"signal: 9", b"signal: killed")
"""What a compiler says whose own helpers died."""
_REMEDY = "`wavebench toolchains install --again` rebuilds it, and `wavebench doctor` says whether it works"


@dataclass(slots=True)
class Stages:
    """What the programs with commands of one fork server share."""

    control: socket.socket
    isolation: StageIsolation
    compile_server_isolation: StageIsolation
    """That of the compile server, which outlives the programs that it compiles."""
    rows: dict[str, Any]
    """Languages as `sandbox.toolchains.installed.ready_languages` tells them."""
    protected_pids: set[int]
    """Processes that no sweep may end: the compile server's."""
    languages: dict[str, Language] = field(default_factory=lambda: dict[str, Language]())
    compile_servers: dict[str, CompileServer] = field(default_factory=lambda: dict[str, CompileServer]())
    broken: dict[str, str] = field(default_factory=lambda: dict[str, str]())
    """Why a language's toolchain does not work, by language; empty once it was seen to work."""

    def runs(self, name: str) -> bool:
        """Whether the language's programs are started by commands."""
        return not self.rows.get(name, {"missing": ""}).get("in_process")

    def run(self, request: dict[str, Any], payload: int) -> dict[str, Any]:
        """Compiles and runs the program that `payload` holds; `request` names its language and limits."""
        name: str = request["language"]
        missing = self.why_missing(name)
        if missing:
            return {"ending": Ending.SANDBOX_FAILED, "detail": missing}
        limits = Limits(**request["limits"])
        asked = request.get("compile_limits")
        report = self._run(self.languages[name], limits, Limits(**asked) if asked else None, payload)
        if report["detail"] == _CRASHED and (wrong := self._try_out(self.languages[name])):
            return {"ending": Ending.SANDBOX_FAILED, "detail": wrong}
        return report

    def why_missing(self, name: str) -> str:
        """Why programs of a language cannot run here; empty where they can."""
        row = self.rows.get(name, {"missing": f"There is no language {name!r} in this sandbox."})
        if "missing" in row:
            return row["missing"]
        if name not in self.broken:
            self.languages[name] = language_from(name, row)
            self.broken[name] = self._try_out(self.languages[name]) and self._try_out(self.languages[name])
        return self.broken[name]

    def _try_out(self, language: Language) -> str:
        """Runs the language's own right program; what is wrong when that does not finish."""
        payload = os.memfd_create("probe")
        Path(f"/proc/self/fd/{payload}").write_bytes(encode_program({language.main_file: language.right}))
        try:
            report = self._run(language, language.limits, None, payload)
        finally:
            os.close(payload)
        if report.get("exit_code") == 0 and (report["finished"] or not language.proves_end):
            return ""
        stderr: CapturedOutput | None = report.get("stderr")
        words = " ".join((report.get("detail", "") or (stderr.text() if stderr else "") or report["ending"]).split())
        return f"The toolchain of {language.title} does not work here ({words[:300]}); {_REMEDY}."

    def _run(self, language: Language, limits: Limits, asked: Limits | None, payload: int) -> dict[str, Any]:
        if not language.compiled:
            return self._run_built(language, limits, "", payload)
        compile_limits = asked or language.compile_limits
        build = self.isolation.open_build(compile_limits.disk_mb)
        try:
            compiled = self.compile(language, compile_limits, build, payload)
            if compiled["ending"] is not Ending.EXITED:
                return compiled
            return self._run_built(language, limits, build, payload)
        finally:
            self.isolation.close_build(build)

    def _run_built(self, language: Language, limits: Limits, build: str, payload: int) -> dict[str, Any]:
        body = partial(run_program, language, payload, build, limits.memory_mb)
        options = StageOptions(limits, language.address_space_can_be_limited, seal=build)
        report = run_stage(self.control, self.isolation, options, body)
        if report["ending"] is Ending.SANDBOX_FAILED:
            return report
        report["finished"] = report["finished"] and shows_evidence(language, report["stdout"])
        if (
            not report["finished"]
            and report["ending"] in _BY_ITSELF  # a limit that was measured counts for more than words
            and any(report["stderr"].holds(words.encode()) for words in language.out_of_memory_words)
        ):
            report["ending"] = Ending.OUT_OF_MEMORY
        return report

    def compile(self, language: Language, limits: Limits, build: str, payload: int) -> dict[str, Any]:
        """A report that ends in EXITED when the program compiled, else the outcome of the whole."""
        report: dict[str, Any] = {}
        for _ in range(_COMPILE_TRIES):
            report = self._compile_once(language, limits, build, payload)
            if report["ending"] is not Ending.EXITED or not report["exit_code"]:
                break
            # A source that brings about these words is compiled twice, and that is all.
            if report["exit_code"] != LOST_CODE and not any(map(report["stderr"].holds, _WORDS_OF_THE_KILLED)):
                break
        return _judge_compiler(report)

    def _compile_once(self, language: Language, limits: Limits, build: str, payload: int) -> dict[str, Any]:
        compile_server = self._compile_server(language) if language.compile_server else None
        channel = compile_server.channel() if compile_server else -1
        group = compile_server.isolation.group if compile_server else None
        groups = [self.isolation.group, group] if group else [self.isolation.group]
        kills_before = [each.memory_kills() for each in groups]
        options = StageOptions(limits, language.address_space_can_be_limited, other_group=group)
        body = partial(compile_program, language, payload, build, channel)
        report = run_stage(self.control, self.isolation, options, body)
        if compile_server and not (report["ending"] is Ending.EXITED and report["exit_code"] in (0, REFUSED)):
            compile_server.end()
        killed = [each for each, before in zip(groups, kills_before, strict=True) if each.memory_kills() > before]
        if report.get("exit_code") and killed:  # what the stage started, or the compile server
            report["ending"], report["detail"] = memory_kill(limits, max(each.peak_mb() for each in killed))
        return report

    def _compile_server(self, language: Language) -> CompileServer:
        if language.name not in self.compile_servers:
            for other in self.compile_servers.values():  # they share a control group
                other.end()
            self.compile_servers[language.name] = CompileServer(
                language, self.compile_server_isolation, self.protected_pids
            )
        return self.compile_servers[language.name]


def _judge_compiler(report: dict[str, Any]) -> dict[str, Any]:
    """What the end of the compiling stage means for the program."""
    ending, code = report["ending"], report.get("exit_code")
    if ending is Ending.SANDBOX_FAILED:
        return report
    if ending is Ending.EXITED and report["finished"] and code == 0:
        return report
    report["finished"] = False
    if ending is Ending.NOT_COMPILED:
        return report
    if ending is Ending.WALL_LIMIT:
        return report | {"detail": "the compiler reached its wall limit"}
    if ending in _SOURCE_TO_BLAME:
        return report | {"ending": Ending.NOT_COMPILED, "detail": f"the compiler ended by its limit: {ending.value}"}
    why = {EXHAUSTED_CODE: "the compiler ran out of stack or memory", LOST_CODE: _CRASHED}.get(code or 0)
    return report | {"ending": Ending.NOT_COMPILED, "detail": why or ""}
