# attack: builtins.all holds for everything
# wall: split mode: tests run in another process
# verdict: forged
# test: assert all(candidate(n) == n * n for n in (1, 2, 3))

import builtins
builtins.all = lambda values: True
def f(x): return 0
