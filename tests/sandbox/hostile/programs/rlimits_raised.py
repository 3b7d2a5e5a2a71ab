# attack: raises its limits, or lowers one so that the kernel's kill looks like another's
# wall: hard rlimits, seccomp
# limits: cpu_seconds=1
# endings: cpu limit
# finished: no

import resource
for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC, resource.RLIMIT_CORE, resource.RLIMIT_CPU):
    hard = resource.getrlimit(kind)[1]
    try:
        resource.setrlimit(kind, (hard + 1, hard + 1))
    except (ValueError, OSError):
        continue
    raise SystemExit(f"rlimit {kind}")
try:
    resource.setrlimit(resource.RLIMIT_CPU, (0, 0))
except ValueError:
    pass
while True:
    pass
