"""Whisper tiny encoder, 30 s of audio: `python whisper.py [-o FOLDER]`."""

from __future__ import annotations

import torch
from transformers import WhisperConfig
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from common import (
    count_parameters,
    empty_weights,
    export_torchscript,
    fill_empty,
    output_directory,
    save,
)
from transformers_wrappers import Encoder

MEL_BINS, FRAMES = 80, 3000


def main() -> None:
    folder = output_directory()
    config = WhisperConfig(
        num_mel_bins=MEL_BINS,
        d_model=384,
        encoder_layers=4,
        encoder_attention_heads=6,
        encoder_ffn_dim=1536,
        attn_implementation="eager",
    )
    with empty_weights():
        model = WhisperEncoder(config)
    proto = export_torchscript(
        Encoder(fill_empty(model), ["input_features"], ["last_hidden_state"]),
        (torch.zeros(2, MEL_BINS, FRAMES),),
        inputs=["input_features"],
        outputs=["last_hidden_state"],
        dynamic_axes={"input_features": {0: "batch"}, "last_hidden_state": {0: "batch"}},
    )
    save(proto, folder / "whisper_tiny_encoder.onnx", count_parameters(model))


if __name__ == "__main__":
    main()
