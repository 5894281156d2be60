"""What crosses to a worker and back is what was sent, and damage is told as such."""

import contextlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from bot.errors import FileGoneError, PortraitError, TooBusyError
from bot.workers.wire import (
    MessageError,
    error_facts,
    pack,
    read_error,
    read_explanation,
    read_hearing,
    unpack,
)
from ml.audio.errors import AudioError
from tests.helpers.errors import example, member_errors

CROSS = [e for e in member_errors() if issubclass(e, (AudioError, PortraitError, TooBusyError))]
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner),
    max_leaves=20,
)  # fmt: skip


@given(PLAIN)
def test_plain_values_come_back_as_they_were(value: Any) -> None:
    assert unpack(pack(value)) == value


@pytest.mark.parametrize("kind", ["uint8", "float16", "float32", "float64", "int64"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 4), (2, 3, 4)])
def test_arrays_keep_type_shape_and_every_bit(kind: str, shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).integers(0, 200, shape).astype(kind)
    found = unpack(pack({"first": [array], "second": b"bytes"}))
    assert found["first"][0].dtype == array.dtype
    assert_array_equal(found["first"][0], array)
    assert found["second"].tobytes() == b"bytes"


@given(st.binary(max_size=200))
def test_nonsense_is_a_damaged_message_and_nothing_else(message: bytes) -> None:
    with contextlib.suppress(MessageError):
        unpack(message)


@given(cut=st.integers(0, 70), changed=st.binary(min_size=1, max_size=3))
def test_a_changed_message_is_damaged_or_another_value(cut: int, changed: bytes) -> None:
    message = pack({"vector": np.ones(5, np.float32), "model": "reisen"})
    with contextlib.suppress(MessageError):
        unpack(message[:cut] + changed + message[cut + len(changed) :])


def test_an_array_of_objects_is_refused() -> None:
    message = pack({"$array": ["object", [1]]})
    with pytest.raises(MessageError):
        unpack(message)


@pytest.mark.parametrize("kind", CROSS)
def test_every_error_of_a_song_or_portrait_crosses_with_its_facts(kind: type[Exception]) -> None:
    error = example(kind)
    found = read_error(unpack(pack(error_facts(error))))
    assert type(found) is kind
    assert vars(found) == vars(error)


def test_other_errors_do_not_cross() -> None:
    assert error_facts(FileGoneError()) is None
    assert error_facts(ValueError("a path of the worker's")) is None
    with pytest.raises(MessageError):
        read_error({"code": "file_gone", "facts": {}})


def test_what_is_no_hearing_or_explanation_is_damage() -> None:
    with pytest.raises(MessageError):
        read_hearing({"kind": "music"})
    with pytest.raises(MessageError):
        read_explanation({"parts": {"WINGS": []}})
