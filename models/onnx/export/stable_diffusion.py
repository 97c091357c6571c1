"""Stable Diffusion 1.5 U-Net in fp16, 64x64 latents: `python stable_diffusion.py [-o FOLDER]`."""

from __future__ import annotations

import torch
from diffusers import UNet2DConditionModel

from common import (
    count_parameters,
    empty_weights,
    export_torchscript,
    fill_empty,
    fix_dims,
    output_directory,
    save,
    share_constants,
)

PARAMETERS = 859_520_964
DTYPE = torch.float16
LATENT = 64
TRACED_LATENT = 16  # the trace runs the model once; its height and width are symbolic
TOKENS, TEXT_WIDTH = 77, 768


def take_tensors(model: UNet2DConditionModel) -> UNet2DConditionModel:
    """Make the model itself take and return plain tensors, so that scopes start at its modules."""
    original = model.forward

    def forward(sample, timestep, encoder_hidden_states):
        return original(sample, timestep, encoder_hidden_states, return_dict=False)[0]

    model.forward = forward
    return model


def main() -> None:
    folder = output_directory()
    with empty_weights():
        model = UNet2DConditionModel(sample_size=LATENT, cross_attention_dim=TEXT_WIDTH)
    fill_empty(model, DTYPE)
    if count_parameters(model) != PARAMETERS:
        raise ValueError(f"the model has {count_parameters(model)} parameters")
    image = {0: "batch", 2: "height", 3: "width"}
    proto = export_torchscript(
        take_tensors(model),
        (
            torch.zeros(2, 4, TRACED_LATENT, TRACED_LATENT, dtype=DTYPE),
            torch.ones(2, dtype=torch.int64),
            torch.zeros(2, TOKENS, TEXT_WIDTH, dtype=DTYPE),
        ),
        inputs=("sample", "timestep", "encoder_hidden_states"),
        outputs=("out_sample",),
        dynamic_axes={
            "sample": image,
            "timestep": {0: "batch"},
            "encoder_hidden_states": {0: "batch"},
            "out_sample": image,
        },
    )
    fix_dims(proto, {"height": LATENT, "width": LATENT})
    save(share_constants(proto), folder / "sd15_unet.onnx", PARAMETERS)


if __name__ == "__main__":
    main()
