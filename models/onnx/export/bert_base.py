"""BERT-base (uncased) encoder with pooler: `python bert_base.py [-o FOLDER]`."""

from __future__ import annotations

import torch
from transformers import BertConfig, BertModel

from common import (
    count_parameters,
    empty_weights,
    export_torchscript,
    fill_empty,
    output_directory,
    save,
)
from transformers_wrappers import Encoder

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
OUTPUTS = ("last_hidden_state", "pooler_output")


def main() -> None:
    folder = output_directory()
    with empty_weights():
        model = BertModel(BertConfig(attn_implementation="eager"))
    tokens = {0: "batch", 1: "sequence"}
    proto = export_torchscript(
        Encoder(fill_empty(model), INPUTS, OUTPUTS),
        tuple(torch.ones(2, 7, dtype=torch.int64) for _ in INPUTS),
        inputs=INPUTS,
        outputs=OUTPUTS,
        dynamic_axes={
            **dict.fromkeys(INPUTS, tokens),
            "last_hidden_state": tokens,
            "pooler_output": {0: "batch"},
        },
    )
    save(proto, folder / "bert_base.onnx", count_parameters(model))


if __name__ == "__main__":
    main()
