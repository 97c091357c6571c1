#!/usr/bin/env python3
"""Runs models in ONNX Runtime and compares every tensor with what aiprof says of it.

    python3 compare_runtime.py build/aiprof MODEL... [--dim NAME=N]... [--shape INPUT=SHAPE]...

Needs the packages onnx and onnxruntime. Inputs get the dims that aiprof binds (its defaults, or
what --dim and --shape say); floats are random, masks and other integers are ones, positions count
up. Integer inputs are handed to aiprof too (--value), unless --no-values: then its own assumptions
about them are tested. Weights that are missing are random. Every tensor of the main graph, after
local functions are inlined, becomes an output of the model; dtype and dims must be equal. A tensor
that aiprof marks as an upper bound (its node is "assumed") must not be smaller than at run time.
Prints a line per model and per difference; exits with 1 if there is one.
"""

import argparse
import collections
import json
import math
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnx.inliner
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

KEPT_BYTES = 2**30  # of intermediate tensors that one run may keep
GIVEN_ELEMENTS = 65536  # of an integer input whose values aiprof is given

# ONNX's names of dtypes where those of reports differ.
DTYPES = {TensorProto.FLOAT: "float32", TensorProto.DOUBLE: "float64"}


def dtype_name(data_type):
    return DTYPES.get(data_type) or TensorProto.DataType.Name(data_type).lower()


def values_of(name, data_type, shape, random):
    """Contents of an input: what a runtime would see of a batch without padding."""
    dtype = helper.tensor_dtype_to_np_dtype(data_type)
    if data_type == TensorProto.STRING:
        return numpy.full(shape, "a", dtype=object)
    if dtype.kind not in "iub":
        return (random.standard_normal(shape) * 0.5).astype(dtype)
    if "position" in name and shape:
        return numpy.broadcast_to(numpy.arange(shape[-1]), shape).astype(dtype)
    return numpy.ones(shape, dtype)


def read_model(path):
    """The model with functions inlined, and random numbers for weights that are missing."""
    model = onnx.load(path, load_external_data=False)
    random = numpy.random.default_rng(1)
    for tensor in model.graph.initializer:
        if tensor.data_location != TensorProto.EXTERNAL:
            continue
        entries = {e.key: e.value for e in tensor.external_data}
        if (path.parent / entries["location"]).exists():
            onnx.external_data_helper.load_external_data_for_tensor(tensor, str(path.parent))
        else:
            value = values_of("", tensor.data_type, list(tensor.dims), random)
            tensor.raw_data = numpy_helper.from_array(value * value.dtype.type(0.1)).raw_data
        tensor.data_location = TensorProto.DEFAULT
        del tensor.external_data[:]
    return onnx.inliner.inline_local_functions(model) if model.functions else model


class Aiprof:
    """What `aiprof MODEL --format json` says."""

    def __init__(self, program, path, flags):
        command = [program, str(path), "--format", "json", *flags]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode not in (0, 4):
            raise RuntimeError(run.stderr.strip() or f"exit code {run.returncode}")
        report = json.loads(run.stdout)
        self.gaps = [n for n in report["nodes"] if n["status"] == "gap"]
        self.inputs = {i["name"]: i for i in report["model"]["inputs"]}
        self.tensors = {}
        for node in report["nodes"]:
            if node["path"] != "":
                continue  # of a subgraph: a runtime does not show its tensors
            for output in node["outputs"]:
                bound = node["status"] in ("assumed", "gap")
                self.tensors[output["name"]] = dict(output, node=node, bound=bound)


def feeds_of(model, found, random):
    stored = {t.name for t in model.graph.initializer}
    feeds = {}
    for info in model.graph.input:
        if info.name in stored:
            continue
        kind = info.type.tensor_type.elem_type
        shape = found.inputs[info.name]["shape"]
        feeds[info.name] = values_of(info.name, kind, shape, random)
    return feeds


def write_values(feeds, folder):
    """Flags that tell aiprof the contents of integer inputs."""
    flags = []
    for position, (name, value) in enumerate(feeds.items()):
        if value.dtype.kind in "iub" and 0 < value.size <= GIVEN_ELEMENTS:
            path = folder / f"{position}.pb"
            path.write_bytes(numpy_helper.from_array(value).SerializeToString())
            flags += ["--value", f"{name}=@{path}"]
    return flags


