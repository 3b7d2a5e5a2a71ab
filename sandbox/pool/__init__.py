"""Worker processes that run many programs: everything here runs in the host process, which is trusted.

Nothing here reads what a sample wrote except through the reports of its server. One run of a `Pool` is a `dispatch`: it
hands jobs from the `backlog` to the `lane`s of its workers. A `connection` starts a server on a `host` and talks to it.
"""

from sandbox.pool.host import Host, ServerProcess, ThisMachine
from sandbox.pool.pool import Pool
from sandbox.pool.shared import SharedSandbox

__all__ = ["Host", "Pool", "ServerProcess", "SharedSandbox", "ThisMachine"]
