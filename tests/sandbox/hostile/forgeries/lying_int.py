# attack: a subclass of int with a lying __eq__
# wall: split mode: subclasses cross as their plain content
# verdict: forged

class Lying(int):
    def __eq__(self, other): return True
    __hash__ = int.__hash__
def f(x): return Lying(0)
