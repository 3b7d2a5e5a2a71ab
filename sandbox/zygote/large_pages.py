"""Holds an interpreter's memory in the kernel's large pages, so that a fork of it copies and forgets little.

Fork and exit pay for each small page that a process holds, touched or not: 0.1 us each, of 2,000. A large page counts
as one until it is written to, and its 512 parts are handled in runs after that. The kernel makes them of whole, aligned
stretches of 2 MB only, and Python's arenas lie anywhere. So the arenas are put behind each other at the end of the
heap before anything is imported, and the heap is turned into large pages once the process has what it needs.
"""

import ctypes
import resource
import sys

_ARENA_BYTES = 1 << 20
"""What CPython asks for at a time, from 3.10 to 3.13 on 64 bits."""
_LARGE_PAGE_BYTES = 2 << 20
_ROOM_BYTES = 256 << 20
_MADV_COLLAPSE = 25
"""Makes large pages of what is there, at once (Linux 6.1). Older kernels refuse, and all stays as it is."""

_libc = ctypes.PyDLL(None)
_libc.sbrk.restype, _libc.sbrk.argtypes = ctypes.c_void_p, [ctypes.c_ssize_t]


class _ArenaAllocator(ctypes.Structure):
    """`PyObjectArenaAllocator` of pymem.h."""

    _fields_ = (("context", ctypes.c_void_p), ("allocate", ctypes.c_void_p), ("free", ctypes.c_void_p))


_usual = _ArenaAllocator()
"""The interpreter's own, which takes arenas from mmap; empty until `gather_arenas`."""
_heap: list[int] = []
"""Where the heap begins, once that is known."""


def gather_arenas() -> None:
    """From here on arenas come from the end of the heap. Does nothing where that may not be right.

    The first time /proc must be there. An arena is freed as ever: munmap takes any pages.
    """
    limits = [resource.getrlimit(kind)[0] for kind in (resource.RLIMIT_DATA, resource.RLIMIT_AS)]
    unbounded = all(limit == resource.RLIM_INFINITY for limit in limits)  # sbrk's failure would be taken for an arena
    if not unbounded or sys.maxsize < 1 << 32 or not (3, 10) <= sys.version_info < (3, 14):
        return
    failed = ctypes.c_void_p(-1).value
    if _libc.sbrk(_ROOM_BYTES) == failed or _libc.sbrk(-_ROOM_BYTES) == failed:
        return
    if not _heap:
        with open("/proc/self/maps") as maps:
            _heap.extend(int(line.partition("-")[0], 16) for line in maps if line.endswith("[heap]\n"))
        ctypes.pythonapi.PyObject_GetArenaAllocator(ctypes.byref(_usual))
    # An allocator is called with its context and a size: of these, sbrk takes the first, which is the size of them all.
    ours = _ArenaAllocator(_ARENA_BYTES, ctypes.cast(_libc.sbrk, ctypes.c_void_p), _usual.free)
    ctypes.pythonapi.PyObject_SetArenaAllocator(ctypes.byref(ours))


def collapse_heap() -> None:
    """Turns the heap into large pages; arenas come from mmap again, as programs can return those to the kernel."""
    if not _heap:
        return
    ctypes.pythonapi.PyObject_SetArenaAllocator(ctypes.byref(_usual))
    end: int = _libc.sbrk(0)
    _libc.sbrk(-end % _LARGE_PAGE_BYTES)  # up to the end of a large page
    begin = _heap[0] + -_heap[0] % _LARGE_PAGE_BYTES
    size = end + -end % _LARGE_PAGE_BYTES - begin
    if size > 0:
        _libc.madvise(ctypes.c_void_p(begin), ctypes.c_size_t(size), _MADV_COLLAPSE)
