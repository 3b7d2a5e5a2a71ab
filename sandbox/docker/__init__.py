"""The tier "docker": `init` is the container init, which the host process trusts; all else runs in the host process.

Fork servers, zygotes and samples inside the container are the same as outside.
"""
