"""Shared helpers: export a PyTorch module to ONNX without ever having its weights.

Parameters are built on the meta device and then become zero-stride views of a single zero, so that
a decoder of 13 billion parameters is traced in 1.5 GB. The exported graph carries true dims and
dtypes; every weight is a reference to an external file, `weights.bin`, that does not exist.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import math
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import onnx
import torch
from onnx import TensorProto

WEIGHTS_FILE = "weights.bin"
ALIGNMENT = 64
INLINE_BYTES = 1024
INLINE_INTEGERS = 64
# What an exporter may leave in metadata_props that says where it ran; module scopes are kept.
KEPT_METADATA = ("namespace", "pkg.torch.onnx.name_scopes")

INTEGER_TYPES = frozenset(
    {
        TensorProto.INT8,
        TensorProto.INT16,
        TensorProto.INT32,
        TensorProto.INT64,
        TensorProto.UINT8,
        TensorProto.UINT16,
        TensorProto.UINT32,
        TensorProto.UINT64,
        TensorProto.BOOL,
    }
)
DATA_FIELDS = (
    "raw_data",
    "float_data",
    "double_data",
    "int32_data",
    "int64_data",
    "uint64_data",
    "string_data",
)


@dataclass(frozen=True)
class Weights:
    """What the weights of a graph add up to."""

    parameters: int  # floating-point elements, batch-norm statistics apart
    buffers: int  # batch-norm running mean and variance
    stored_bytes: int


@contextlib.contextmanager
def empty_weights() -> Iterator[None]:
    """Build modules whose parameters are on the meta device and whose buffers are real."""
    register = torch.nn.Module.register_parameter

    def register_meta(module, name, parameter):
        if parameter is not None and not parameter.is_meta:
            meta = parameter.data.to("meta")
            parameter = torch.nn.Parameter(meta, requires_grad=False)
        register(module, name, parameter)

    torch.nn.Module.register_parameter = register_meta
    try:
        yield
    finally:
        torch.nn.Module.register_parameter = register


def fill_empty(model: torch.nn.Module, dtype: torch.dtype | None = None) -> torch.nn.Module:
    """Replace every parameter by a zero-stride view, so that the model runs and weighs nothing."""
    seen: dict[int, torch.nn.Parameter] = {}
    for module in model.modules():
        for name, parameter in list(module._parameters.items()):
            if parameter is None:
                continue
            if id(parameter) not in seen:
                kind = dtype if dtype and parameter.dtype.is_floating_point else parameter.dtype
                zero = torch.zeros((), dtype=kind).expand(parameter.shape)
                seen[id(parameter)] = torch.nn.Parameter(zero, requires_grad=False)
            module._parameters[name] = seen[id(parameter)]
        for name, buffer in module._buffers.items():
            if dtype and buffer is not None and buffer.dtype.is_floating_point:
                module._buffers[name] = buffer.to(dtype)
    return model.eval()


def count_parameters(model: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


@contextlib.contextmanager
def _captured_initializers(captured: dict[str, torch.Tensor]) -> Iterator[None]:
    """Take the exporter's initializers instead of letting it compare and serialise them."""
    name = "_jit_pass_onnx_deduplicate_initializers"
    original = getattr(torch._C, name)

    def capture(_graph, initializers, _training):
        captured.update(initializers)
        return initializers

    setattr(torch._C, name, capture)
    try:
        yield
    finally:
        setattr(torch._C, name, original)


