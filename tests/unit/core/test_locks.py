"""Who holds a file or a folder: where a system has no such lock, nobody does."""

import os

from privaudit.core import files


def test_a_folder_is_held_by_whoever_has_it_open(tmp_path):
    descriptor = os.open(tmp_path, os.O_RDONLY)
    assert files.hold(descriptor)
    assert files.is_held(tmp_path)
    os.close(descriptor)
    assert not files.is_held(tmp_path)


def test_where_a_system_has_no_lock_nobody_holds_anything(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "fcntl", None)
    assert not files.is_held(tmp_path)
