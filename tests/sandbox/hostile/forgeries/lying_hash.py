# attack: an object with the hash of the expected value, to be found in a set
# wall: split mode: only plain values cross
# verdict: passed
# test: assert candidate(2) in {4}

class Lying:
    def __hash__(self): return 4
    def __eq__(self, other): return True
def f(x): return Lying()
