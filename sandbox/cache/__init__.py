"""Outcomes of earlier executions: everything here runs in the host process, which is trusted.

No sample can reach the cache file; whoever can write to it as this user can change verdicts. `sandbox` is a sandbox in
front of another, `store` the file, `key` what makes two executions the same. Nothing is exported here, as
configurations import `store` alone.
"""
