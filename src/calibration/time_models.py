#!/usr/bin/env python3
"""Times the single-operator models of `aiprof hw bench` with ONNX Runtime.

    python time_models.py MODELDIR -o measurements.csv [--provider CPUExecutionProvider] [--threads N]

Writes the rows of MODELDIR/manifest.csv with a column `seconds`, which `aiprof hw fit` reads. Models
that the provider cannot run are reported on standard error and left out. Needs numpy and onnxruntime.

The time of a model is the least, over repeated batches, of the mean time of a run, after a warm-up,
with inputs and outputs bound to the device once; two passes, minutes apart, each take a few batches
of every model, as other work may disturb a machine for a while. The time of a run that does nothing (overhead.onnx)
is subtracted: it belongs to the call, and a network pays it once. So do changes of layout that the
runtime puts around a lone convolution or pooling: their share, as the runtime's own profile shows
it, is taken out. The time from one operator to the next (dispatch.onnx) goes into the header.
"""
import argparse
import csv
import datetime
import json
import os
import statistics
import sys
import tempfile
import time

import numpy
import onnxruntime

NUMPY_TYPES = {
    "tensor(float)": numpy.float32,
    "tensor(float16)": numpy.float16,
    "tensor(double)": numpy.float64,
    "tensor(int64)": numpy.int64,
    "tensor(int32)": numpy.int32,
    "tensor(int8)": numpy.int8,
    "tensor(uint8)": numpy.uint8,
}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("models", help="the directory that aiprof hw bench wrote")
    parser.add_argument("-o", "--output", required=True, help="the CSV file to write")
    parser.add_argument("--provider", default="CPUExecutionProvider",
                        choices=onnxruntime.get_available_providers())
    parser.add_argument("--threads", type=int, default=0,
                        help="threads inside an operator (default: ONNX Runtime's choice)")
    parser.add_argument("--batches", type=int, default=9, help="timed batches of each model")
    parser.add_argument("--batch-seconds", type=float, default=0.02, help="length of a batch")
    parser.add_argument("--passes", type=int, default=2,
                        help="passes over all models; the least time of a model counts")
    parser.add_argument("--device", default="", help="name of the device, for the file's header")
    parser.add_argument("--only", default="", help="time only the models of this class")
    return parser.parse_args()


def make_session(path, arguments, profile=None):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    if profile:
        options.enable_profiling = True
        options.profile_file_prefix = profile
    if arguments.threads > 0:
        options.intra_op_num_threads = arguments.threads
    provider = arguments.provider
    settings = {}
    if provider == "CUDAExecutionProvider":
        # A recorded graph: device time without the host's launches. No TF32: rows say float32.
        settings = {"enable_cuda_graph": "1", "use_tf32": "0"}
    return onnxruntime.InferenceSession(path, options, providers=[(provider, settings)])


def make_inputs(session, row):
    random = numpy.random.default_rng(1)
    inputs = {}
    for item in session.get_inputs():
        dtype = NUMPY_TYPES[item.type]
        if numpy.issubdtype(dtype, numpy.floating):
            value = random.uniform(0.5, 1.5, item.shape).astype(dtype)
        else:
            low, high = (0, int(row["k"])) if row.get("operator") == "Gather" else (0, 100)
            value = random.integers(low, high, item.shape).astype(dtype)
        inputs[item.name] = value
    return inputs


class Runner:
    """One model with its inputs and outputs on the device."""

    def __init__(self, path, row, arguments, profile=None):
        self.session = make_session(path, arguments, profile)
        self.binding = self.session.io_binding()
        device = "cuda" if arguments.provider in ("CUDAExecutionProvider",
                                                  "TensorrtExecutionProvider") else "cpu"
        self.keep = []
        for name, value in make_inputs(self.session, row).items():
            tensor = onnxruntime.OrtValue.ortvalue_from_numpy(value, device, 0)
            self.keep.append(tensor)
            self.binding.bind_ortvalue_input(name, tensor)
        for item in self.session.get_outputs():
            shape = [int(extent) for extent in item.shape]
            tensor = onnxruntime.OrtValue.ortvalue_from_shape_and_type(
                shape, NUMPY_TYPES[item.type], device, 0)
            self.keep.append(tensor)
            self.binding.bind_ortvalue_output(item.name, tensor)
        # On CUDA, runs queue up on the device; the batch waits once, at its end. Elsewhere there are
        # no options: passing any costs 27 microseconds a run.
        self.options = None
        if device == "cuda":
            self.options = onnxruntime.RunOptions()
            self.options.add_run_config_entry("disable_synchronize_execution_providers", "1")

    def batch(self, runs):
        """Mean seconds of a run."""
        self.binding.synchronize_inputs()
        begin = time.perf_counter()
        for _ in range(runs):
            self.session.run_with_iobinding(self.binding, self.options)
        self.binding.synchronize_outputs()
        return (time.perf_counter() - begin) / runs

    def seconds(self, batches, batch_seconds):
        self.batch(2)
        once = min(self.batch(1) for _ in range(3))
        runs = max(1, min(2000, int(batch_seconds / once)))
        return min(self.batch(runs) for _ in range(batches))


