"""Train portraits: `python -m ml.finetuning.train_portraits --pictures DIR --out FILE`.

With `--events` it writes one JSON object a line: `progress`, then `done`, `stopped` or `failed`.
"""

from __future__ import annotations

import argparse
import logging
import math
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch

from ml.avatar.checkpoint import PortraitModelError
from ml.finetuning.events import Bar, Lines, Listener
from ml.finetuning.portrait_jobs import TooFew, TrainingConfig, TrainingJob, prepare
from ml.finetuning.time_budget import TimeBudget
from ml.provenance import commit

_LOG = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the pictures, train, and write the weights.

    Returns:
        0 if it was done or stopped on request, 1 if it failed.
    """
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    torch.set_num_threads(options.threads)
    listener: Listener = Lines() if options.events else Bar()
    with listener:
        try:
            job = prepare(_asked(options))
            return _run(job, listener)
        except TooFew as error:
            listener.failed("too_few_pictures", str(error))
        except PortraitModelError as error:
            listener.failed("bad_base", str(error))
        except OSError as error:
            listener.failed("unreadable", str(error))
        except FloatingPointError as error:
            listener.failed("diverged", str(error))
        return 1


def _run(job: TrainingJob, listener: Listener) -> int:
    """Run a job until it is done, or until someone asks this process to end."""
    asked_to_end: list[int] = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, frame: asked_to_end.append(number))
    for state in job.steps():
        if not all(math.isfinite(loss) for loss in state.losses.values()):
            raise FloatingPointError(f"at step {state.step} the loss is no number any more")
        listener.progress(state)
        if asked_to_end:
            job.save()
            listener.stopped(job.resume)
            return 0
    figures = job.finish()
    listener.done(job.out, figures)
    return 0


def _asked(options: argparse.Namespace) -> TrainingConfig:
    return TrainingConfig(
        pictures=options.pictures,
        recipe=options.recipe,
        out=options.out,
        allowed=TimeBudget(
            math.inf if options.minutes is None else 60 * options.minutes,
            time.process_time if options.processor_time else time.monotonic,
        ),
        base=options.base,
        resume=options.resume,
        seed=options.seed,
        side=options.side,
        steps=options.steps,
        device=options.device,
        name=options.name,
        commit=commit(),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ml.finetuning.train_portraits", description=__doc__
    )
    parser.add_argument("--pictures", type=Path, required=True, help="a folder of square crops")
    parser.add_argument("--recipe", choices=["default", "lesson", "seed"], default="default")
    parser.add_argument("--out", type=Path, required=True, help="the weights to write")
    parser.add_argument("--minutes", type=float, help="end after so long; fewer steps are done")
    parser.add_argument(
        "--processor-time", action="store_true", help="count the minutes of the processor instead"
    )
    parser.add_argument("--base", type=Path, help="go on from these weights; lesson: the shipped")
    parser.add_argument("--resume", action="store_true", help="go on where it was interrupted")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--events", action="store_true", help="JSON lines instead of a bar")
    parser.add_argument("--side", type=int, help="px of portraits; by the pictures, 256 or 512")
    parser.add_argument("--steps", type=int, help="instead of the recipe's own number")
    parser.add_argument("--name", default="portraits", help="what the model is called")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    return parser


if __name__ == "__main__":
    sys.exit(main())
