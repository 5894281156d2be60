"""Where the frames of a FLAC file lie: a few are looked up at first, the others from there."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ml.audio.flac_headers import SAME_FORM, SAME_RATE, frame_headers

_LANDMARKS = 64  # frames looked up at first, all over the song
_LEAST_FRAME = 10  # bytes, of silence on one channel
_SHORT_LOOK, _LONG_LOOK = 2**14, 2**18  # bytes searched at a time stay in the processor's cache
_ASTRAY = 1.5  # frames by which a guess from the landmarks may be too late


@dataclass(frozen=True, slots=True)
class Landmarks:
    """A file's first and last frame, some on the way between them, and the end of the file.

    Attributes:
        data: the whole file.
        third: third byte of every frame but the last, which tells its size and rate.
        numbers: of the frames, rising from 0; of the end, how many frames there are.
        offsets: where each begins.
    """

    data: memoryview
    third: int
    numbers: Sequence[int]
    offsets: Sequence[int]

    @classmethod
    def of(cls, data: memoryview, first: int, most: int) -> Landmarks | None:
        """Look them up, the same ones whichever part of the song is wanted.

        Args:
            data: the whole file.
            first: where the first frame begins.
            most: bytes that a frame may have.

        Returns:
            None when one is missing, or what lies between two cannot be their frames.
        """
        if len(data) - first < _LEAST_FRAME:
            return None
        third = data[first + 2]
        marks = [*frame_headers(data, first, first + 1, third, SAME_FORM, 1)]
        if marks != [(first, 0)]:
            return None
        last = _last(data, first, third, most)
        for step in range(1, _LANDMARKS):
            place = max(first + (last[0] - first) * step // _LANDMARKS, marks[-1][0] + 1)
            until = min(place + most, last[0])
            found = next(frame_headers(data, place, until, third, SAME_FORM, _SHORT_LOOK), None)
            if found:
                marks.append(found)
            elif until < last[0]:
                return None
        marks += [last] * (last[0] > first) + [(len(data), last[1] + 1)]
        if not all(
            _LEAST_FRAME * (after - before) <= end - begin <= most * (after - before)
            for (begin, before), (end, after) in pairwise(marks)
        ):
            return None
        offsets, numbers = zip(*marks, strict=True)
        return cls(data, third, numbers, offsets)

    def frames(self, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Find the frames from number `begin` to before `end`, and perhaps one on either side.

        Yields:
            Number of a frame, where it begins, and where the next begins that was found. A frame
            that was not found for certain lies with the one before it.
        """
        places = self._places(begin, end, guessing=True)
        if begin not in places or end not in places:  # guessed wrong, or a number is told twice
            begin, end = max(0, begin - 1), min(end + 1, self.numbers[-1])
            behind = self._behind(end)
            places = {self.numbers[behind]: self.offsets[behind]}
            places |= self._places(begin, end, guessing=False)
        place = -1
        found = []
        for number, at in sorted(places.items()):
            if at > place:
                found.append((number, at))
                place = at
        for (number, at), (_, until) in pairwise(found):
            if number < end:
                yield number, at, until

    def _places(self, begin: int, end: int, *, guessing: bool) -> dict[int, int]:
        """Find where frames from `begin` to `end` begin, but for those whose number is told twice.

        Args:
            begin: number of the first.
            end: number of the last.
            guessing: whether to begin where the first should be, or at the landmark before it.
        """
        first = max(0, bisect_left(self.numbers, begin) - 1)
        start, until = self.offsets[first], self.offsets[self._behind(end)]
        look = _LONG_LOOK
        if guessing:
            passed = self.numbers[first + 1] - self.numbers[first]
            length = (self.offsets[first + 1] - start) / passed
            start += max(0, int((begin - self.numbers[first] - _ASTRAY) * length))
            look = min(look, int((end - begin + 1 + 2 * _ASTRAY) * length))
        places: dict[int, int] = {}
        twice = set()
        for at, number in frame_headers(self.data, start, until, self.third, SAME_FORM, look):
            if guessing and number > begin and begin not in places:
                break
            if number in places:
                twice.add(number)
            elif begin <= number <= end:
                places[number] = at
            if number > end and end in places:  # had it been told twice, it had been by now
                break
        once = {number: at for number, at in places.items() if number not in twice}
        # The last frame may look different, and the end of the file like nothing.
        lasts = zip(self.numbers[-2:], self.offsets[-2:], strict=True)
        return once | {number: at for number, at in lasts if begin <= number <= end}

    def _behind(self, number: int) -> int:
        """Tell the first landmark behind a frame."""
        return min(bisect_right(self.numbers, number), len(self.numbers) - 1)


def _last(data: memoryview, first: int, third: int, most: int) -> tuple[int, int]:
    """Find where the last frame begins, and its number: 0 when there is no other than the first."""
    tail = max(first + 1, len(data) - most)
    headers = frame_headers(data, tail, len(data), third, SAME_RATE, _LONG_LOOK)
    return [(first, 0), *headers][-1]
