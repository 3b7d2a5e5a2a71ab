"""Pads the gaps that imports left in this process's heaps, so that what its children allocate lies close together.

A child's first write to a page costs it a page fault and a copy. What it allocates would go into gaps all over the
heap, a few to a page; without any it goes into fresh pages, filled one after another: a quarter fewer faults.
"""

import ctypes

_BLOCK_STEP = 16
_LARGEST_BLOCK = 512
"""Of CPython's own allocator, which has pools for each multiple of the step; for more it asks the C library."""
_PAGE_BYTES = 4096
_POOL_HEADER_BYTES = 48
_BYTES_OVERHEAD = b"".__sizeof__()
_IN_A_ROW = 4
"""So many blocks one behind the other, from a pool's first on, are a fresh pool."""
_MOST_BLOCKS = 20_000

_SMALLEST_CHUNK, _LARGEST_CHUNK = 24, 64 << 10

_libc = ctypes.PyDLL(None)
_ballast: list[object] = []
"""What the gaps are filled with."""


class _HeapFacts(ctypes.Structure):
    """`struct mallinfo2` of malloc.h."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
        )
    )  # fmt: skip


def pad_heap() -> None:
    """Takes every free block that lies between used ones, for good. A few hundred KB that are resident anyway."""
    for size in range(_BLOCK_STEP, _LARGEST_BLOCK + 1, _BLOCK_STEP):
        _fill_pools(size)
    if hasattr(_libc, "mallinfo2"):  # glibc 2.33
        _fill_heap()


def _fill_pools(size: int) -> None:
    """Allocates blocks of this size until a fresh pool has been begun."""
    last = in_a_row = 0
    for number in range(1, _MOST_BLOCKS + 1):
        # An object, a float or bytes: whichever takes a block of this size.
        if size == _BLOCK_STEP:
            block: object = object()
        elif size <= _BYTES_OVERHEAD:
            block = number / 2
        else:
            block = bytes(size - _BYTES_OVERHEAD)
        _ballast.append(block)
        address = id(block)
        follows = address == last + size and (in_a_row or last % _PAGE_BYTES == _POOL_HEADER_BYTES)
        in_a_row = in_a_row + 1 if follows else 0
        if in_a_row == _IN_A_ROW:
            return
        last = address


def _fill_heap() -> None:
    """Allocates chunks, the largest first, until those of each size come from the heap's end."""
    _libc.mallinfo2.restype = _HeapFacts
    _libc.malloc.restype, _libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    _libc.free.argtypes = [ctypes.c_void_p]
    size = _LARGEST_CHUNK
    while size >= _SMALLEST_CHUNK:
        end_before: int = _libc.mallinfo2().keepcost
        chunk = _libc.malloc(size)
        if _libc.mallinfo2().keepcost != end_before:
            _libc.free(chunk)
            size = min(size - _BLOCK_STEP, size * 3 // 4) if size > 2 * _LARGEST_BLOCK else size - _BLOCK_STEP
