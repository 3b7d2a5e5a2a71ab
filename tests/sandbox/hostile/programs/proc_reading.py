# attack: looks for other processes, the host's mounts and settings to change
# wall: a /proc that is read-only and hides whatever forbids inspection

import os
own = os.readlink("/proc/self")
assert [name for name in os.listdir("/proc") if name.isdigit()] == [own]
assert [number for number in range(1, int(own) + 100) if os.path.exists(f"/proc/{number}")] == [int(own)]
for path in ("/proc/sys/kernel/hostname", "/proc/sys/net/ipv4/ip_default_ttl", "/proc/self/oom_score_adj",
             "/proc/sysrq-trigger", "/proc/1/mem", f"/proc/{int(own) - 1}/mem"):
    try:
        open(path, "w").write("1")
    except OSError:
        continue
    raise SystemExit(path)
mounts = {line.split()[4]: line.split()[5] for line in open("/proc/self/mountinfo")}  # the last one covers the others
for place, options in mounts.items():
    assert options.startswith("ro,") or place == "/tmp" or place.startswith("/dev/"), (place, options)
