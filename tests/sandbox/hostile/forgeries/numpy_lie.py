# attack: an always-equal object that poses as a numpy scalar
# wall: split mode: its item crosses, and that is compared
# verdict: forged

class Equal:
    ndim = 0
    def item(self): return 0
    def __eq__(self, other): return True
Equal.__module__ = "numpy"
def f(x): return Equal()
