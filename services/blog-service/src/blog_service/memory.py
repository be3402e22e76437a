"""Memory that is given back, and shared: what a process keeps decides how many fit on a machine."""

import contextlib
import ctypes

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
_THRESHOLD = 1 << 20


def save_memory() -> None:
    """Let the C library return large blocks when they are free, and threads share one heap.

    A password hash works in 19 MiB; glibc would raise its limit at the first such block, and keep later
    ones in a heap of the thread's own. The interpreter lets one thread at a time run, so one heap is no
    slower. Other libraries than glibc have no such function, and no such habits.
    """
    with contextlib.suppress(AttributeError, OSError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_MMAP_THRESHOLD, _THRESHOLD)
        library.mallopt(_M_ARENA_MAX, 1)
