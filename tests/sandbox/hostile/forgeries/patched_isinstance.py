# attack: builtins.isinstance holds for everything
# wall: split mode: tests run in another process
# verdict: forged
# test: assert isinstance(candidate(2), int)

import builtins
builtins.isinstance = lambda value, kind: True
def f(x): return "no"
