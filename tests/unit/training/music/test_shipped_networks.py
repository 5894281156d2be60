from pathlib import Path

import torch

from ml.music.song_checkpoint import save_song_model
from tests.unit.ml.music.tiny_song_model import tiny_song_checkpoint
from training.music.coarse_training import load_coarse
from training.music.convert_tagger import load_tagger
from training.music.shipped_networks import main
from training.music.song_fit import COARSE, STACKED
from training.music.stacked_training import load_stacked


def test_the_networks_of_a_model_lie_where_their_trainings_write_them(tmp_path: Path) -> None:
    checkpoint, file = tiny_song_checkpoint(), tmp_path / "model.safetensors"
    save_song_model(checkpoint, file)
    main(["--work", str(tmp_path), "--model", str(file)])
    pictures = torch.rand(2, 106, 24) * -80
    for mine, again in (
        (checkpoint.coarse, load_coarse(tmp_path / f"{COARSE}.safetensors")),
        (checkpoint.stacked, load_stacked(tmp_path / f"{STACKED}.safetensors")),
    ):
        assert torch.equal(mine(pictures)["labels"], again(pictures)["labels"])
    patches = torch.rand(1, 187, 96)
    tagger = load_tagger(tmp_path / "taggers" / "MTT.safetensors")
    assert torch.equal(checkpoint.mtt(patches).tags, tagger(patches).tags)
