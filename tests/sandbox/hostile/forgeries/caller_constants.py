# attack: reads the expected value from the bytecode of whoever called
# wall: split mode: tests never enter this process before its answers count
# verdict: forged

import dis, sys
def f(x):
    caller = sys._getframe(1)
    for step in dis.get_instructions(caller.f_code):
        if step.offset > caller.f_lasti and step.opname == "LOAD_CONST":
            return step.argval
