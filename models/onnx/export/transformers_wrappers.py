"""Modules that give `transformers` models plain tensor inputs and outputs."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer


class Encoder(torch.nn.Module):
    """An encoder called with positional tensors, named in `inputs`."""

    def __init__(self, model: torch.nn.Module, inputs: Sequence[str], outputs: Sequence[str]):
        super().__init__()
        self.model = model
        self.inputs = tuple(inputs)
        self.outputs = tuple(outputs)

    def forward(self, *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        result = self.model(**dict(zip(self.inputs, tensors, strict=True)))
        return tuple(result[name] for name in self.outputs)


def cache_of(past: Sequence[torch.Tensor]) -> DynamicCache:
    """A cache that holds the given keys and values themselves, not copies of them."""
    cache = DynamicCache()
    for key, value in zip(past[0::2], past[1::2], strict=True):
        layer = DynamicLayer()
        layer.lazy_initialization(key, value)
        layer.keys, layer.values = key, value
        cache.layers.append(layer)
    return cache


def decoder_with_past(model: torch.nn.Module) -> torch.nn.Module:
    """One step of a causal decoder: ids, mask, positions and past in; logits and present out.

    The forward method is replaced on the model itself, so that scopes in the graph start at its own
    modules (`/model/layers.0/...`), as in the exports that people share.
    """
    original = model.forward

    def forward(input_ids, attention_mask, position_ids, *past):
        result = original(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=cache_of(past),
            use_cache=True,
        )
        layers = result.past_key_values.layers
        present = [tensor for layer in layers for tensor in (layer.keys, layer.values)]
        return (result.logits, *present)

    model.forward = forward
    return model


def decoder_signature(layers: int) -> tuple[list[str], list[str], dict[str, dict[int, str]]]:
    """Names of the inputs and outputs of `decoder_with_past`, and their dynamic axes."""
    past, present = {0: "batch", 2: "past"}, {0: "batch", 2: "past+sequence"}
    inputs = ["input_ids", "attention_mask", "position_ids"]
    outputs = ["logits"]
    axes = {
        "input_ids": {0: "batch", 1: "sequence"},
        "attention_mask": {0: "batch", 1: "past+sequence"},
        "position_ids": {0: "batch", 1: "sequence"},
        "logits": {0: "batch", 1: "sequence"},
    }
    for layer in range(layers):
        for kind in ("key", "value"):
            inputs.append(f"past_key_values.{layer}.{kind}")
            outputs.append(f"present.{layer}.{kind}")
            axes[inputs[-1]] = past
            axes[outputs[-1]] = present
    return inputs, outputs, axes


def decoder_inputs(
    layers: int, heads: int, head_dim: int, dtype: torch.dtype, *, batch=2, sequence=3, past=5
) -> tuple[torch.Tensor, ...]:
    """Example inputs of `decoder_with_past`."""
    ids = torch.ones(batch, sequence, dtype=torch.int64)
    mask = torch.ones(batch, past + sequence, dtype=torch.int64)
    positions = torch.arange(past, past + sequence).expand(batch, sequence).contiguous()
    state = [torch.zeros(batch, heads, past, head_dim, dtype=dtype) for _ in range(2 * layers)]
    return (ids, mask, positions, *state)
