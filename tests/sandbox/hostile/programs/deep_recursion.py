# attack: recursion through C that runs over the stack
# wall: a process of its own
# endings: signalled, exited
# finished: no

import sys
sys.setrecursionlimit(10**9)
class Deep:
    def __repr__(self): return repr(self)
repr(Deep())
