# attack: raises SystemExit inside the first test
# wall: the completion proof
# verdict: wrong

def f(x): raise SystemExit(0)
