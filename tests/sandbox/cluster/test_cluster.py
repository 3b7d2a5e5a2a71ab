"""Two machines of a real Ray cluster, both on this one."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.cluster.driver import open_cluster
from sandbox.errors import SandboxError
from sandbox.launch import open_sandbox
from sandbox.outcome import Ending, Outcome, Tier
from sandbox.program import Limits, Program
from tasks.registry import load
from tests.ray_machines import two_machines
from tests.sandbox.workload import judge_all, workload

pytest.importorskip("ray", reason="the extra 'ray' is not installed")


@pytest.fixture(scope="module")
def machines(kernel: None) -> Iterator[Any]:  # noqa: ARG001
    with two_machines() as opened:
        yield opened


def python(source: str, **limits: float) -> Program:
    return Program("python", {"main.py": source}, limits=Limits(**limits))  # type: ignore[arg-type]


def programs_by_node(facts: dict[str, str]) -> dict[str, int]:
    """From "1 workers, 12 programs"."""
    return {name: int(about.split()[2]) for name, about in facts.items() if name.startswith("node ")}


def test_two_machines_say_what_one_says(machines: Any):
    work = workload(with_answers=True)[::7]
    task = load("humaneval")
    work += [(f"wrong {p.task_id}", p, task.program(p, f"def {p.entry_point}(*_): pass")) for p in task.problems[::20]]
    with open_sandbox(workers=2) as alone:
        expected = judge_all(alone, work)
    with open_cluster(machines.address, Tier.NAMESPACES, None) as cluster:
        assert (cluster.workers, cluster.tier) == (2, Tier.NAMESPACES)
        assert judge_all(cluster, work) == expected
        shares = programs_by_node(dict(cluster.facts()))
    assert len(set(expected.values())) > 1, "all verdicts are alike: they show nothing"
    assert sum(shares.values()) == len(work)
    assert len(shares) == 2
    assert min(shares.values()) > 0


def test_no_more_programs_are_drawn_than_the_machines_hold(machines: Any):
    drawn = 0

    def endless() -> Iterator[tuple[int, Program]]:
        nonlocal drawn
        while True:
            drawn += 1
            yield drawn, python("pass")

    with open_cluster(machines.address, Tier.NAMESPACES, None) as cluster:
        outcomes = cluster.run(endless())
        for seen in range(1, 401):
            next(outcomes)
            assert drawn - seen <= 2 * 256


def test_what_hits_a_limit_or_never_ends_well_comes_back_too(machines: Any):
    sources = {"loops": "while True: pass", "sleeps": "import time; time.sleep(60)", "fails": "1 / 0"}
    limits: dict[str, float] = {"cpu_seconds": 0.3, "wall_seconds": 1.5}
    with open_cluster(machines.address, Tier.NAMESPACES, None) as cluster:
        outcomes = dict(cluster.run((name, python(source, **limits)) for name, source in sources.items()))
    assert {name: outcome.ending for name, outcome in outcomes.items()} == {
        "loops": Ending.CPU_LIMIT,
        "sleeps": Ending.WALL_LIMIT,
        "fails": Ending.EXITED,
    }
    assert "ZeroDivisionError" in outcomes["fails"].stderr


def test_a_lost_machine_loses_nothing_and_a_new_one_is_put_to_work(machines: Any):
    lost = machines.add_node(num_cpus=2)
    seen: list[tuple[int, Outcome]] = []

    def programs() -> Iterator[tuple[int, Program]]:
        """More, until a machine that came later has had its share; each takes a moment, so that none runs ahead."""
        number = 0
        while number < 300 or (number < 3000 and len({outcome.node for _, outcome in seen}) < 4):
            yield number, python(f"import time; time.sleep(0.02); print({number})")
            number += 1

    with open_cluster(machines.address, Tier.NAMESPACES, None) as cluster:
        for key, outcome in cluster.run(programs()):
            seen.append((key, outcome))
            if len(seen) == 60:
                machines.remove_node(lost, allow_graceful=False)
                machines.add_node(num_cpus=1)
        facts = dict(cluster.facts())
    keys = [key for key, _ in seen]
    assert sorted(keys) == list(range(len(keys)))
    assert len(keys) >= 300
    assert all((outcome.ending, outcome.stdout) == (Ending.EXITED, f"{key}\n") for key, outcome in seen)
    assert sum(about.endswith(", lost") for about in facts.values()) == 1
    assert len({outcome.node for _, outcome in seen}) == 4, "the new machine did nothing"


@pytest.mark.parametrize("address", ["127.0.0.1:1", "nonsense"])
def test_a_cluster_that_is_not_there_is_one_sentence(address: str):
    with pytest.raises(SandboxError, match=f"No Ray cluster answers at '{address}'.*ray start --head"):
        open_cluster(address, Tier.NAMESPACES, None)
