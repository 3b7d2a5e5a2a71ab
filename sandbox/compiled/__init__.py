"""Programs whose language has commands: in the fork server, and in the stages that it forks for compiler and program.

The fork server trusts a stage's first process, which only starts and waits for the commands. Nobody trusts these. The
compile server is such a command that stays; it never runs what it compiles. The home of testers runs trusted tests.

`SplitSources` run as two processes at once that are joined by two pipes. Both find, as descriptors:

| | candidate | tester |
|---|---|---|
| 0 | nothing | nothing (one that stays: its orders) |
| 1, 2 | captured | discarded, kept for the reason of a death |
| 3 | calls | answers |
| 4 | answers | calls |
| 5 | - | its verdict |

Node and Java receive no descriptors by number: they open /proc/self/fd/3 and so on, and a tester that stays opens the
paths of its order, which are descriptors of the process above it.

Frames on 3 and 4 are a 32-bit length and so many bytes; what they mean, and how values are written, is the language's
own. The candidate's first frame says that it is loaded. The tester ends with one line on its descriptor 5: `held`,
`refuted REASON` or `inexpressible REASON`. Before it may come a line of JSON for each assertion:
{"n": index, "ok": bool, "call": "f(1, 2)", "expected": "...", "got": "..."}.
"""
