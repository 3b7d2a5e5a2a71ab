"""One file per wall, put up in the fork server, the zygote and the sample, which is trusted until its walls stand.

Only `probe`, `cpu_affinity`, `cgroups` and the plan of `split_root` are used in the host process too.
"""
