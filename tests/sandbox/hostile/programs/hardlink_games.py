# attack: hard links to files outside the work folder, and through descriptors of them
# wall: the work folder is a file system of its own

import os, sys
for source in (sys.executable, "/etc/passwd", "/dev/null"):
    try:
        os.link(source, "stolen")
    except OSError:
        pass
    else:
        raise SystemExit(source)
descriptor = os.open("/etc/passwd", os.O_RDONLY)
try:
    os.link(f"/proc/self/fd/{descriptor}", "stolen", follow_symlinks=True)
except OSError:
    pass
else:
    raise SystemExit("through a descriptor")
