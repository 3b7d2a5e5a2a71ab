# attack: a subclass of str with lying operators
# wall: split mode: subclasses cross as their plain content
# verdict: forged
# test: assert candidate(2) == "4"
# test: assert candidate(3).startswith("9")

class Lying(str):
    def __eq__(self, other): return True
    def startswith(self, *_): return True
    __hash__ = str.__hash__
def f(x): return Lying("")