# Operators that runtimes for processors compute in a blocked layout of their own.
LAYOUT_OPERATORS = ("Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalAveragePool",
                    "BatchNormalization", "InstanceNormalization", "Resize")
PROFILED_RUNS = 40
DISPATCHED = 64  # operators of dispatch.onnx


def own_share(path, row, arguments):
    """The share of a model's time that its operator takes; the rest changes layouts."""
    if row["operator"] not in LAYOUT_OPERATORS or arguments.provider != "CPUExecutionProvider":
        return 1.0
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(path, row, arguments, os.path.join(folder, "profile"))
        runner.batch(PROFILED_RUNS)
        with open(runner.session.end_profiling(), encoding="utf-8") as file:
            events = json.load(file)
    times = {}
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            kernel = event["name"], event["args"].get("op_name", "")
            times.setdefault(kernel, []).append(event["dur"])
    # Medians: single runs of microseconds are interrupted now and then.
    layout = sum(statistics.median(t) for (_, op), t in times.items()
                 if op.startswith("Reorder"))
    total = sum(statistics.median(t) for t in times.values())
    return 1 - layout / total if total else 1.0


def copies_in(row):
    """How often the model has its operator, each time with other weights."""
    if not row.get("weight_set"):
        return 1
    width = {"float16": 2, "bfloat16": 2}.get(row["dtype"], 4)
    return max(1, round(float(row["weight_set"]) / (int(row["n"]) * int(row["k"]) * width)))


def time_model(row, arguments, overhead):
    """Seconds that the operator of one model takes in this pass."""
    path = os.path.join(arguments.models, row["label"])
    runner = Runner(path, row, arguments)
    measured = runner.seconds(arguments.batches, arguments.batch_seconds) - overhead
    return measured * own_share(path, row, arguments) / copies_in(row)


def regime(arguments):
    return "graph" if arguments.provider == "CUDAExecutionProvider" else "stream"


def header(arguments, dispatch):
    yield f"# device: {arguments.device or arguments.provider}"
    yield f"# date: {datetime.date.today().isoformat()}"
    yield f"# source: ONNX Runtime {onnxruntime.__version__}, {arguments.provider}"
    threads = arguments.threads or f"default of {os.cpu_count()} processors"
    yield (f"# conditions: best of {arguments.passes} passes of {arguments.batches} batches of "
           f"{arguments.batch_seconds} s; "
           f"threads: {threads}; the time of an empty model is subtracted")
    yield f"# dispatch: {dispatch:.3g}"


def main():
    arguments = parse_arguments()
    with open(os.path.join(arguments.models, "manifest.csv"), newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    if arguments.only:
        rows = [row for row in rows if row["class"] == arguments.only]
    empty = Runner(os.path.join(arguments.models, "overhead.onnx"), {}, arguments)
    overhead = empty.seconds(arguments.batches, arguments.batch_seconds)
    chain = Runner(os.path.join(arguments.models, "dispatch.onnx"), {}, arguments)
    dispatch = chain.seconds(arguments.batches, arguments.batch_seconds) - overhead
    dispatch = max(dispatch / (DISPATCHED - 1), 1e-8)
    print(f"empty run: {overhead * 1e6:.2f} us; from one operator to the next: "
          f"{dispatch * 1e6:.2f} us", file=sys.stderr)
    least = {}
    failed = set()
    for number in range(arguments.passes):
        for index, row in enumerate(rows):
            label = row["label"]
            if label in failed:
                continue
            try:
                measured = time_model(row, arguments, overhead)
            except Exception as error:  # whatever a provider refuses a model with
                print(f"{label}: left out: {str(error).splitlines()[0]}", file=sys.stderr)
                failed.add(label)
                continue
            least[label] = min(measured, least.get(label, measured))
            if sys.stderr.isatty():
                print(f"\r{number * len(rows) + index + 1}/{arguments.passes * len(rows)}", end="",
                      file=sys.stderr)
    done = [row for row in rows if row["label"] in least and row["label"] not in failed]
    for row in done:
        # Below a tenth of a microsecond nothing but noise is left.
        row["seconds"] = repr(max(least[row["label"]], 1e-7))
        row["regime"] = regime(arguments)
    if not done:
        sys.exit("no model could be timed")
    with open(arguments.output, "w", newline="") as file:
        for line in header(arguments, dispatch):
            file.write(line + "\n")
        writer = csv.DictWriter(file, fieldnames=list(done[0].keys()))
        writer.writeheader()
        writer.writerows(done)
    print(f"{arguments.output}: {len(done)} of {len(rows)} models", file=sys.stderr)


if __name__ == "__main__":
    main()
