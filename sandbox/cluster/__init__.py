"""Several machines as one sandbox: `driver` runs in the host process, `node` in a Ray worker process on each machine.

Both are trusted, and so is every machine of the cluster; samples run behind the sandbox of their machine. `blocks`
hands out other work, trusted and without a sandbox. Only `ray_client` uses Ray. Nothing is exported here, as a machine
imports `node` alone.
"""
