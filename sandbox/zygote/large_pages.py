"""Holds an interpreter's memory and code in the kernel's large pages, so that a fork of it copies and forgets little.

Fork and exit pay for each small page that a process holds, touched or not: 0.1 us each, of 2,000. A large page counts
as one until it is written to, and its 512 parts are handled in runs after that. The kernel makes them of whole, aligned
stretches of 2 MB only, and Python's arenas lie anywhere. So the arenas are put behind each other at the end of the
heap before anything is imported, and the heap is turned into large pages once the process has what it needs.

The interpreter's code is never written to. Mapped from its file, each child meets it page by page, at 45 page faults;
a copy in large pages at the same place is there at once.
"""

import ctypes
import resource
import sys

_ARENA_BYTES = 1 << 20
"""What CPython asks for at a time, from 3.10 to 3.13 on 64 bits."""
_LARGE_PAGE_BYTES = 2 << 20
_ROOM_BYTES = 256 << 20
_MADV_HUGEPAGE, _MADV_COLLAPSE = 14, 25
"""The second makes large pages of what is there, at once (Linux 6.1). Older kernels refuse, and all stays as it is."""
_PROT_READ, _PROT_WRITE, _PROT_EXEC = 1, 2, 4
_MAP_PRIVATE, _MAP_ANONYMOUS = 2, 0x20
_MREMAP_MAYMOVE, _MREMAP_FIXED = 1, 2

_libc = ctypes.PyDLL(None)
_libc.mmap.restype = _libc.mremap.restype = ctypes.c_void_p
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


def enlarge_code() -> None:
    """Puts a copy of the interpreter's code and constants in their place. /proc must be there.

    Does nothing where the kernel gives no large pages, or no whole one lies within.
    """
    inside = ctypes.cast(ctypes.pythonapi.Py_GetVersion, ctypes.c_void_p).value or 0
    begin = end = 0
    file = ""
    with open("/proc/self/maps") as maps:
        for line in maps:  # what of a file cannot be written to lies together: constants, code, constants
            place, access, *_, path = line.split(maxsplit=5)
            first, last = (int(each, 16) for each in place.split("-"))
            if access[:2] != "r-" or first != end or path != file:
                if begin <= inside < end:
                    break
                begin, file = (first, path) if access[:2] == "r-" else (last, "")
            end = last
    begin += -begin % _LARGE_PAGE_BYTES
    size = end - end % _LARGE_PAGE_BYTES - begin
    if size <= 0:
        return
    room = size + _LARGE_PAGE_BYTES
    mapped = _libc.mmap(
        None, ctypes.c_size_t(room), _PROT_READ | _PROT_WRITE, _MAP_PRIVATE | _MAP_ANONYMOUS, -1, ctypes.c_long(0)
    )
    if mapped == ctypes.c_void_p(-1).value:
        return
    copy, length = ctypes.c_void_p(mapped + -mapped % _LARGE_PAGE_BYTES), ctypes.c_size_t(size)
    _libc.madvise(copy, length, _MADV_HUGEPAGE)
    ctypes.memmove(copy, begin, size)
    # Many small pages would cost each fork more than what they replace.
    if _libc.madvise(copy, length, _MADV_COLLAPSE) == 0 and _libc.mprotect(copy, length, _PROT_READ | _PROT_EXEC) == 0:
        flags = _MREMAP_MAYMOVE | _MREMAP_FIXED
        _libc.mremap(copy, length, length, flags, ctypes.c_void_p(begin))
    _libc.munmap(ctypes.c_void_p(mapped), ctypes.c_size_t(room))


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
