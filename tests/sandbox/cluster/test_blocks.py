"""Blocks of work on two machines of a real Ray cluster, both on this one."""

import os
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from sandbox.cluster.blocks import BlockCluster
from sandbox.cluster.driver import open_cluster
from sandbox.errors import SandboxError
from sandbox.outcome import Tier
from tests.ray_machines import two_machines

pytest.importorskip("ray", reason="the extra 'ray' is not installed")


@pytest.fixture(scope="module")
def machines() -> Iterator[Any]:
    with two_machines() as opened:
        yield opened


@pytest.fixture
def cluster(machines: Any) -> Iterator[BlockCluster]:
    opened = BlockCluster(machines.address, alike)
    yield opened
    opened.close()


def alike() -> Mapping[str, str]:
    return {"interpreter": "the same"}


def every_process_another() -> Mapping[str, str]:
    return {"interpreter": "the same", "number of the process": str(os.getpid())}


def slowly_doubled(number: int) -> int:
    time.sleep(0.02 if number % 3 else 0.06)
    return 2 * number


def refused_at_seven(number: int) -> int:
    if number == 7:
        raise ValueError("seven is not wanted")
    return number


def ended_at_three(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def node_of(_number: int) -> str:
    import ray

    time.sleep(0.05)
    return ray.get_runtime_context().get_node_id()


def gpu_of(_number: int) -> str:
    time.sleep(0.1)
    return os.environ.get("CUDA_VISIBLE_DEVICES", "")


def test_results_come_in_order_from_both_machines_and_few_blocks_are_drawn_ahead(cluster: BlockCluster):
    drawn = 0

    def numbers() -> Iterator[int]:
        nonlocal drawn
        for number in range(60):
            drawn += 1
            yield number

    for place, result in enumerate(cluster.map_in_order(slowly_doubled, numbers())):
        assert result == 2 * place
        assert drawn - place <= 3 * 2, "three for each of two workers"
    assert len(set(cluster.map_in_order(node_of, range(20)))) == 2
    assert len(set(cluster.map_in_order(node_of, range(6), per_device=True))) == 2
    assert list(cluster.map_in_order(slowly_doubled, [])) == []


def test_what_the_work_raises_is_raised_here_and_the_cluster_goes_on(cluster: BlockCluster):
    with pytest.raises(ValueError, match=r"^seven is not wanted$"):
        list(cluster.map_in_order(refused_at_seven, range(20)))
    some = cluster.map_in_order(slowly_doubled, range(1000))
    assert next(some) == 0  # and no more is wanted of it
    del some
    assert list(cluster.map_in_order(refused_at_seven, range(7))) == list(range(7))


def test_the_blocks_of_a_lost_machine_are_done_again_elsewhere_and_a_new_one_is_used(
    machines: Any, cluster: BlockCluster
):
    lost = machines.add_node(num_cpus=2)
    seen: list[str] = []

    def numbers() -> Iterator[int]:
        """More, until a machine that came later has had its share."""
        number = 0
        while number < 100 or (number < 2000 and len(set(seen)) < 4):
            yield number
            number += 1

    time.sleep(0.1)
    with_new = BlockCluster(machines.address, alike)
    for node in with_new.map_in_order(node_of, numbers()):
        seen.append(node)
        if len(seen) == 30:
            assert len(set(seen)) == 3
            machines.remove_node(lost, allow_graceful=False)
            machines.add_node(num_cpus=1)
    with_new.close()
    assert len(seen) >= 100
    assert len(set(seen)) == 4, "the new machine did nothing"
    assert list(cluster.map_in_order(slowly_doubled, range(30))) == list(range(0, 60, 2))


def test_a_block_that_ends_its_process_three_times_is_one_sentence(cluster: BlockCluster):
    with pytest.raises(SandboxError, match=r"^3 processes of the cluster .* were lost with the same part") as failure:
        list(cluster.map_in_order(ended_at_three, range(6)))
    assert "\n" not in str(failure.value)


def test_a_machine_that_differs_is_refused_unless_that_does_not_matter(machines: Any):
    sentence = r"differs from this machine in number of the process \('\d+', here '\d+'\)"
    with pytest.raises(SandboxError, match=sentence):
        BlockCluster(machines.address, every_process_another)
    opened = BlockCluster(machines.address, every_process_another, ["number of the process"])
    besides = opened.map_in_order(slowly_doubled, range(3), besides=["number of the process"])
    assert list(besides) == [0, 2, 4]
    with pytest.raises(SandboxError, match=sentence):
        list(opened.map_in_order(slowly_doubled, range(3)))
    opened.close()


def test_a_machine_with_gpus_has_one_block_for_each(machines: Any):
    node = machines.add_node(num_cpus=2, num_gpus=2)
    opened = BlockCluster(machines.address, alike)
    used = set(opened.map_in_order(gpu_of, range(20), per_device=True))
    opened.close()
    machines.remove_node(node)
    assert used == {"0", "1", ""}, "two GPUs, and machines without one"


class NoRay(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        pass


@pytest.fixture
def other_server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), NoRay) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def silent_server() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("scheme", ["", "ray://"])
@pytest.mark.parametrize(
    ("server", "reason"), [("other_server", "is no Ray"), ("silent_server", "has said nothing for 5 s")]
)
def test_what_listens_and_is_no_ray_is_one_sentence(
    request: pytest.FixtureRequest, server: str, reason: str, scheme: str
):
    address = scheme + request.getfixturevalue(server)
    with pytest.raises(SandboxError, match=f"^No Ray cluster answers at {re.escape(repr(address))}.*{reason}"):
        BlockCluster(address, alike)
    with pytest.raises(SandboxError, match=f"^No Ray cluster answers at {re.escape(repr(address))}.*{reason}"):
        open_cluster(address, Tier.NAMESPACES, None)


def test_auto_asks_the_address_of_the_environment(other_server: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RAY_ADDRESS", other_server)
    with pytest.raises(SandboxError, match=r"^No Ray cluster answers at 'auto'.*is no Ray"):
        BlockCluster("auto", alike)
    assert "RAY_gcs_server_port_wait_time_s" not in os.environ
