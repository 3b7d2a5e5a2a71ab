# attack: answers with an iterator that never ends and is equal to everything asked of it
# wall: split mode: what an iterator gives is bounded
# verdict: passed
# test: assert next(candidate(2)) == 4

import itertools
class Equal:
    def __eq__(self, other): return True
def f(x): return itertools.repeat(Equal())
