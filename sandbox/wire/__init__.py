"""What crosses between processes, in the host process, the fork server, the zygote, the tester and the sample alike.

It reads only what a trusted process wrote; what a candidate answers is read by `sandbox.split.decoder` alone. What a
program prints passes through in bytes that no later sample inherits.
"""
