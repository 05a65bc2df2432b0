"""The whole suite runs without a network: any connection is an error of the test."""

import socket

import pytest


class NetworkUsed(AssertionError):
    """A test or the library tried to reach the network."""


@pytest.fixture(autouse=True, scope="session")
def closed_network():
    """Close inet sockets for the whole session (local pipes of the test runner stay open)."""
    patch = pytest.MonkeyPatch()

    def refuse(self, *arguments, **options):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            raise NetworkUsed("an internet socket was used")
        return

    def refuse_lookup(*arguments, **options):
        raise NetworkUsed("a host name was looked up")

    for name in ("connect", "connect_ex", "bind", "sendto"):
        patch.setattr(socket.socket, name, refuse)
    patch.setattr(socket, "getaddrinfo", refuse_lookup)
    yield
    patch.undo()
