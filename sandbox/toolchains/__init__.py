"""Finds, builds and checks the toolchains of the languages: in the host process and the container init, both trusted.

The toolchains themselves are commands that a stage of `sandbox.compiled` starts.
"""
