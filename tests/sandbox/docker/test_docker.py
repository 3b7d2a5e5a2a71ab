"""What the tier "docker" adds: a hardened container that comes, goes, and is never silently done without."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.docker.container import Container, _copy_code
from sandbox.docker.engine import Engine
from sandbox.docker.image import Variant, image_name, recipe_digest
from sandbox.docker.probe import docker_checks
from sandbox.docker.profile import seccomp_profile
from sandbox.errors import SandboxError
from sandbox.launch import open_sandbox
from sandbox.outcome import Confirmation, Ending, Tier
from sandbox.pool.pool import Pool
from sandbox.program import Limits, Program, SplitTests
from tests.sandbox.group_tree import groups_named
from tests.sandbox.processes import kill_one, wait_until

ROOT = Path(__file__).parents[3]
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may look into, or make, what is looked at here")


def python(source: str, **limits: float) -> Program:
    return Program("python", {"main.py": source}, limits=Limits(**limits))  # type: ignore[arg-type]


def containers_of(engine: Engine) -> set[str]:
    return {row["Id"] for row in engine._api.containers(all=True)}


def folders() -> set[str]:
    return {path.name for path in Path(tempfile.gettempdir()).glob("wavebench-*")}


def processes_in(container: str) -> dict[int, str]:
    """Status of every process whose control group is the container's or below it."""
    found: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if container in (entry / "cgroup").read_text():
                    found[int(entry.name)] = (entry / "status").read_text()
            except OSError:
                continue
    return found


def test_the_container_is_hardened(docker: Engine):
    host = Container(workers=1)
    try:
        facts = docker._api.inspect_container(host._id)
    finally:
        host.close()
    limits = facts["HostConfig"]
    assert limits["NetworkMode"] == "none"
    assert limits["ReadonlyRootfs"]
    assert limits["CapDrop"] == ["ALL"]
    assert not limits["CapAdd"]
    assert not limits["Privileged"]
    assert "no-new-privileges" in limits["SecurityOpt"]
    assert limits["PidsLimit"] > 0
    assert 0 < limits["Memory"] == limits["MemorySwap"]
    assert facts["Config"]["User"].split(":")[0] != "0"
    assert [(mount["Destination"], mount["RW"]) for mount in facts["Mounts"]] == [("/wavebench", False)]


