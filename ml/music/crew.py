"""Work on a batch's rows in threads that keep to one core each.

Torch's own threads wait for one another after every operation, a hundred times a song. Where
anything else runs beside them, a decoding child or a lesson, each such wait lasts until the system
comes round to the last of them, and a song took ten times as long. These meet three times a song.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

import torch
from torch import Tensor

from ml.one_core import keep_to_one_core

Asked = ParamSpec("Asked")
Found = TypeVar("Found")

FEWEST_ROWS = 8  # for less it is not worth to share


class Crew:
    """As many threads as torch has here; all they do is inference."""

    def __init__(self, size: int | None = None) -> None:
        """Have threads start as there is work for them.

        Args:
            size: how many; as many as torch uses in this thread if left out.
        """
        self._size = size or torch.get_num_threads()
        self._pool = ThreadPoolExecutor(
            self._size, thread_name_prefix="ear", initializer=keep_to_one_core
        )

    def begin(
        self, work: Callable[Asked, Found], *args: Asked.args, **named: Asked.kwargs
    ) -> Future[Found]:
        """Have one thread do some work."""
        return self._pool.submit(torch.inference_mode()(work), *args, **named)

    def share(
        self, work: Callable[[Tensor], tuple[Tensor, Tensor]], rows: Tensor
    ) -> list[Future[tuple[Tensor, Tensor]]]:
        """Have all threads work on the rows; `joined` gives what they found."""
        parts = rows.tensor_split(max(1, min(self._size, len(rows) // FEWEST_ROWS)))
        return [self.begin(work, part) for part in parts]

    def joined(self, shares: Iterable[Future[tuple[Tensor, Tensor]]]) -> tuple[Tensor, Tensor]:
        """Wait for shares, and put their rows together again."""
        ones, others = zip(*(share.result() for share in shares), strict=True)
        return self.begin(torch.cat, ones).result(), self.begin(torch.cat, others).result()
