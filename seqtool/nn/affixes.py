"""A word's vector as a sum of looked-up rows: of its beginnings, its endings and its shape, hashed into one table.

The features are those of linear taggers (Ratnaparkhi 1996), the hashing as in Weinberger 2009.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding_bag

from seqtool.data.affixes import FEATURES, LONGEST, RUN_FACTORS, RUNS, folded, kinds
from seqtool.data.grams import FACTOR, PRIME


class Affixes(nn.Module):
    """Makes vectors [W,D] of words by their characters.

    alphabet: the character of each id, the first two are PAD and the unknown one. buckets: rows of the table.
    """

    folded: Tensor
    kinds: Tensor
    run_factors: Tensor

    def __init__(self, alphabet: Sequence[str], buckets: int, size: int) -> None:
        super().__init__()
        self.buckets, self.size = buckets, size
        self.table = nn.Embedding(buckets, size)
        # a word sums nine rows
        nn.init.normal_(self.table.weight, std=FEATURES**-0.5)
        # they follow from the alphabet, so that no checkpoint needs them
        for name, ids in (("folded", folded(alphabet)), ("kinds", kinds(alphabet)), ("run_factors", RUN_FACTORS)):
            self.register_buffer(name, torch.from_numpy(ids), persistent=False)

    def grown(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the table from a smaller one: the hash of a feature by the smaller size leads to its old row."""
        table = weights["table.weight"]
        return {"table.weight": table[torch.arange(self.buckets) % len(table)]}

    def forward(self, characters: Tensor, lengths: Tensor) -> Tensor:
        """Return the vectors [W,D] of characters [W,M], PAD behind each word, with `lengths` [W]."""
        return embedding_bag(self.features(characters, lengths.to(characters.device)), self.table.weight, mode="sum")

    def features(self, characters: Tensor, lengths: Tensor) -> Tensor:
        """Return the rows [W,9] of the table that words sum."""
        plain = self.folded[characters]
        # a word shorter than an affix is that affix, with PAD in the missing places
        plain = nn.functional.pad(plain, (0, max(0, LONGEST - plain.shape[1])))
        steps = torch.arange(LONGEST, device=characters.device)
        places = lengths[:, None] - 1 - steps
        endings = plain.gather(1, places.clamp(min=0)).masked_fill(places < 0, 0)
        codes = [*_codes(plain), *_codes(endings), self._shape(characters)]
        salted = [(code * FACTOR + salt) % PRIME % self.buckets for salt, code in enumerate(codes, start=1)]
        return torch.stack(salted, dim=1)

    def _shape(self, characters: Tensor) -> Tensor:
        """Return the numbers [W] of the shapes of words: the kinds of their characters, runs of one kind as one."""
        kinds = self.kinds[characters]
        new = nn.functional.pad(kinds[:, 1:] != kinds[:, :-1], (1, 0), value=True)
        run = new.long().cumsum(dim=1) - 1
        factors = self.run_factors[run.clamp(max=RUNS - 1)]
        return (kinds * factors * (new & (run < RUNS))).sum(dim=1) % PRIME


def _codes(characters: Tensor) -> list[Tensor]:
    """Return the numbers [W] of the first 1, 2, 3 and 4 characters [W,M]."""
    code, codes = torch.zeros_like(characters[:, 0]), []
    for place in range(LONGEST):
        code = (code * FACTOR + characters[:, place]) % PRIME
        codes.append(code)
    return codes
