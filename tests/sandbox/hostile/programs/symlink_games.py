# attack: links in the work folder that point to the host and into /proc
# wall: nobody outside opens a path of the work folder, and the host's files are absent

import os
for number, target in enumerate(("/etc/shadow", "/proc/1/root/etc/shadow", "/proc/self/cwd/../../etc/shadow", "/old/etc/shadow")):
    os.symlink(target, f"link{number}")
    try:
        open(f"link{number}").read()
    except OSError:
        continue
    raise SystemExit(target)
os.symlink("loop", "loop")
os.rename("link0", "main.py")
