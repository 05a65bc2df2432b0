"""Named random streams: what they are spawned by."""

import hashlib

import numpy as np
import pytest

from privaudit.core import reproducible as module


def test_a_stream_is_spawned_by_eight_bytes_of_each_name():
    """Two words of 32 bits a name, of a hash of its type and its text; from seed 0 on."""
    key = tuple(
        int(word)
        for name in ("str:a", "int:3")
        for word in np.frombuffer(hashlib.blake2b(name.encode(), digest_size=8).digest(), "<u4")
    )
    for seed in (0, 7):
        sequence = np.random.SeedSequence(seed, spawn_key=key)
        expected = np.random.Generator(np.random.PCG64(sequence)).integers(0, 2**60, 4)
        assert module.stream(seed, "a", 3).integers(0, 2**60, 4).tolist() == expected.tolist()
    with pytest.raises(ValueError, match="seed a whole number, 0 or more"):
        module.stream(-1)