@AS_ROOT
def test_no_server_in_it_holds_a_capability(docker: Engine):  # noqa: ARG001
    host = Container(workers=1)
    with Pool(host, workers=1):
        found = processes_in(host._id)
        assert len(found) >= 3, "the gate, and a fork server of two processes"
        gate = dict(line.split(":\t", 1) for line in found[host._pid].splitlines() if ":\t" in line)
    assert gate["Uid"].split() == ["100000"] * 4
    assert all(int(gate[name], 16) == 0 for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"))
    assert (gate["NoNewPrivs"], gate["Seccomp"]) == ("1", "2")


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the number below is that of x86_64")
def test_its_system_calls_are_refused_to_servers_too(docker: Engine):
    code = """
import ctypes, socket
libc = ctypes.CDLL(None, use_errno=True)
print("bpf", libc.syscall(321, 0, 0, 0), ctypes.get_errno())
for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_NETLINK):
    try:
        socket.socket(family, socket.SOCK_DGRAM)
        print("open")
    except PermissionError:
        print("refused")
"""
    option = f"seccomp={json.dumps(seccomp_profile())}"
    made = docker._docker.from_env().containers
    said = made.run(docker.image(), ["python3", "-c", code], security_opt=[option], network_mode="none", remove=True)
    assert said.decode().split() == ["bpf", "-1", "1", "open", "refused", "refused"]


def test_split_mode_works_through_it(docker: Engine):  # noqa: ARG001
    def program(body: str) -> Program:
        candidate = f"def f(x):\n    return {body}\n"
        tests = "assert f((1, 2)) == (2, 1)\n"
        return Program("python", {"main.py": candidate + tests}, split=SplitTests(candidate, "", tests, ("f",)))

    forged = "type('E', (), {'__eq__': lambda s, o: True})()"
    with open_sandbox(Tier.DOCKER, workers=2) as sandbox:
        outcomes = dict(sandbox.run([("right", program("x[::-1]")), ("forged", program(forged))]))
    assert all(outcome.finished for outcome in outcomes.values())
    assert outcomes["right"].confirmation is Confirmation.HELD
    assert outcomes["forged"].confirmation is not Confirmation.HELD


def test_nothing_is_left_when_it_closes(docker: Engine):
    before = containers_of(docker), folders()
    Container(workers=1).close()
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    host = Container(workers=2)
    with Pool(host, workers=2) as sandbox:
        assert len(containers_of(docker)) == len(before[0]) + 1, "one container for all workers"
        assert wait_until(lambda: folders() <= before[1]), "the folder that it started from is gone already"
        assert len(list(sandbox.run((n, python("import os; os.fork()")) for n in range(4)))) == 4
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors
    assert containers_of(docker) == before[0]
    assert wait_until(lambda: folders() <= before[1])
    assert not processes_in(host._id)


def test_nothing_is_left_when_the_judge_is_killed(docker: Engine):
    source = (
        "import sys\nfrom sandbox.launch import open_sandbox\nfrom sandbox.program import Program\n"
        "from sandbox.outcome import Tier\n"
        "with open_sandbox(Tier.DOCKER, workers=2) as s:\n"
        "    print(s._host._id, flush=True)\n"
        "    list(s.run((n, Program('python', {'main.py': 'import time; time.sleep(77)'})) for n in range(2)))"
    )
    before = containers_of(docker), folders()
    judge = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, cwd=ROOT)
    assert judge.stdout
    container = judge.stdout.readline().decode().strip()
    assert wait_until(lambda: len(processes_in(container)) >= 7), "a gate, two servers of two processes, two samples"
    judge.kill()
    judge.wait()
    judge.stdout.close()
    assert wait_until(lambda: containers_of(docker) == before[0])
    assert wait_until(lambda: not processes_in(container))
    assert wait_until(lambda: folders() <= before[1])
    assert not list(groups_named(container))


@AS_ROOT
def test_a_killed_server_or_container_loses_no_program(docker: Engine):
    before = containers_of(docker)
    host = Container(workers=2)
    with Pool(host, workers=2) as sandbox:
        outcomes: dict[int, str] = {}
        for n, outcome in sandbox.run((n, python(f"import time; time.sleep(0.01); print({n})")) for n in range(60)):
            outcomes[n] = outcome.stdout
            if n == 5:
                kill_one(lambda: processes_in(host._id).keys(), max)
            if n == 15:
                kill_one(lambda: processes_in(host._id).keys() - {host._pid}, min)
            if n == 30:
                docker._api.kill(host._id)
    assert len(outcomes) == 60
    assert sum(text == f"{n}\n" for n, text in outcomes.items()) >= 59, "the sample that was killed itself may fail"
    assert containers_of(docker) == before


@pytest.fixture
def readable_code() -> Iterator[Path]:
    """A folder to import the sandbox from, for whom the checkout may be out of reach (below /root, say)."""
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder, "code")
        _copy_code(code)
        Path(folder).chmod(0o755)
        yield code


