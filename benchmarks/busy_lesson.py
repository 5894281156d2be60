"""A lesson that never ends: trains convolutions until it is stopped, as a portrait lesson does."""

from __future__ import annotations

import torch
from torch import nn


def main() -> None:
    """Keep one core and a good part of the memory's bandwidth busy."""
    torch.set_num_threads(1)
    network = nn.Sequential(*(nn.Conv2d(64, 64, 3, padding=1) for _ in range(6)))
    optimiser = torch.optim.Adam(network.parameters())
    pictures = torch.randn(8, 64, 64, 64)
    while True:
        optimiser.zero_grad()
        network(pictures).square().mean().backward()
        optimiser.step()


if __name__ == "__main__":
    main()
