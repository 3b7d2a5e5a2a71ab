"""A real Ray cluster of two machines, both on this one."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any


@contextmanager
def two_machines() -> Generator[Any]:
    """Ray's handle of the cluster, with a processor in each machine."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    cluster.add_node(num_cpus=1)
    try:
        yield cluster
    finally:
        cluster.shutdown()
