"""Run the tests that are nearest to a kind of thing: `python tests/near.py mask`."""

import sys
import tomllib
from pathlib import Path

import pytest

NEAR = tomllib.loads(Path(__file__).with_name("near.toml").read_text(encoding="utf-8"))


def main(words):
    """Return pytest's status, or 2 with one line for a kind that is not in the table."""
    if len(words) != 1 or words[0] not in NEAR:
        print(f"near: say THING= one of {', '.join(NEAR)}", file=sys.stderr)
        return 2
    return pytest.main(["-q", "-m", "not slow and not browser", *NEAR[words[0]]])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
