"""The JSON of SandboxFusion's interface (sandbox/server and sandbox/datasets/types.py of bytedance/SandboxFusion), and
of our own `/judge`. Field names and defaults are theirs."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, Field


class CommandStatus(StrEnum):
    """How one command ended."""

    FINISHED = "Finished"
    ERROR = "Error"
    TIME_LIMIT_EXCEEDED = "TimeLimitExceeded"


class RunStatus(StrEnum):
    """How a request ended. `SANDBOX_ERROR` says nothing about the code."""

    SUCCESS = "Success"
    FAILED = "Failed"
    SANDBOX_ERROR = "SandboxError"


class CodeLanguage(StrEnum):
    """SandboxFusion's languages. Those that are not served here end as SandboxError."""

    PYTHON = "python"
    CPP = "cpp"
    NODEJS = "nodejs"
    GO = "go"
    GO_TEST = "go_test"
    JAVA = "java"
    PHP = "php"
    CSHARP = "csharp"
    BASH = "bash"
    TYPESCRIPT = "typescript"
    SQL = "sql"
    RUST = "rust"
    CUDA = "cuda"
    LUA = "lua"
    R = "R"
    PERL = "perl"
    D_UT = "D_ut"
    RUBY = "ruby"
    SCALA = "scala"
    JULIA = "julia"
    PYTEST = "pytest"
    JUNIT = "junit"
    KOTLIN_SCRIPT = "kotlin_script"
    JEST = "jest"
    VERILOG = "verilog"
    PYTHON_GPU = "python_gpu"
    LEAN = "lean"
    SWIFT = "swift"
    RACKET = "racket"


class RunCodeRequest(BaseModel):
    """One program to run."""

    compile_timeout: float = Field(10, gt=0, description="Seconds of the compiler, at most the server's limit.")
    run_timeout: float = Field(10, gt=0, description="Seconds of the program, at most the server's limit.")
    memory_limit_MB: int = Field(-1, description="-1 takes the server's limit.")  # noqa: N815 (their spelling)
    code: str
    stdin: str | None = None
    language: CodeLanguage
    files: dict[str, str | None] = Field(
        default_factory=dict, description="Path to base64; for other languages than python texts only."
    )
    fetch_files: list[str] = Field(default_factory=list, description="Paths to return, for python; 32 KiB together.")


class CommandRunResult(BaseModel):
    """What one command did."""

    status: CommandStatus
    execution_time: float | None = None
    return_code: int | None = None
    stdout: str | None = None
    stderr: str | None = None


class RunCodeResponse(BaseModel):
    """What came of a program."""

    status: RunStatus
    message: str
    compile_result: CommandRunResult | None = None
    run_result: CommandRunResult | None = None
    executor_pod_name: str | None = None
    files: dict[str, str] = Field(default_factory=dict)


class TestConfig(BaseModel):
    """How a data set is asked for. Required in every request, even when it is empty."""

    dataset_type: str | None = None
    language: CodeLanguage | None = None
    locale: str | None = None
    is_fewshot: bool | None = None
    compile_timeout: float | None = None
    run_timeout: float | None = None
    custom_extract_logic: str | None = None
    provided_data: list[dict[str, Any]] | dict[str, Any] | None = None
    extra: dict[str, Any] = Field(default_factory=dict)


class DatasetRequest(BaseModel):
    """Which part of which data set."""

    dataset: str
    config: TestConfig
    offset: int = Field(0, ge=0)
    limit: int = Field(1_000_000, ge=0)


class PromptRequest(BaseModel):
    """One problem of a data set."""

    dataset: str
    config: TestConfig
    id: int | str


class DatasetPrompt(BaseModel):
    """One problem as it is put to a model."""

    id: int | str
    prompt: str | list[dict[str, str]]
    labels: dict[str, Any] = Field(default_factory=dict)


class SubmitRequest(BaseModel):
    """One answer to a problem."""

    dataset: str
    id: int | str
    completion: str
    config: TestConfig


class EvalTestCase(BaseModel):
    """One test of an answer; here all of a problem's tests are one."""

    passed: bool
    exec_info: RunCodeResponse
    test_info: dict[str, Any] | None = None


class EvalResult(BaseModel):
    """The judgement over an answer. `accepted` means a confirmed pass; `extra` holds the verdict."""

    id: int | str
    accepted: bool
    extracted_code: str
    full_code: str | None = None
    test_code: str | None = None
    tests: list[EvalTestCase]
    extracted_type: str | None = None
    extra: dict[str, Any] | None = None


class MetricsRequest(BaseModel):
    """Results to be counted."""

    dataset: str
    config: TestConfig
    results: list[EvalResult] = Field(default_factory=lambda: list[EvalResult]())


class MetricsFunction(BaseModel):
    """The source of a function that counts results; we have none."""

    function: str | None = None


class JudgeRequest(BaseModel):
    """A batch of answers. Each has a row: a problem of the task, or checks of its own; see docs/rewards.md."""

    answers: list[str]
    rows: list[dict[str, Any]]
    task: str = "humaneval"
    scale: str = "passed"
    style: str = ""
    form: str = "auto"
    unconfirmed: float | None = 0.0


class FirstFailure(BaseModel):
    """The first test that did not hold; texts are bounded."""

    call: str = Field(description='Such as "f(1, 2)".')
    expected: str
    got: str


class JudgedAnswer(BaseModel):
    """The judgement over one answer."""

    verdict: str
    detail: str
    confirmed: bool | None
    judged: bool
    reward: Annotated[float | None, Field(description="None where the answer could not be judged.")]
    share: float | None
    tests: Annotated[
        int | None, Field(description="Assertions, calls or cases that were checked; None where that is not known.")
    ]
    tests_held: int | None
    failing: FirstFailure | None


class JudgeResponse(BaseModel):
    """In the order of the answers."""

    results: list[JudgedAnswer]
