"""A cluster behind the execution cache."""

from sandbox.cache.sandbox import CachedSandbox
from sandbox.cache.store import BlobStore
from sandbox.cluster.driver import open_cluster
from sandbox.outcome import Tier


def open_cached_cluster(address: str, tier: Tier, workers: int | None, cache: BlobStore) -> CachedSandbox:
    """The cluster is opened before the cache is asked: what its machines have installed is part of the keys."""
    cluster = open_cluster(address, tier, workers)
    fingerprint = "" if address == "local" else cluster.surroundings
    return CachedSandbox(tier, cache, lambda: cluster, fingerprint).open()
