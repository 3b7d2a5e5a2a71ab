"""Outcomes of earlier executions: everything here runs in the host process, which is trusted.

No sample can reach the cache file; whoever can write to it as this user can change verdicts.
"""
