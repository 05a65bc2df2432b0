"""Who holds a file or a folder: where a system has no such lock, nobody does."""

import os

from privaudit._core import outputs


def test_a_folder_is_held_by_whoever_has_it_open(tmp_path):
    descriptor = os.open(tmp_path, os.O_RDONLY)
    assert outputs.hold(descriptor)
    assert outputs.is_held(tmp_path)
    os.close(descriptor)
    assert not outputs.is_held(tmp_path)


def test_where_a_system_has_no_lock_nobody_holds_anything(tmp_path, monkeypatch):
    monkeypatch.setattr(outputs, "fcntl", None)
    assert not outputs.is_held(tmp_path)
