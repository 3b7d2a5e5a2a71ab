# attack: builtins.AssertionError is an exception that the interpreter swallows
# wall: the interpreter: assert does not look the name up
# verdict: wrong

import builtins
builtins.AssertionError = GeneratorExit
def f(x): return 0
