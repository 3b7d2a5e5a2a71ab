# attack: an object whose __class__ is int
# wall: split mode: exact types cross
# verdict: forged
# test: assert isinstance(candidate(2), int)
# test: assert candidate(2) == 4

class Lying:
    __class__ = int
    def __eq__(self, other): return True
def f(x): return Lying()
