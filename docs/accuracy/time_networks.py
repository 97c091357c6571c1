#!/usr/bin/env python3
"""Times whole networks with ONNX Runtime and writes the rows that generate.py reads.

    python time_networks.py LIST.csv -o models.csv [--threads N] [--rounds 3] [--profiles DIR]

LIST.csv has the columns model, dims (NAME=N, separated by spaces) and group. Symbolic dims that are
not listed are 1. Weights must be there; inputs are random, integers are 0 or 1 (valid as tokens,
masks and positions). The time of a network is the least of `rounds` passes over the whole list, each
the least mean of several batches as long as those of time_models.py: the machine may be shared, the
shorter the batch the better the chance that nothing interrupts it, and operators and networks must
have the same chance. Passes lie minutes apart. The
time of a call that does nothing is subtracted, as it is from operators. The column `spread` is the largest pass over the least. With --profiles, the profile of one more run of
each network is kept as DIR/NAME.json.
"""
import argparse
import csv
import gc
import pathlib
import shutil
import sys
import time

import numpy
import onnx
import onnxruntime

TYPES = {"tensor(float)": numpy.float32, "tensor(float16)": numpy.float16,
         "tensor(double)": numpy.float64, "tensor(int64)": numpy.int64,
         "tensor(int32)": numpy.int32, "tensor(bool)": numpy.bool_,
         "tensor(int8)": numpy.int8, "tensor(uint8)": numpy.uint8}


def make_session(path, threads, profile=None):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    if threads:
        options.intra_op_num_threads = threads
    if profile:
        options.enable_profiling = True
        options.profile_file_prefix = str(profile)
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def make_inputs(session, dims):
    random = numpy.random.default_rng(1)
    feeds = {}
    for value in session.get_inputs():
        shape = [d if isinstance(d, int) else resolve(d, dims) for d in value.shape]
        kind = TYPES[value.type]
        if numpy.issubdtype(kind, numpy.floating):
            feeds[value.name] = random.standard_normal(shape).astype(kind)
        else:
            feeds[value.name] = numpy.ones(shape, dtype=kind)
    return feeds


def resolve(name, dims):
    """The extent of a symbolic dim; sums such as `past + sequence` are taken apart."""
    if name in dims:
        return dims[name]
    parts = [part.strip() for part in str(name).split("+")]
    if len(parts) > 1:
        return sum(dims.get(part, int(part) if part.isdigit() else 1) for part in parts)
    return 1


def time_session(session, feeds, batch_seconds=0.02, batches=9):
    names = [o.name for o in session.get_outputs()]
    session.run(names, feeds)
    start = time.perf_counter()
    session.run(names, feeds)
    runs = max(1, int(batch_seconds / max(time.perf_counter() - start, 1e-6)))
    best = float("inf")
    for _ in range(batches):
        start = time.perf_counter()
        for _ in range(runs):
            session.run(names, feeds)
        best = min(best, (time.perf_counter() - start) / runs)
    return best


def time_call(threads):
    """Seconds of a call of a session that does nothing."""
    value = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in "xy"]
    graph = onnx.helper.make_graph([onnx.helper.make_node("Identity", "x", "y")], "call",
                                   value[:1], value[1:])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)],
                                   ir_version=8)
    session = make_session(model.SerializeToString(), threads)
    return time_session(session, {"x": numpy.zeros(1, numpy.float32)})


def keep_profile(path, threads, dims, target):
    session = make_session(path, threads, target)
    feeds = make_inputs(session, dims)
    for _ in range(4):
        session.run(None, feeds)
    shutil.move(session.end_profiling(), f"{target}.json")


def dims_of(row):
    return {name: int(extent) for name, extent in
            (pair.split("=") for pair in row["dims"].split())}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("list", type=pathlib.Path)
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hardware", default="host")
    parser.add_argument("--profiles", type=pathlib.Path)
    arguments = parser.parse_args()
    with open(arguments.list, newline="") as source:
        rows = list(csv.DictReader(source))
    for row in rows:
        row["times"] = []
    for number in range(arguments.rounds):
        call = time_call(arguments.threads)
        for row in rows:
            dims = dims_of(row)
            session = make_session(row["model"], arguments.threads)
            row["times"].append(time_session(session, make_inputs(session, dims)) - call)
            del session
            gc.collect()
            print(f"{number} {pathlib.Path(row['model']).stem} {row['times'][-1] * 1e3:.3f} ms",
                  file=sys.stderr, flush=True)
            if arguments.profiles and number == 0:
                arguments.profiles.mkdir(exist_ok=True)
                name = arguments.profiles / pathlib.Path(row["model"]).stem
                keep_profile(row["model"], arguments.threads, dims, name)
    with open(arguments.output, "w", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(["hardware", "model", "dims", "runtime", "seconds", "group", "spread"])
        for row in rows:
            best = min(row["times"])
            writer.writerow([arguments.hardware, row["model"], row["dims"], "onnxruntime",
                             f"{best:.6g}", row["group"], f"{max(row['times']) / best:.3f}"])


if __name__ == "__main__":
    main()
