# attack: uses whatever descriptor its server left open
# wall: every one is closed but stdin, stdout, stderr and the proof

import os
for descriptor in range(4, 4096):
    try:
        os.fstat(descriptor)
    except OSError:
        continue
    raise SystemExit(f"descriptor {descriptor} is {os.readlink(f'/proc/self/fd/{descriptor}')}")
