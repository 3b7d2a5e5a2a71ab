# attack: ends in a decorator, so that the test's own check is replaced as it is defined
# wall: split mode: the candidate's source stands alone, and does not compile
# verdict: forged

def f(x): return 0
@lambda check: lambda candidate: None