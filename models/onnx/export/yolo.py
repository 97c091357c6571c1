"""A YOLO-style detector (small size, 80 classes, decoded heads): `python yolo.py [-o FOLDER]`.

Written here from the published description: CSP blocks with two convolutions (C2f), spatial pyramid
pooling, a top-down and a bottom-up path, and a decoupled head that predicts a distribution of each
box side, decoded to pixels in the graph.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from common import (
    count_parameters,
    empty_weights,
    export_torchscript,
    fill_empty,
    output_directory,
    save,
)

CLASSES = 80
BINS = 16
STRIDES = (8, 16, 32)
WIDTHS = (32, 64, 128, 256, 512)
DEPTHS = (1, 2, 2, 1)
IMAGE = (2, 3, 224, 256)


class ConvUnit(nn.Module):
    def __init__(self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(outputs)
        self.act = nn.SiLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.bn(self.conv(x)))


class Bottleneck(nn.Module):
    def __init__(self, width: int, shortcut: bool):
        super().__init__()
        self.cv1 = ConvUnit(width, width, 3)
        self.cv2 = ConvUnit(width, width, 3)
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        y = self.cv2(self.cv1(x))
        return x + y if self.shortcut else y


class C2f(nn.Module):
    def __init__(self, inputs: int, outputs: int, depth: int = 1, shortcut: bool = False):
        super().__init__()
        self.hidden = outputs // 2
        self.cv1 = ConvUnit(inputs, 2 * self.hidden)
        self.cv2 = ConvUnit((2 + depth) * self.hidden, outputs)
        self.m = nn.ModuleList(Bottleneck(self.hidden, shortcut) for _ in range(depth))

    def forward(self, x: Tensor) -> Tensor:
        parts = list(self.cv1(x).split((self.hidden, self.hidden), 1))
        for block in self.m:
            parts.append(block(parts[-1]))
        return self.cv2(torch.cat(parts, 1))


class SPPF(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.cv1 = ConvUnit(width, width // 2)
        self.cv2 = ConvUnit(width * 2, width)
        self.pool = nn.MaxPool2d(5, 1, 2)

    def forward(self, x: Tensor) -> Tensor:
        parts = [self.cv1(x)]
        for _ in range(3):
            parts.append(self.pool(parts[-1]))
        return self.cv2(torch.cat(parts, 1))


class Head(nn.Module):
    def __init__(self, widths: tuple[int, ...]):
        super().__init__()
        box, cls = max(16, widths[0] // 4, 4 * BINS), max(widths[0], CLASSES)
        self.box = nn.ModuleList(self._branch(width, box, 4 * BINS) for width in widths)
        self.cls = nn.ModuleList(self._branch(width, cls, CLASSES) for width in widths)
        self.register_buffer("bins", torch.arange(BINS, dtype=torch.float32), persistent=False)

    @staticmethod
    def _branch(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
        return nn.Sequential(
            ConvUnit(inputs, hidden, 3), ConvUnit(hidden, hidden, 3), nn.Conv2d(hidden, outputs, 1)
        )

    def _decode(self, feature: Tensor, level: int) -> Tensor:
        batch, _, height, width = feature.shape
        sides = self.box[level](feature).reshape(batch, 4, BINS, height * width)
        sides = torch.einsum("bskn,k->bsn", sides.softmax(2), self.bins)
        y = torch.arange(height, device=feature.device, dtype=feature.dtype) + 0.5
        x = torch.arange(width, device=feature.device, dtype=feature.dtype) + 0.5
        grid_y, grid_x = torch.meshgrid(y, x, indexing="ij")
        centres = torch.stack((grid_x, grid_y)).reshape(1, 2, height * width)
        low, high = centres - sides[:, :2], centres + sides[:, 2:]
        boxes = torch.cat(((low + high) / 2, high - low), 1) * STRIDES[level]
        scores = self.cls[level](feature).reshape(batch, CLASSES, height * width).sigmoid()
        return torch.cat((boxes, scores), 1)

    def forward(self, features: list[Tensor]) -> Tensor:
        return torch.cat([self._decode(feature, i) for i, feature in enumerate(features)], 2)


class Yolo(nn.Module):
    def __init__(self):
        super().__init__()
        w, d = WIDTHS, DEPTHS
        self.stem = nn.Sequential(
            ConvUnit(3, w[0], 3, 2), ConvUnit(w[0], w[1], 3, 2), C2f(w[1], w[1], d[0], True)
        )
        self.stage3 = nn.Sequential(ConvUnit(w[1], w[2], 3, 2), C2f(w[2], w[2], d[1], True))
        self.stage4 = nn.Sequential(ConvUnit(w[2], w[3], 3, 2), C2f(w[3], w[3], d[2], True))
        self.stage5 = nn.Sequential(
            ConvUnit(w[3], w[4], 3, 2), C2f(w[4], w[4], d[3], True), SPPF(w[4])
        )
        self.up = nn.Upsample(scale_factor=2.0, mode="nearest")
        self.top4 = C2f(w[4] + w[3], w[3])
        self.top3 = C2f(w[3] + w[2], w[2])
        self.down3 = ConvUnit(w[2], w[2], 3, 2)
        self.out4 = C2f(w[3] + w[2], w[3])
        self.down4 = ConvUnit(w[3], w[3], 3, 2)
        self.out5 = C2f(w[4] + w[3], w[4])
        self.head = Head(w[2:])

    def forward(self, images: Tensor) -> Tensor:
        p3 = self.stage3(self.stem(images))
        p4 = self.stage4(p3)
        p5 = self.stage5(p4)
        t4 = self.top4(torch.cat((self.up(p5), p4), 1))
        t3 = self.top3(torch.cat((self.up(t4), p3), 1))
        o4 = self.out4(torch.cat((self.down3(t3), t4), 1))
        o5 = self.out5(torch.cat((self.down4(o4), p5), 1))
        return self.head([t3, o4, o5])


def main() -> None:
    folder = output_directory()
    with empty_weights():
        model = Yolo()
    proto = export_torchscript(
        fill_empty(model),
        (torch.zeros(IMAGE),),
        inputs=["images"],
        outputs=["detections"],
        dynamic_axes={
            "images": {0: "batch", 2: "height", 3: "width"},
            "detections": {0: "batch", 2: "anchors"},
        },
        fold=False,
    )
    save(proto, folder / "yolo_s.onnx", count_parameters(model))


if __name__ == "__main__":
    main()
