"""The one family of errors that end in a sentence for the user instead of a traceback."""


class WavebenchError(Exception):
    """What is wrong, the value, and the remedy, in one sentence. The command line prints it and exits with 1."""


class SandboxError(WavebenchError):
    """A wall could not be put up, or a sandbox died. Says nothing about any program."""
