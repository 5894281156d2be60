"""Files appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from ml.files import write_atomically


def test_bytes_replace_what_was_there_and_the_folder_is_made(tmp_path: Path) -> None:
    file = tmp_path / "new" / "model.safetensors"
    for content in (b"first", b"second"):
        write_atomically(file, content)
        assert file.read_bytes() == content
    assert list(file.parent.iterdir()) == [file]


def test_a_function_writes_to_the_path_it_is_given(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    write_atomically(file, lambda partial: partial.write_bytes(b"numbers"))
    assert file.read_bytes() == b"numbers"
    assert list(tmp_path.iterdir()) == [file]


def test_what_fails_halfway_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    write_atomically(file, b"old")

    def fail(partial: Path) -> None:
        partial.write_bytes(b"ne")
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_atomically(file, fail)
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]
