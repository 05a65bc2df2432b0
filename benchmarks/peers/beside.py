"""What every comparison shares: the machine, processor seconds, the answers of a peer."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


def machine() -> str:
    """Processor, cores and load: seconds mean nothing without them."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        named = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = named[0].partition(":")[2].strip() if named else model
    load = os.getloadavg()[0]
    return f"{model}, {os.cpu_count()} cores, load {load:.1f}, Python {platform.python_version()}"


def spent(call: Callable[[], Any]) -> tuple[Any, float]:
    """Value of a call, and processor seconds: a busy machine must not decide."""
    begun = time.process_time()
    value = call()
    return value, time.process_time() - begun


def best(call: Callable[[], Any], rounds: int) -> tuple[Any, float]:
    """Value of a call, and the least processor seconds of some rounds."""
    results = [spent(call) for _ in range(rounds)]
    return results[0][0], min(seconds for _, seconds in results)


def answers(python: str, side: str, *arguments: object) -> Iterator[Any]:
    """Run a file of this folder in a peer's environment; yield each line of JSON that it prints."""
    command = [python, str(Path(__file__).with_name(side)), *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as peer:
        assert peer.stdout is not None
        for line in peer.stdout:
            yield json.loads(line)
    if peer.returncode:
        raise SystemExit(f"{side} ended with {peer.returncode}")
