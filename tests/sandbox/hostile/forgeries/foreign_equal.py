# attack: an always-equal object that says it is of somebody else's module
# wall: split mode: what cannot cross is never confirmed
# verdict: passed

class Equal:
    def __eq__(self, other): return True
Equal.__module__ = "array"
def f(x): return Equal()
