"""The suite's own guard works: an internet socket cannot be used while it runs."""

import socket

import pytest


def test_a_connection_is_refused():
    with socket.socket() as tried, pytest.raises(AssertionError, match="internet socket"):
        tried.connect(("127.0.0.1", 9))


def test_a_look_up_is_refused():
    with pytest.raises(AssertionError, match="looked up"):
        socket.create_connection(("example.invalid", 80))


@pytest.mark.spark
def test_what_speaks_to_java_reaches_this_machine_only():
    with socket.socket() as listening, socket.socket() as tried:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        tried.connect(listening.getsockname())
        with pytest.raises(AssertionError, match="internet socket"):
            tried.connect(("192.0.2.1", 9))
        with pytest.raises(AssertionError, match="looked up"):
            socket.create_connection(("example.invalid", 80))
