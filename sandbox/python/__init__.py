"""Whole Python programs: `sample` in the fork server, `precompile` in host process and tester, the rest in the sample.

Once the program's first line runs, nobody trusts the sample's process: program and tests share it.
"""
