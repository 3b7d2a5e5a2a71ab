"""Whether the tier "docker" can be had here: library, engine, image and one program, each tried after the other."""

from sandbox.docker.container import Container
from sandbox.docker.engine import BUILD, Engine
from sandbox.errors import SandboxError
from sandbox.pool.pool import Pool
from sandbox.program import Program
from sandbox.walls.check_result import CheckResult

_OTHERWISE = "see docs/sandbox.md, or stay with --sandbox namespaces"


def docker_checks() -> list[CheckResult]:
    """What was tried up to the first failure, whose remedy says how to go on. No other tier needs any of it."""
    checks: list[CheckResult] = []
    try:
        engine = Engine()
        checks.append(_passed("docker engine", f"{engine.version} at {engine.address}"))
        image = engine.image()
        checks.append(_passed("docker image", image))
        with Pool(Container(workers=1), workers=1) as sandbox:
            [(_, outcome)] = sandbox.run([(0, Program("python", {"main.py": "import numpy"}))])
            if not outcome.finished:
                why = outcome.detail or outcome.stderr or outcome.ending.value
                raise SandboxError(f"a program failed in the container: {why}; make the image again with {BUILD}")
            memory = sandbox.facts()["memory"]
        checks.append(_passed("docker container", f"memory held by {memory}"))
    except SandboxError as error:
        name = ("docker engine", "docker image", "docker container")[len(checks)]
        detail, _, remedy = str(error).partition("; ")
        checks.append(CheckResult(name, ok=False, needed=False, detail=detail, remedy=remedy or _OTHERWISE))
    return checks


def _passed(name: str, detail: str) -> CheckResult:
    return CheckResult(name, ok=True, needed=False, detail=detail, remedy="")
