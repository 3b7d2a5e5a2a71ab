# attack: gains another user's rights by a set-uid program, by setuid, or by chown
# wall: no_new_privs, nosuid mounts, no capability

import os
for attempt in (lambda: os.setuid(1), lambda: os.setgid(1), lambda: os.setgroups([0, 1]), lambda: os.chown("x", 1, 1)):
    open("x", "w").close()
    try:
        attempt()
    except OSError:
        continue
    raise SystemExit("another user")
os.chmod("x", 0o4755)
assert "NoNewPrivs:\t1" in open("/proc/self/status").read()
