import torch

from ml.music.tagger import Tagger, TaggerSizes
from training.music.convert_tagger import pruned

SIZES = TaggerSizes(timbral=(6, 4), temporal=(3, 3, 4))


def tagger_with_empty_filters() -> Tagger:
    """Make a small tagger of which some filters answer the same to everything."""
    torch.manual_seed(0)
    tagger = Tagger(SIZES).eval()
    weights = tagger.state_dict()  # the tagger's own tensors
    for name, values in weights.items():
        front = name.startswith(("timbral", "temporal"))
        if name.startswith(("timbral", "pool_norm")) and name.endswith(
            ("norm.running_mean", "norm.weight", "norm.bias")
        ):
            values.normal_()
        elif front and name.endswith("conv.weight"):
            values *= 10  # so that those with weights answer differently to each song
    weights["middle.0.conv.weight"][..., -1] = 0  # nothing has been left out yet
    weights["timbral.0.conv.weight"][[0, 3]] = 0
    weights["timbral.1.conv.weight"][[1]] = 0
    weights["temporal.2.conv.weight"][1:] = 0
    return tagger


def test_leaving_out_empty_filters_changes_no_answer() -> None:
    tagger, patches = tagger_with_empty_filters(), 3 * torch.rand(40, 187, 96)
    small = pruned(tagger, patches)
    assert small.sizes.timbral[0] <= 4
    assert small.sizes.timbral[1] <= 3
    assert small.sizes.temporal[2] <= 1
    new = 3 * torch.rand(2, 150, 96)
    assert torch.allclose(small(new).tags, tagger(new).tags, atol=1e-3)
    assert torch.allclose(small(new).embedding, tagger(new).embedding, atol=1e-3)
