# attack: gives a socket pair an abstract name, or connects it elsewhere
# wall: seccomp refuses bind, connect, listen and accept

import socket
one, other = socket.socketpair()
for attempt in (lambda: one.bind("\0wavebench"), lambda: one.connect("\0wavebench"), lambda: one.listen(), lambda: one.accept()):
    try:
        attempt()
    except PermissionError:
        continue
    raise SystemExit("a socket pair reached out")
