# attack: climbs out of the work folder, and writes wherever it gets to
# wall: a read-only root

import os
written = []
for folder, below, _ in os.walk("/", topdown=True):
    if folder.startswith(("/proc", "/tmp", "/dev/shm")) or folder.count("/") > 2:
        below.clear()
        continue
    try:
        open(f"{folder}/planted", "w").close()
    except OSError:
        continue
    written.append(folder)
assert not written, written
for name in ("null", "zero", "full", "urandom"):
    for change in (lambda path: os.chmod(path, 0), lambda path: os.unlink(path), lambda path: os.rename(path, "/tmp/x")):
        try:
            change(f"/dev/{name}")
        except OSError:
            continue
        raise SystemExit(name)
