# attack: waits for input that never comes
# wall: stdin is empty

import sys
assert sys.stdin.read() == ""
try:
    input()
except EOFError:
    pass
