"""A zygote's memory: arenas in the heap, the heap in large pages, and all of it Python's as before."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
GATHERED = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from sandbox.zygote.large_pages import collapse_heap, gather_arenas

def heap():
    with open("/proc/self/maps") as maps:
        [(begin, end)] = [line.split()[0].split("-") for line in maps if line.endswith("[heap]\\n")]
    return range(int(begin, 16), int(end, 16))

def resident_mb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 >> 20

"""


def run(program: str) -> str:
    ran = subprocess.run([sys.executable, "-S", "-c", GATHERED + program], capture_output=True, text=True, check=True)
    return ran.stdout


def test_code_in_large_pages_does_what_it_did():
    program = """
from sandbox.zygote.large_pages import enlarge_code
import ctypes, os
def mapped(address):
    with open("/proc/self/maps") as maps:
        for line in maps:
            first, last = (int(each, 16) for each in line.split()[0].split("-"))
            if first <= address < last:
                return line.split()[1:2] + line.split()[5:]
code = ctypes.cast(ctypes.pythonapi.PyEval_EvalCode, ctypes.c_void_p).value
before = mapped(code)
enlarge_code()
print(mapped(code) in (before, ["r-xp"]))
import json, decimal, re
for child in range(2):
    if os.fork() == 0:
        os._exit(len(json.dumps([str(decimal.Decimal(n) / 7) for n in range(99)])) % 200)
    expected = len(json.dumps([str(decimal.Decimal(n) / 7) for n in range(99)])) % 200
    print(os.waitstatus_to_exitcode(os.wait()[1]) == expected)
"""
    assert run(program).split() == ["True"] * 3


def test_arenas_lie_in_the_heap_until_it_is_collapsed():
    program = """
gather_arenas()
kept = [object() for _ in range(200_000)]
print(id(kept[-1]) in heap())
collapse_heap()
after = [object() for _ in range(200_000)]
print(id(after[-1]) in heap())
"""
    assert run(program).split() == ["True", "False"]


def test_memory_goes_back_to_the_kernel():
    """Of arenas from the heap and from mmap alike; a leak would add up over what a program allocates and frees."""
    program = """
gather_arenas()
from_heap = [object() for _ in range(1_000_000)]
collapse_heap()
full = resident_mb()
del from_heap
for _ in range(5):
    more = [object() for _ in range(1_000_000)]
    del more
print(full - resident_mb() > 8)
"""
    assert run(program).strip() == "True"


def test_children_use_and_change_the_memory_as_their_own():
    program = """
import os
gather_arenas()
kept = [[n] for n in range(100_000)]
collapse_heap()
for child in range(3):
    if os.fork() == 0:
        for each in kept:
            each[0] += child
        more = [[n] for n in range(100_000)]
        os._exit(sum(each[0] for each in kept) % 251)
    print(os.waitstatus_to_exitcode(os.wait()[1]) == (sum(range(100_000)) + child * 100_000) % 251)
print(kept[7] == [7])
"""
    assert run(program).split() == ["True"] * 4


def test_a_second_gathering_takes_up_where_the_first_ended():
    program = """
gather_arenas()
collapse_heap()
gather_arenas()
kept = [object() for _ in range(200_000)]
collapse_heap()
print(id(kept[-1]) in heap())
"""
    assert run(program).split() == ["True"]


def test_nothing_changes_where_the_heap_is_bounded():
    """Its failure to grow would be taken for memory."""
    program = """
import resource
resource.setrlimit(resource.RLIMIT_DATA, (1 << 30, 1 << 30))
gather_arenas()
kept = [object() for _ in range(200_000)]
print(id(kept[-1]) in heap())
collapse_heap()
"""
    assert run(program).strip() == "False"
