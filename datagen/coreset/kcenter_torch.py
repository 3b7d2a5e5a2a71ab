"""KCenterGreedy on a GPU: memory there is fast enough for one pass over all vectors a pick, so the loop stays plain."""

from typing import Any

import numpy as np

from datagen.coreset.selection import Selection, Vectors, check_size


def torch_kcenter(vectors: Vectors, size: int, first: int, device: str = "cuda") -> Selection:
    """The textbook's picks by torch: float32 products find which distances may change, float64 decides them.

    The float64 sums may differ from numpy's in their last bit; picks agree unless two distances do to 15 digits.
    """
    import torch

    check_size(len(vectors), size)
    points: Any = torch.as_tensor(vectors, device=device)
    centred: Any = (points - points.mean(dim=0, dtype=torch.float64)).float()
    norms: Any = centred.square().sum(dim=1)
    unit = torch.finfo(torch.float32).eps / 2
    # TF32 is off by default for products; if someone turns it on, the bound would not hold.
    torch.backends.cuda.matmul.allow_tf32 = False
    slack = 4 * (points.shape[1] + 8) * unit * float(norms.max())
    nearest: Any = torch.full((len(points),), torch.inf, dtype=torch.float64, device=device)
    picks: list[int] = []
    squares: list[float] = []
    pick = first
    while len(picks) < size and float(nearest[pick]) > 0:
        picks.append(pick)
        squares.append(float(nearest[pick]))
        rough = norms + (norms[pick] - 2 * (centred @ centred[pick]))
        nearer: Any = torch.nonzero(rough <= nearest + slack).flatten()
        for some in nearer.split(65_536):
            exact = (points[some].double() - points[pick].double()).square().sum(dim=1)
            nearest[some] = torch.minimum(nearest[some], exact)
        # argmax leaves open which of several equal points it returns; the textbook takes the first
        pick = int((nearest == nearest.max()).nonzero()[0])
    return Selection(np.array(picks), np.sqrt(np.array(squares)), float(nearest.max().sqrt()))
