"""A run that is asked to end: the second request, what is ignored, another thread."""

import signal
import threading

import pytest

from privaudit.cli import exit_status_and_signals as module


def test_a_second_request_within_five_seconds_is_the_first_one(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    before = signal.getsignal(signal.SIGTERM)
    with module.stopped_when_asked():
        asked = signal.getsignal(signal.SIGTERM)
        with pytest.raises(module.Stopped) as caught:
            asked(15, None)
        # As a shell reports a process that a signal ended.
        assert caught.value.status == 143
        for second, heard in ((0.0, False), (4.9, False), (5.0, True), (9.9, False), (10.0, True)):
            now[0] = second
            if heard:
                with pytest.raises(module.Stopped):
                    asked(15, None)
            else:
                asked(15, None)
    assert signal.getsignal(signal.SIGTERM) is before


def test_what_is_ignored_stays_ignored_and_another_thread_hears_nothing():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with module.stopped_when_asked():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    found = []

    def elsewhere():
        with module.stopped_when_asked():
            found.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert found == [signal.getsignal(signal.SIGTERM)]
