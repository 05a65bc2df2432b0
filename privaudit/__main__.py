"""`python -m privaudit`, and the command `privaudit`."""

import gc
import sys

# New objects after which those that refer to each other are looked for. A command makes some
# hundred thousand that live as long as it does: by default they are looked through 400 times.
_MADE = 1_000_000


def run() -> int:
    """Load the command line and run it; stopped while it loads, say so in one line too."""
    gc.set_threshold(_MADE, 20, 50)
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
