"""GPT-2 (124M) with past keys and values: `python gpt2.py [-o FOLDER]`."""

from __future__ import annotations

import torch
from transformers import GPT2Config, GPT2LMHeadModel

from common import (
    count_parameters,
    empty_weights,
    export_torchscript,
    fill_empty,
    output_directory,
    save,
)
from transformers_wrappers import decoder_inputs, decoder_signature, decoder_with_past


def main() -> None:
    folder = output_directory()
    config = GPT2Config(attn_implementation="eager")
    with empty_weights():
        model = GPT2LMHeadModel(config)
    inputs, outputs, axes = decoder_signature(config.n_layer)
    head_dim = config.n_embd // config.n_head
    proto = export_torchscript(
        decoder_with_past(fill_empty(model)),
        decoder_inputs(config.n_layer, config.n_head, head_dim, torch.float32),
        inputs=inputs,
        outputs=outputs,
        dynamic_axes=axes,
        fold=False,  # folding would store the tied embedding a second time, transposed
    )
    save(proto, folder / "gpt2.onnx", count_parameters(model))


if __name__ == "__main__":
    main()
