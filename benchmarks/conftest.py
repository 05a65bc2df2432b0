"""Print what each kernel costs against the size of its input, in seconds and processor seconds.

pytest-benchmark measures seconds that pass, which other work on the machine lengthens. The growth
is the slope of processor seconds (of seconds where these are not known) against size, both in
logarithms, from one size to the next: 1 is linear.
"""

import time
from math import log

import pytest

# Parameters that say how large an input is.
SIZES = ("n", "people", "places", "points", "dots", "addresses", "doors")


def pytest_ignore_collect(collection_path):
    """Doctests are looked for in every file: those that need a peer cannot be imported here."""
    if collection_path.suffix == ".py" and not collection_path.name.startswith("bench_"):
        return True
    return None


@pytest.fixture
def benchmark(benchmark):
    """Measure processor seconds, of all threads, beside those that pass."""
    pedantic = benchmark.pedantic

    def measured(target, *args, **options):
        spent = []

        def call(*args, **kwargs):
            begun = time.process_time()
            try:
                return target(*args, **kwargs)
            finally:
                spent.append(time.process_time() - begun)

        result = pedantic(call, *args, **options)
        benchmark.extra_info["cpu"] = min(spent)
        return result

    benchmark.pedantic = measured
    return benchmark


def pytest_terminal_summary(terminalreporter, config):
    session = getattr(config, "_benchmarksession", None)
    if session is None or not session.benchmarks:
        return
    lines = {}
    for bench in session.benchmarks:
        parameters = dict(bench.params or {})
        size = next((name for name in SIZES if type(parameters.get(name)) is int), None)
        if size is None or bench.has_error or not bench.stats.rounds:
            continue
        many = parameters.pop(size)
        least = bench.stats.min, bench.extra_info.get("cpu")
        what = bench.fullname.partition("[")[0].rpartition("/")[2]
        rest = ", ".join(f"{name} {value}" for name, value in parameters.items())
        lines.setdefault((what, rest, size), []).append((many, *least))
    write = terminalreporter.write_line
    terminalreporter.write_sep("-", "size, least seconds, least processor seconds, growth")
    for (what, rest, size), found in lines.items():
        write(f"{what}{', ' + rest if rest else ''}")
        before = None
        for many, wall, cpu in sorted(found):
            cost = cpu or wall
            slope = ""
            if before is not None:
                slope = f"{log(cost / before[1]) / log(many / before[0]):6.2f}"
            shown = f"{cpu:11.4f}" if cpu else " " * 11
            write(f"  {size} {many:>12,}{wall:11.4f}{shown}{slope}")
            before = many, cost
