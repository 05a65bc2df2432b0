"""`python -m privaudit`, and the command `privaudit`."""

import ctypes
import gc
import sys

# New objects after which those that refer to each other are looked for. A command makes some
# hundred thousand that live as long as it does: by default they are looked through 400 times.
_MADE = 200_000
# Options of glibc's `mallopt`, in bytes: M_MMAP_THRESHOLD, the most that glibc itself adapts it to,
# and M_TRIM_THRESHOLD.
_KEEPS = {-3: 1 << 25, -1: 1 << 28}


def keep_memory() -> None:
    """Let glibc keep what arrays free, up to 256 MB, for the next ones.

    It would give each back, and have the pages of the next one zeroed: a twelfth of a simulation.
    Other C libraries have no such options.
    """
    if sys.platform == "linux":
        for option, value in _KEEPS.items():
            getattr(ctypes.CDLL(None), "mallopt", lambda *_: 0)(option, value)


def run() -> int:
    """Load the command line and run it; stopped while it loads, say so in one line too."""
    gc.set_threshold(_MADE, 20, 50)
    keep_memory()
    try:
        from privaudit.cli import main

        return main()
    except KeyboardInterrupt:
        print("privaudit: stopped; nothing was written", file=sys.stderr)
        return 130
    finally:
        # The process ends, and its memory with it.
        gc.freeze()


if __name__ == "__main__":
    sys.exit(run())
