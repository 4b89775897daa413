"""Stacks of recurrent layers against PyTorch's own, and residual connections written out."""

import pytest
import torch
from torch import nn

from seqtool.nn.stack import Stack


def same_weights(stack, whole):
    """Copy the weights of a stack into one PyTorch layer of as many layers."""
    for number, layer in enumerate(stack.layers):
        for name, weights in layer.rnn.named_parameters():
            getattr(whole, name.replace("_l0", f"_l{number}")).data.copy_(weights)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_stack_is_pytorchs_layers_rows_alone_or_padded(cell, bidirectional):
    torch.manual_seed(0)
    stack = Stack(cell, 3, 4, 3, bidirectional=bidirectional).eval()
    whole = {"lstm": nn.LSTM, "gru": nn.GRU}[cell](3, 4, 3, batch_first=True, bidirectional=bidirectional)
    same_weights(stack, whole)
    lengths = torch.tensor([5, 1, 3])
    x = torch.randn(3, 5, 3)
    places = 3 * stack.directions
    state = tuple(torch.randn(places, 3, 4) for _ in range(2 if cell == "lstm" else 1))
    y, after = stack(x, state, lengths)
    for row, length in enumerate(lengths.tolist()):
        before = tuple(tensor[:, row : row + 1] for tensor in state)
        alone, last = whole(x[row : row + 1, :length], before if cell == "lstm" else before[0])
        torch.testing.assert_close(y[row, :length], alone[0])
        assert not y[row, length:].any()
        for one, other in zip(after, last if cell == "lstm" else (last,), strict=True):
            torch.testing.assert_close(one[:, row], other[:, 0])


def test_a_residual_layer_adds_its_input_where_it_is_as_wide():
    torch.manual_seed(0)
    x = torch.randn(2, 5, 3)
    stack = Stack("gru", 3, 4, 2, residual=True).eval()
    first = stack.layers[0](x)[0]  # 3 in, 4 out: nothing to add
    torch.testing.assert_close(stack(x)[0], stack.layers[1](first)[0] + first)
    narrow = Stack("gru", 3, 3, 1, residual=True).eval()
    torch.testing.assert_close(narrow(x)[0], narrow.layers[0](x)[0] + x)
