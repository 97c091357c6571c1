"""Swin-T from torchvision through the dynamo exporter: `python swin_t.py [-o FOLDER]`."""

from __future__ import annotations

import torch
import torchvision

from common import count_parameters, export_dynamo, output_directory, save

# The exporter's optimiser gathers the position-bias tables (169 rows each) into biases of 49 x 49
# per head, and keeps the blocks that window masks are assembled from.
HEADS = 2 * 3 + 2 * 6 + 6 * 12 + 2 * 24
GATHERED_BIASES = HEADS * (49 * 49 - 169)
MASK_BLOCKS = 4_024


def main() -> None:
    folder = output_directory()
    model = torchvision.models.swin_t().eval()
    for parameter in model.parameters():  # the optimiser would merge equal weights
        torch.nn.init.normal_(parameter)
    proto = export_dynamo(
        model,
        (torch.zeros(2, 3, 224, 224),),
        inputs=["input"],
        outputs=["logits"],
        dynamic_shapes=({0: torch.export.Dim("batch")},),
    )
    expected = count_parameters(model) + GATHERED_BIASES + MASK_BLOCKS
    save(proto, folder / "swin_t.onnx", expected)


if __name__ == "__main__":
    main()
