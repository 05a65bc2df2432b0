"""`python -m privaudit`, and the command `privaudit`."""

import sys


def run() -> int:
    """Load the command line and run it; stopped while it loads, say so in one line too."""
    try:
        from privaudit.cli import main

        return main()
    except KeyboardInterrupt:
        print("privaudit: stopped; nothing was written", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(run())
