"""Runs one program behind walls and says what happened; knows nothing of models, benchmarks or verdicts.

| process | runs the code of | trusted by |
|---|---|---|
| host process | `pool`, `cluster`, `cache`, `toolchains`, `docker`, this folder | its user |
| container init (tier `docker`) | `docker/init.py` | host process |
| fork server, tester | `fork_server.py`, `watch`, `wire`, `walls`, `compiled`, `split/tester.py` | host process |
| zygote | `zygote/process.py`, `walls` | its fork server or tester |
| sample, candidate | `python/whole_program.py`, `split/candidate.py`, then the program itself | nobody |

docs/sandbox.md, "Processes and trust", tells one sample's way through them.
"""
