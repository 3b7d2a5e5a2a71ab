# attack: returns a class whose metaclass makes it equal to everything
# wall: split mode: a class is no plain value
# verdict: forged

class Meta(type):
    def __eq__(cls, other): return True
    __hash__ = type.__hash__
class Equal(metaclass=Meta): pass
def f(x): return Equal
