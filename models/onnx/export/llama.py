"""Llama decoders with past keys and values: `python llama.py [-o FOLDER]`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from common import (
    count_parameters,
    empty_weights,
    export_torchscript,
    fill_empty,
    output_directory,
    save,
    share_constants,
)
from transformers_wrappers import decoder_inputs, decoder_signature, decoder_with_past


@dataclass(frozen=True)
class Decoder:
    config: LlamaConfig
    dtype: torch.dtype
    parameters: int  # as published


def llama2(**sizes: int) -> LlamaConfig:
    return LlamaConfig(vocab_size=32000, max_position_embeddings=4096, rms_norm_eps=1e-5, **sizes)


DECODERS = {
    "llama2_7b": Decoder(
        llama2(
            hidden_size=4096,
            intermediate_size=11008,
            num_hidden_layers=32,
            num_attention_heads=32,
            num_key_value_heads=32,
        ),
        torch.float16,
        6_738_415_616,
    ),
    "llama2_13b": Decoder(
        llama2(
            hidden_size=5120,
            intermediate_size=13824,
            num_hidden_layers=40,
            num_attention_heads=40,
            num_key_value_heads=40,
        ),
        torch.float16,
        13_015_864_320,
    ),
    "llama3_8b": Decoder(
        LlamaConfig(
            vocab_size=128256,
            hidden_size=4096,
            intermediate_size=14336,
            num_hidden_layers=32,
            num_attention_heads=32,
            num_key_value_heads=8,
            max_position_embeddings=8192,
            rms_norm_eps=1e-5,
            rope_parameters={"rope_type": "default", "rope_theta": 500000.0},
        ),
        torch.bfloat16,
        8_030_261_248,
    ),
}


def export(decoder: Decoder, path: Path) -> None:
    config = decoder.config
    config._attn_implementation = "eager"
    with empty_weights():
        model = LlamaForCausalLM(config)
    fill_empty(model, decoder.dtype)
    if count_parameters(model) != decoder.parameters:
        raise ValueError(f"{path.name}: the model has {count_parameters(model)} parameters")
    layers, heads = config.num_hidden_layers, config.num_key_value_heads
    inputs, outputs, axes = decoder_signature(layers)
    proto = export_torchscript(
        decoder_with_past(model),
        decoder_inputs(
            layers, heads, config.hidden_size // config.num_attention_heads, decoder.dtype
        ),
        inputs=inputs,
        outputs=outputs,
        dynamic_axes=axes,
    )
    save(share_constants(proto), path, decoder.parameters)


def main() -> None:
    folder = output_directory()
    for name, decoder in DECODERS.items():
        export(decoder, folder / f"{name}.onnx")


if __name__ == "__main__":
    main()
