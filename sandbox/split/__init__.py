"""A program and its tests in two processes: `candidate` runs in the candidate, all else in the tester.

The host process trusts the tester, which never executes a line of a candidate and reads its answers with `decoder`
alone. Nobody trusts the candidate.
"""
