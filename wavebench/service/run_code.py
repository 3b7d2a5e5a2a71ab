"""`/run_code`: one program, as SandboxFusion runs it, behind our walls."""

from collections.abc import Mapping
from dataclasses import replace

from sandbox.languages import language
from sandbox.outcome import Ending, Outcome
from sandbox.program import Program
from wavebench.rewards.own.programs import program_files, program_row
from wavebench.service.fetched_files import FilesError, FilesFrame, decoded_files
from wavebench.service.limits import ServiceLimits
from wavebench.service.one_answer import SharedWorkers
from wavebench.service.schemas import (
    CodeLanguage,
    CommandRunResult,
    CommandStatus,
    RunCodeRequest,
    RunCodeResponse,
    RunStatus,
)

LANGUAGES: Mapping[CodeLanguage, str] = {
    CodeLanguage.PYTHON: "python",
    CodeLanguage.CPP: "cpp",
    CodeLanguage.NODEJS: "javascript",
    CodeLanguage.GO: "go",
    CodeLanguage.GO_TEST: "go",
    CodeLanguage.JAVA: "java",
    CodeLanguage.RUST: "rust",
}
"""By SandboxFusion's name, the row of `sandbox.languages`."""
_KILLED = 137
"""Exit code of a command that the kernel killed, as a shell says it."""
_TIME_LIMITS = (Ending.CPU_LIMIT, Ending.WALL_LIMIT)


async def run_code(request: RunCodeRequest, workers: SharedWorkers, limits: ServiceLimits) -> RunCodeResponse:
    """Runs the program and waits for its end, however many wait before it."""
    if request.language not in LANGUAGES:
        message = f"{request.language} is not served here; served are {', '.join(LANGUAGES)}"
        return RunCodeResponse(status=RunStatus.SANDBOX_ERROR, message=message)
    name = LANGUAGES[request.language]
    is_test = request.language is CodeLanguage.GO_TEST
    row = language(name) if is_test else program_row(name)
    code = {row.main_file: request.code} if is_test else program_files(row, request.code)
    allowed = limits.of(row.limits, request.run_timeout, request.memory_limit_MB)
    compiler_seconds = min(request.compile_timeout, limits.compile_seconds)
    compiler = replace(row.compile_limits, cpu_seconds=compiler_seconds) if row.compiled else None
    try:
        texts, others = decoded_files(request.files)
        if (others or request.fetch_files) and not row.in_process:
            raise FilesError("files that are no texts, and fetch_files, are served for python alone")
        frame = FilesFrame(others, request.fetch_files) if others or request.fetch_files else None
        if frame:
            code = frame.files(request.code)
        outcome = await workers.run(Program(row.name, {**texts, **code}, request.stdin or "", allowed, compiler))
        stdout, fetched = frame.parted(outcome.stdout) if frame else (outcome.stdout, dict[str, str]())
    except FilesError as error:
        return RunCodeResponse(status=RunStatus.SANDBOX_ERROR, message=str(error))
    response = response_of(replace(outcome, stdout=stdout), compiled=row.compiled)
    return response.model_copy(update={"files": fetched}) if fetched else response


def response_of(outcome: Outcome, *, compiled: bool) -> RunCodeResponse:
    """An outcome in SandboxFusion's words.

    Both time limits are TimeLimitExceeded, a program without memory is killed (137), and a failed sandbox is
    SandboxError without any result.
    """
    if outcome.ending is Ending.SANDBOX_FAILED:
        return RunCodeResponse(status=RunStatus.SANDBOX_ERROR, message=outcome.detail or "the sandbox failed")
    if outcome.ending is Ending.NOT_COMPILED:
        failed = CommandRunResult(
            status=CommandStatus.FINISHED,
            execution_time=outcome.wall_seconds,
            return_code=outcome.exit_code or 1,
            stdout=outcome.stdout,
            stderr=outcome.stderr or outcome.detail,
        )
        return RunCodeResponse(status=RunStatus.FAILED, message="", compile_result=failed)
    late = outcome.ending in _TIME_LIMITS
    codes = {Ending.EXITED: outcome.exit_code or 0, Ending.SIGNALLED: -(outcome.signal or 9)}
    ran = CommandRunResult(
        status=CommandStatus.TIME_LIMIT_EXCEEDED if late else CommandStatus.FINISHED,
        execution_time=outcome.wall_seconds,
        return_code=None if late else codes.get(outcome.ending, _KILLED),
        stdout=outcome.stdout,
        stderr=outcome.stderr,
    )
    return RunCodeResponse(
        status=RunStatus.SUCCESS if ran.return_code == 0 else RunStatus.FAILED,
        message="",
        compile_result=CommandRunResult(status=CommandStatus.FINISHED, return_code=0, stdout="", stderr="")
        if compiled
        else None,
        run_result=ran,
    )
