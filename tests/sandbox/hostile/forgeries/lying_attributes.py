# attack: an object with every attribute anybody asks for
# wall: split mode: what cannot cross is never confirmed
# verdict: passed
# test: assert candidate(2).square == 4

class Lying:
    def __getattr__(self, name): return self
    def __eq__(self, other): return True
def f(x): return Lying()
