# attack: returns an object that is equal to everything
# wall: split mode: only plain values cross
# verdict: forged

class Equal:
    def __eq__(self, other): return True
def f(x): return Equal()
