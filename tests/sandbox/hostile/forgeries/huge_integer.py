# attack: answers with an integer too large for any codec
# wall: split mode: digits are bounded before anything is parsed
# verdict: passed
# test: assert candidate(2) > 3

def f(x): return 1 << 20_000_000
