"""Writes a music model's networks where their trainings would, so that only heads are fitted anew.

    python -m training.music.shipped_networks --work DIR [--model FILE]

Afterwards `coarse_training` and `stacked_training` find their weights there, train nothing and only
write the answers that `song_fit` reads.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from safetensors.torch import save_file

from ml.music.song_checkpoint import load_song_model
from training.music.coarse_training import write_weights
from training.music.convert_tagger import CARD
from training.music.song_fit import COARSE, STACKED


def main(arguments: Sequence[str] | None = None) -> None:
    """Write `taggers/` and both picture networks into WORK."""
    parser = argparse.ArgumentParser(prog="python -m training.music.shipped_networks")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--model", type=Path, help="the weights; without it those that ship")
    options = parser.parse_args(arguments)
    checkpoint = load_song_model(options.model)
    (options.work / "taggers").mkdir(parents=True, exist_ok=True)
    for name, tagger in (("MSD", checkpoint.msd), ("MTT", checkpoint.mtt)):
        card = CARD | {"tags": name, "sizes": json.dumps(asdict(tagger.sizes))}
        save_file(tagger.state_dict(), options.work / "taggers" / f"{name}.safetensors", card)
    for stem, network in ((COARSE, checkpoint.coarse), (STACKED, checkpoint.stacked)):
        write_weights(options.work / f"{stem}.safetensors", network, {"from": checkpoint.name})


if __name__ == "__main__":
    main()
