"""Steps, lines and signals at their limits: the last step, the second line, the second request."""

import pytest

from privaudit.core import progress as module


@pytest.fixture
def lines(monkeypatch):
    """Lines of three steps whose clock and thread the test moves itself."""
    seconds = iter(range(0, 1_000, 7))
    monkeypatch.setattr(module.time, "monotonic", lambda: next(seconds))
    monkeypatch.setattr(module._ProgressLines, "_run", lambda self: None)
    return module._ProgressLines("town", 3)


def test_a_line_says_the_step_and_of_the_same_step_since_when(lines, capsys):
    lines._write()
    # The same part and step again; the clock moves seven seconds at each look.
    lines._write()
    lines.tick("people")
    lines._write()
    for part in ("map", "attack", "report"):
        lines.tick(part)
    lines._write()
    assert capsys.readouterr().err.splitlines() == [
        "town 0/3", "town 0/3 (7 s)", "town 1/3: people", "town 3/3: report"
    ]  # fmt: skip


def test_a_line_is_written_in_so_many_seconds_until_the_end(monkeypatch, capsys):
    waited = []
    monkeypatch.setattr(module, "EVERY", 5.0)

    class Closed:
        def wait(self, seconds):
            waited.append(seconds)
            return len(waited) > 2

    monkeypatch.setattr(module.threading, "Event", Closed)
    started = []

    class Once:
        def __init__(self, target, daemon):
            started.append(daemon)
            self.start = target

    monkeypatch.setattr(module.threading, "Thread", Once)
    module._ProgressLines("town", 1)
    # It never keeps a process alive that is done.
    assert (waited, started) == ([5.0] * 3, [True])
    assert capsys.readouterr().err.startswith("town 0/1\ntown 0/1 (")


def test_a_reader_that_is_gone_stops_no_work(lines, monkeypatch):
    class Gone:
        def write(self, text):
            raise OSError

    monkeypatch.setattr(module.sys, "stderr", Gone())
    lines._write()


@pytest.mark.parametrize("ticks", [0, 2, 3, 4])
def test_a_bar_never_passes_its_end(ticks, monkeypatch):
    monkeypatch.setattr(module, "_in_a_notebook", lambda: True)
    seen = []

    class Bar:
        def __init__(self, **given):
            self.n, self.total = 0, given["total"]
            seen.append(given)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            seen.append(self.n)

        def set_description_str(self, text, refresh):
            seen.append((text, refresh))

        def update(self, by):
            self.n += by

    monkeypatch.setattr("tqdm.tqdm", Bar)
    with module.progress("town", 3) as tick:
        # What runs within a bar shows none.
        with module.progress("inner", 9) as inner:
            inner("silent")
        for n in range(ticks):
            tick("part" if n else "")
    given, *said, n = seen
    assert (given["total"], given["delay"], given["leave"]) == (3, 2.0, False)
    # Each update is drawn, and nothing but an update draws.
    assert (given["mininterval"], given["miniters"]) == (0, 0)
    assert said == [("town", False), *[("town: part", False)] * 3][:ticks]
    assert n == min(ticks, 3)
    assert not module._OPEN


def test_lines_and_bars_are_of_who_is_watched_and_has_parts(monkeypatch):
    made = []

    class Lines:
        def __init__(self, *given):
            made.append(given)

        def tick(self, part):
            made.append(part)

        def close(self):
            made.append("closed")

    monkeypatch.setattr(module, "_ProgressLines", Lines)
    with module.progress("town", 3) as tick:
        tick("not watched")
    with module.in_lines():
        with module.progress("town", 0) as tick:
            tick("no part")
        with module.progress("town", 2) as tick, module.progress("inner", 2) as inner:
            inner("within another")
            tick("one")
    with module.progress("town", 3) as tick:
        tick("not watched any more")
    assert made == [("town", 2), "one", "closed"]
    assert not module._OPEN


def test_what_is_to_be_said_is_said_once_at_the_first_tick():
    said = []
    with module.said_ahead(lambda: said.append("a")), module.said_ahead(lambda: said.append("b")):
        assert said == []
        module.silent("people")
        module.silent("map")
    assert said == ["b", "a"]
    with module.said_ahead(lambda: said.append("c")):
        pass
    module.silent("people")
    assert said == ["b", "a"]


def test_a_caller_with_a_tick_of_its_own_gets_no_bar(monkeypatch):
    opened = []
    monkeypatch.setattr(module, "progress", lambda *given: opened.append(given))

    @module.watched("town", parts=4)
    def made(tick=module.silent):
        return tick

    assert made(tick=print) is print
    assert opened == []


def test_a_notebook_is_a_shell_with_a_kernel(monkeypatch):
    def shell(found):
        ipython = type("IPython", (), {"get_ipython": staticmethod(lambda: found)})
        monkeypatch.setitem(module.sys.modules, "IPython", ipython)
        return module._in_a_notebook()

    monkeypatch.delitem(module.sys.modules, "IPython", raising=False)
    assert not module._in_a_notebook()
    assert not shell(None)
    assert not shell(object())
    assert shell(type("Shell", (), {"kernel": None})())