@AS_ROOT
def test_who_is_not_root_gets_it_from_an_engine_that_lets_them(docker: Engine, readable_code: Path):
    socket_path = docker.address.removeprefix("unix://")
    source = (
        "import os\nfrom sandbox.launch import open_sandbox\nfrom sandbox.program import Limits, Program\n"
        "from sandbox.outcome import Tier\n"
        "with open_sandbox(Tier.DOCKER, workers=1): pass\n"  # imports all that the user might not reach
        f"group = os.stat({socket_path!r}).st_gid\n"
        "os.setgroups([group]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)\n"
        "with open_sandbox(Tier.DOCKER, workers=1) as s:\n"
        "    print(s.facts()['memory'])\n"
        "    texts = 'print(1)', 'x = bytearray(3000 << 20)', 'import os; os.kill(-1, 9)', 'while True: pass'\n"
        "    limits = Limits(memory_mb=512, cpu_seconds=1)\n"
        "    programs = [(n, Program('python', {'main.py': t}, limits=limits)) for n, t in enumerate(texts)]\n"
        "    for n, o in sorted(s.run(programs)): print(o.ending.value, o.finished, o.stderr[-12:].strip())"
    )
    ran = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, cwd=readable_code)
    if "Permission denied" in ran.stderr and "docker.sock" in ran.stderr:
        pytest.skip("the group of the engine's socket may not use it")
    lines = [line.strip() for line in ran.stdout.splitlines()]
    assert lines[:3] == ["rlimit", "exited True", "exited False MemoryError"], ran.stdout + ran.stderr
    assert lines[3].startswith("exited False")
    assert lines[4].startswith(Ending.CPU_LIMIT.value)


def test_the_facts_name_engine_and_image(docker: Engine):
    with open_sandbox(Tier.DOCKER, workers=1) as sandbox:
        facts = sandbox.facts()
    assert facts["tier"] == "docker"
    assert facts["image"] == docker.image()
    assert facts["engine"].startswith("docker ")
    assert "numpy" in facts["toolchain python"]


def test_a_language_that_the_image_lacks_is_not_judged_and_says_what_to_do(docker: Engine):
    if docker.image() == image_name(Variant.LANGUAGES):
        pytest.skip("this engine has the image with all languages")
    with open_sandbox(Tier.DOCKER, workers=1) as sandbox:
        [(_, outcome)] = sandbox.run([(0, Program("rust", {"main.rs": "fn main() {}"}))])
    assert outcome.ending is Ending.SANDBOX_FAILED
    assert "Rust is not installed (sandbox image); `scripts/build-sandbox-image.sh languages`" in outcome.detail


def test_the_doctor_tries_it(docker: Engine):  # noqa: ARG001
    checks = docker_checks()
    assert [check.name for check in checks] == ["docker engine", "docker image", "docker container"]
    assert all(check.ok for check in checks), checks


def test_without_an_engine_there_is_one_sentence_and_no_other_tier(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    with pytest.raises(SandboxError) as caught:
        open_sandbox(Tier.DOCKER)
    assert "'unix:///nowhere/docker.sock' (No such file or directory); start it" in str(caught.value)
    [check] = docker_checks()
    assert (check.name, check.ok, check.needed) == ("docker engine", False, False)
    assert "start-docker-engine.sh" in check.remedy


def test_without_the_image_there_is_one_sentence_and_no_other_tier(docker: Engine, monkeypatch: pytest.MonkeyPatch):  # noqa: ARG001
    monkeypatch.setattr("sandbox.docker.image._PYTHON_PACKAGES", ("python3", "a-package-that-nobody-built-in"))
    with pytest.raises(SandboxError, match=r"has no sandbox image .*; `scripts/build-sandbox-image.sh python` makes"):
        open_sandbox(Tier.DOCKER)


def test_an_image_that_only_bears_the_name_is_not_taken(docker: Engine, monkeypatch: pytest.MonkeyPatch):
    image = docker.image()
    monkeypatch.setattr("sandbox.docker.image._PYTHON_PACKAGES", ("python3", "something-else"))
    repository, tag = image_name(Variant.PYTHON).split(":")
    docker._api.tag(image, repository, tag)
    try:
        with pytest.raises(SandboxError, match="has no sandbox image"):
            docker.image()
    finally:
        docker._api.remove_image(f"{repository}:{tag}")


def test_the_image_changes_its_name_with_what_goes_into_it(monkeypatch: pytest.MonkeyPatch):
    before = recipe_digest(Variant.PYTHON), recipe_digest(Variant.LANGUAGES)
    assert before[0] != before[1]
    monkeypatch.setattr("sandbox.docker.image._COMPILERS_NOT_IN_ROWS", ("rustc", "cargo", "tcc"))
    assert recipe_digest(Variant.PYTHON) == before[0]
    assert recipe_digest(Variant.LANGUAGES) != before[1]