def export_torchscript(
    model: torch.nn.Module,
    args: tuple,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    dynamic_axes: Mapping[str, Mapping[int, str]],
    opset: int = 17,
    fold: bool = True,
) -> onnx.ModelProto:
    """Trace with the TorchScript exporter; `fold=False` leaves weights as the module has them."""
    torch.backends.mha.set_fastpath_enabled(False)
    mode = torch.onnx.TrainingMode.EVAL if fold else torch.onnx.TrainingMode.PRESERVE
    captured: dict[str, torch.Tensor] = {}
    buffer = io.BytesIO()
    with _captured_initializers(captured), warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        with contextlib.redirect_stdout(io.StringIO()):
            torch.onnx.export(
                model,
                args,
                buffer,
                dynamo=False,
                opset_version=opset,
                export_params=False,
                do_constant_folding=fold,
                training=mode,
                input_names=list(inputs),
                output_names=list(outputs),
                dynamic_axes={name: dict(axes) for name, axes in dynamic_axes.items()},
            )
    proto = onnx.load_model_from_string(buffer.getvalue())
    _inputs_to_initializers(proto, captured, _weight_names(model))
    return clean(proto)


def export_dynamo(
    model: torch.nn.Module,
    args: tuple,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    dynamic_shapes: tuple,
    opset: int = 18,
) -> onnx.ModelProto:
    """Export through torch.export, with the graph optimiser that is on by default."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            model,
            args,
            dynamo=True,
            opset_version=opset,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_shapes=dynamic_shapes,
            verbose=False,
        )
    proto = program.model_proto
    weights = _weight_names(model)
    for tensor in proto.graph.initializer:
        if tensor.name in weights:
            _clear_data(tensor)
    return clean(proto)


def _weight_names(model: torch.nn.Module) -> set[str]:
    names = {name for name, _ in model.named_parameters(remove_duplicate=False)}
    return names | {name for name, _ in model.named_buffers(remove_duplicate=False)}


def _inputs_to_initializers(
    proto: onnx.ModelProto, captured: Mapping[str, torch.Tensor], weights: set[str]
) -> None:
    graph = proto.graph
    kept = [value for value in graph.input if value.name not in captured]
    promoted = [value for value in graph.input if value.name in captured]
    for value in promoted:
        tensor = captured[value.name]
        kind = value.type.tensor_type.elem_type
        initializer = TensorProto(name=value.name, data_type=kind, dims=list(tensor.shape))
        known = kind in INTEGER_TYPES or bool(tensor.any())  # zeros were folded from empty weights
        small = _stays_inline(kind, tensor.numel(), tensor.element_size())
        if value.name not in weights and known and small:
            data = tensor.detach().contiguous().reshape(-1).view(torch.uint8)
            initializer.raw_data = data.numpy().tobytes()
        graph.initializer.append(initializer)
    del graph.input[:]
    graph.input.extend(kept)


def _stays_inline(kind: int, elements: int, element_bytes: int) -> bool:
    small_integer = kind in INTEGER_TYPES and elements <= INLINE_INTEGERS
    return small_integer or elements * element_bytes <= INLINE_BYTES


def _stored_bytes(tensor: TensorProto) -> int:
    elements = math.prod(tensor.dims)
    four_bit = {TensorProto.INT4, TensorProto.UINT4}
    if tensor.data_type in four_bit:
        return (elements + 1) // 2
    return elements * onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type).itemsize


def _has_data(tensor: TensorProto) -> bool:
    return any(len(getattr(tensor, field)) for field in DATA_FIELDS)


def _clear_data(tensor: TensorProto) -> None:
    for field in DATA_FIELDS:
        tensor.ClearField(field)
    del tensor.external_data[:]


def strip_weights(proto: onnx.ModelProto) -> onnx.ModelProto:
    """Turn initializers into references to an absent file; small tensors that have values stay."""
    offset = 0
    for tensor in proto.graph.initializer:
        size = _stored_bytes(tensor)
        elements = math.prod(tensor.dims)
        inline = _has_data(tensor) and _stays_inline(
            tensor.data_type, elements, size // max(elements, 1)
        )
        if inline or elements == 0:
            continue
        _clear_data(tensor)
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", WEIGHTS_FILE), ("offset", offset), ("length", size)):
            tensor.external_data.add(key=key, value=str(value))
        offset += -(-size // ALIGNMENT) * ALIGNMENT
    return proto


def clean(proto: onnx.ModelProto) -> onnx.ModelProto:
    """Remove doc strings and every metadata entry but the module scopes."""
    proto.doc_string = ""
    proto.graph.doc_string = ""
    holders = [proto, proto.graph, *proto.graph.input, *proto.graph.output]
    holders += [
        *proto.graph.value_info,
        *proto.graph.initializer,
        *proto.graph.node,
        *proto.functions,
    ]
    for holder in holders:
        holder.doc_string = ""
        if not hasattr(holder, "metadata_props"):
            continue
        kept = [(p.key, p.value) for p in holder.metadata_props if p.key in KEPT_METADATA]
        del holder.metadata_props[:]
        for key, value in kept:
            holder.metadata_props.add(key=key, value=value)
    return proto


def share_constants(proto: onnx.ModelProto) -> onnx.ModelProto:
    """Keep one of each set of equal Constant nodes: half the nodes of a decoder say the same."""
    first: dict[bytes, str] = {}
    renamed: dict[str, str] = {}
    kept = []
    for node in proto.graph.node:
        if node.op_type == "Constant":
            value = node.attribute[0].SerializeToString(deterministic=True)
            if value in first:
                renamed[node.output[0]] = first[value]
                continue
            first[value] = node.output[0]
        for index, name in enumerate(node.input):
            node.input[index] = renamed.get(name, name)
        kept.append(node)
    nodes = [onnx.NodeProto.FromString(node.SerializeToString()) for node in kept]
    del proto.graph.node[:]
    proto.graph.node.extend(nodes)
    return proto


def fix_dims(proto: onnx.ModelProto, dims: Mapping[str, int]) -> onnx.ModelProto:
    """Give symbolic dims of inputs and outputs a number."""
    for value in [*proto.graph.input, *proto.graph.output]:
        for dim in value.type.tensor_type.shape.dim:
            if dim.dim_param in dims:
                dim.dim_value = dims[dim.dim_param]
    return proto


def weights_of(proto: onnx.ModelProto) -> Weights:
    graph = proto.graph
    statistics = {
        name
        for node in graph.node
        if node.op_type == "BatchNormalization"
        for name in node.input[3:5]
    }
    parameters = buffers = stored = 0
    for tensor in graph.initializer:
        elements = math.prod(tensor.dims)
        stored += _stored_bytes(tensor)
        if tensor.data_type in INTEGER_TYPES:
            continue
        if tensor.name in statistics:
            buffers += elements
        else:
            parameters += elements
    return Weights(parameters, buffers, stored)


def check(proto: onnx.ModelProto) -> None:
    """Run ONNX's checker beside a sparse file that stands in for the absent weights."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        onnx.save_model(proto, str(path))
        with open(Path(folder) / WEIGHTS_FILE, "wb") as weights:
            weights.truncate(
                weights_of(proto).stored_bytes + ALIGNMENT * len(proto.graph.initializer)
            )
        onnx.checker.check_model(str(path))


def save(proto: onnx.ModelProto, path: Path, expected_parameters: int) -> None:
    """Strip, check against the module's own parameter count, and write."""
    strip_weights(proto)
    found = weights_of(proto)
    if found.parameters != expected_parameters:
        raise ValueError(
            f"{path.name}: {found.parameters} parameters, expected {expected_parameters}"
        )
    check(proto)
    path.write_bytes(proto.SerializeToString(deterministic=True))
    print(
        f"{path.name}: {len(proto.graph.node)} nodes, {found.parameters} parameters, "
        f"{found.buffers} buffers, {path.stat().st_size} bytes"
    )


def output_directory() -> Path:
    """The folder given on the command line, or the one above this script's."""
    parser = argparse.ArgumentParser()
    default = Path(__file__).resolve().parent.parent
    parser.add_argument("-o", "--output", type=Path, default=default, help="folder to write to")
    directory = parser.parse_args().output
    directory.mkdir(parents=True, exist_ok=True)
    return directory