def chunks_of(names, found):
    """Lists of tensors that fit in memory together."""
    chunk, size = [], 0
    for name in names:
        shape = found.tensors.get(name, {}).get("shape", [])
        size += 8 * math.prod(d if isinstance(d, int) else 1 for d in shape)
        if chunk and size > KEPT_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(name)
    yield chunk


def run_model(model, path, feeds, names):
    """Every tensor of `names` at run time, as (name, dtype, dims)."""
    del model.graph.output[:]
    model.graph.output.extend(onnx.ValueInfoProto(name=n) for n in names)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    onnx.save(model, path, save_as_external_data=model.ByteSize() > 2**30, size_threshold=1024)
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    for name, value in zip(names, session.run_with_ort_values(names, ort_values(feeds))):
        if value.is_tensor():
            yield name, dtype_name(value.element_type()), list(value.shape())


def ort_values(feeds):
    make = onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type
    values = {}
    for name, value in feeds.items():
        kind = helper.np_dtype_to_tensor_dtype(value.dtype)
        plain = value.dtype.kind in "iubfOU" and value.dtype.name != "bfloat16"
        values[name] = (
            onnxruntime.OrtValue.ortvalue_from_numpy(value)
            if plain
            else make(value.view(numpy.uint16), kind)
        )
    return values


def compare(found, name, dtype, dims):
    """None if aiprof is right, else what it says."""
    tensor = found.tensors[name]
    shape = tensor.get("shape")
    if tensor["dtype"] == dtype and shape == dims:
        return None
    at_least = shape is not None and len(shape) == len(dims)
    at_least = at_least and all(isinstance(s, int) and s >= d for s, d in zip(shape, dims))
    if tensor["bound"] and tensor["dtype"] == dtype and at_least:
        return "bound"
    node = tensor["node"]
    reason = f" ({node['status']}: {node['reason']})" if "reason" in node else ""
    return (
        f"{node['op_type']} '{name}': {dtype} {dims} at run time, "
        f"{tensor['dtype']} {shape if shape is not None else 'of unknown shape'} found{reason}"
    )


def score_model(options, path, folder):
    random = numpy.random.default_rng(0)
    model = read_model(path)
    flags = [f for flag in ("dim", "shape", "value", "trip") for v in getattr(options, flag)
             for f in (f"--{flag}", v)]  # fmt: skip
    inlined = folder / "inlined.onnx"
    onnx.save(model, inlined, save_as_external_data=model.ByteSize() > 2**30)
    found = Aiprof(options.program, inlined, flags)
    feeds = feeds_of(model, found, random)
    if not options.no_values:
        found = Aiprof(options.program, inlined, flags + write_values(feeds, folder))
    names = [o for node in model.graph.node for o in node.output if o]
    counts = collections.Counter(gaps=len(found.gaps))
    for chunk in chunks_of(names, found):
        for name, dtype, dims in run_model(model, folder / "run.onnx", feeds, chunk):
            difference = compare(found, name, dtype, dims)
            counts["tensors"] += 1
            counts["bounds"] += difference == "bound"
            counts["right"] += difference is None
            if difference not in (None, "bound"):
                counts["wrong"] += 1
                if counts["wrong"] <= options.top:
                    print(f"  {difference}")
    return counts


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("program", help="the aiprof executable")
    parser.add_argument("models", nargs="+", type=pathlib.Path, help="ONNX files")
    for flag in ("dim", "shape", "value", "trip"):
        parser.add_argument(f"--{flag}", action="append", default=[], help="as aiprof's")
    parser.add_argument("--no-values", action="store_true", help="tell aiprof no input's contents")
    parser.add_argument("--top", type=int, default=5, help="differences printed per model")
    options = parser.parse_args()
    total = collections.Counter()
    for path in options.models:
        with tempfile.TemporaryDirectory() as folder:
            try:
                counts = score_model(options, path, pathlib.Path(folder))
            except Exception as error:  # whatever the model is refused for, by either side
                print(f"{path}: not compared: {str(error)[:300]}", flush=True)
                total["refused"] += 1
                continue
        print(f"{path}: {counts['right']} of {counts['tensors']} tensors right, "
              f"{counts['bounds']} bounded, {counts['gaps']} gaps", flush=True)  # fmt: skip
        total += counts
    print(f"all: {total['right']} of {total['tensors']} tensors right, {total['bounds']} bounded, "
          f"{total['gaps']} gaps, {total['refused']} models not compared")  # fmt: skip
    return 1 if total["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
