# attack: signals every process there is, by every number, and pid 1
# wall: the pid namespace holds nobody else

import os, signal
for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP):
    for pid in (-1, 0, *range(2, 300)):
        try:
            os.kill(pid, number) if pid else None
        except (ProcessLookupError, PermissionError):
            continue
os.kill(1, signal.SIGKILL)
