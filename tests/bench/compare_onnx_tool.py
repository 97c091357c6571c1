"""Time and memory of aiprof against onnx-tool on the same files, in the same run.

python3 tests/bench/compare_onnx_tool.py --aiprof build/release/aiprof MODEL.onnx ...

Needs `pip install onnx-tool` in the Python that runs it, and GNU time (the package `time`). For every
file both programs are started anew, in turn, RUNS times after one warm-up, so that both read the file
from the page cache. Reported are medians:

- aiprof: the whole process, from start to exit.
- onnx-tool: the whole process, and its work alone (reading the file and model_profile()), which
  leaves out the start of Python and its imports.
- memory: the largest resident set of the whole process, of runs of their own under GNU time: what
  Python starts itself is never reported smaller than Python. Pages of the mapped model file count
  for aiprof; they are shared and can be dropped at any time.

Dynamic dimensions are bound alike, by --dim NAME=N. A model that onnx-tool cannot profile is a row
that says so.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

WORKER = """
import contextlib, os, sys, time
import numpy, onnx, onnx_tool
dims = dict(text.split("=", 1) for text in sys.argv[2:])
begin = time.perf_counter()
model = onnx.load(sys.argv[1])
stored = {t.name for t in model.graph.initializer}
inputs = {}
for value in model.graph.input:
    tensor = value.type.tensor_type
    if value.name not in stored:
        shape = [d.dim_value if d.HasField("dim_value") else int(dims.get(d.dim_param, 1))
                 for d in tensor.shape.dim]
        inputs[value.name] = numpy.zeros(shape, onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type))
with open(os.devnull, "w") as nothing, contextlib.redirect_stdout(nothing):
    onnx_tool.model_profile(model, inputs)
print("SECONDS", time.perf_counter() - begin)
"""


PEAK_RUNS = 3


def run(command):
    """Seconds, standard output, and the end of what went wrong or None."""
    begin = time.perf_counter()
    child = subprocess.run(command, capture_output=True, check=False)
    seconds = time.perf_counter() - begin
    failed = child.stderr.decode(errors="replace").strip() if child.returncode else None
    return seconds, child.stdout.decode(errors="replace"), failed


def peak_bytes(command):
    """The largest resident set of a program that succeeds."""
    with tempfile.NamedTemporaryFile("r") as report:
        subprocess.run(
            ["time", "-o", report.name, "-f", "%M", *command], capture_output=True, check=True)
        return int(report.read()) * 1024


def medians(runs, peaks):
    failures = [failed for _, _, failed in runs if failed is not None]
    if failures:
        return {"failed": failures[0][-200:]}
    result = {
        "seconds": statistics.median(seconds for seconds, _, _ in runs),
        "bytes": statistics.median(peaks),
    }
    work = [
        float(line.split()[1])
        for _, out, _ in runs
        for line in out.splitlines()
        if line.startswith("SECONDS")
    ]
    if work:
        result["work_seconds"] = statistics.median(work)
    return result


def compare(path, options):
    ours = [options.aiprof, path, "--format", "json", "-o", os.devnull]
    for text in options.dim:
        ours += ["--dim", text]
    theirs = [sys.executable, "-c", WORKER, path, *options.dim]
    pairs = [(run(ours), run(theirs)) for _ in range(options.runs + 1)][1:]  # less the warm-up
    results = []
    for command, runs in zip((ours, theirs), zip(*pairs)):
        succeeded = all(failed is None for _, _, failed in runs)
        peaks = [peak_bytes(command) for _ in range(PEAK_RUNS)] if succeeded else []
        results.append(medians(runs, peaks))
    return results


def row(path, ours, theirs):
    name = pathlib.Path(path).stem
    if "failed" in ours:
        return f"| {name} | failed: {ours['failed']} |"
    cells = [f"{ours['seconds'] * 1e3:.1f} ms", f"{ours['bytes'] / 1e6:.1f} MB"]
    if "failed" in theirs:
        reason = theirs["failed"].splitlines()[-1] if theirs["failed"] else "no message"
        cells += [f"failed: {reason}"] + ["-"] * 5
    else:
        cells += [
            f"{theirs['seconds'] * 1e3:.0f} ms",
            f"{theirs['work_seconds'] * 1e3:.0f} ms",
            f"{theirs['bytes'] / 1e6:.0f} MB",
            f"{theirs['seconds'] / ours['seconds']:.0f} x",
            f"{theirs['work_seconds'] / ours['seconds']:.0f} x",
            f"{theirs['bytes'] / ours['bytes']:.0f} x",
        ]
    return "| " + " | ".join([name] + cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", metavar="MODEL.onnx")
    parser.add_argument("--aiprof", required=True, help="the program")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--dim", action="append", default=[], metavar="NAME=N")
    options = parser.parse_args()
    print("| model | aiprof | its memory | onnx-tool | its work alone | its memory "
          "| faster | faster than its work | smaller |")
    print("|---|---|---|---|---|---|---|---|---|")
    for path in options.models:
        print(row(path, *compare(path, options)), flush=True)


if __name__ == "__main__":
    main()
