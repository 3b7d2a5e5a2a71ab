# attack: an integer with millions of digits, printed
# wall: the CPU limit; the interpreter's own bound on digits is lifted first
# limits: cpu_seconds=0.5
# endings: cpu limit
# finished: no

import sys
sys.set_int_max_str_digits(0)
print(str(7 ** 9_000_000))
