"""The suite's own guard works: an internet socket cannot be used while it runs."""

import socket

import pytest


def test_a_connection_is_refused():
    with socket.socket() as tried, pytest.raises(AssertionError, match="internet socket"):
        tried.connect(("127.0.0.1", 9))


def test_a_look_up_is_refused():
    with pytest.raises(AssertionError, match="looked up"):
        socket.create_connection(("example.invalid", 80))
