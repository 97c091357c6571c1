"""Image classifiers from torchvision: `python torchvision_models.py [-o FOLDER]`."""

from __future__ import annotations

import torch
import torchvision

from common import (
    count_parameters,
    empty_weights,
    export_torchscript,
    fill_empty,
    output_directory,
    save,
)

# Unfolded (False): batch norms stay apart from convolutions; parameters are the published ones.
CLASSIFIERS = {
    "resnet50": False,
    "mobilenet_v2": False,
    "efficientnet_b0": False,
    "vit_b_16": True,
}
IMAGE = (2, 3, 224, 224)


def main() -> None:
    folder = output_directory()
    for name, fold in CLASSIFIERS.items():
        with empty_weights():
            model = torchvision.models.get_model(name)
        proto = export_torchscript(
            fill_empty(model),
            (torch.zeros(IMAGE),),
            inputs=["input"],
            outputs=["logits"],
            dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}},
            fold=fold,
        )
        save(proto, folder / f"{name}.onnx", count_parameters(model))


if __name__ == "__main__":
    main()
