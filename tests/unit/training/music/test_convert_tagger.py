import torch

from ml.music.tagger import Tagger, TaggerSizes
from training.music.convert_tagger import pruned

SIZES = TaggerSizes(timbral=(6, 4), temporal=(3, 3, 4))


def tagger_with_empty_filters() -> Tagger:
    """Make a small tagger of which some filters answer the same to everything."""
    torch.manual_seed(0)
    tagger = Tagger(SIZES).eval()
    for norm in (*(block.norm for block in tagger.timbral), tagger.pool_norm):
        norm.running_mean.normal_()
        norm.weight.data.normal_()
        norm.bias.data.normal_()
    tagger.middle[0].conv.weight.data[..., -1] = 0  # nothing has been left out yet
    for block in (*tagger.timbral, *tagger.temporal):
        block.conv.weight.data *= 10  # so that those with weights answer differently to each song
    for block, empty in zip(tagger.timbral, ([0, 3], [1]), strict=True):
        block.conv.weight.data[empty] = 0
    tagger.temporal[2].conv.weight.data[1:] = 0
    return tagger


def test_leaving_out_empty_filters_changes_no_answer():
    tagger, patches = tagger_with_empty_filters(), 3 * torch.rand(40, 187, 96)
    small = pruned(tagger, patches)
    assert small.sizes.timbral[0] <= 4
    assert small.sizes.timbral[1] <= 3
    assert small.sizes.temporal[2] <= 1
    new = 3 * torch.rand(2, 150, 96)
    assert torch.allclose(small(new).tags, tagger(new).tags, atol=1e-3)
    assert torch.allclose(small(new).embedding, tagger(new).embedding, atol=1e-3)
