"""Time and memory of aiprof against onnx-tool on the same files, in the same run.

python3 tests/bench/compare_onnx_tool.py --aiprof build/release/aiprof MODEL.onnx ...

Needs `pip install onnx-tool` in the Python that runs it. For every file both programs are started
anew, in turn, RUNS times after one warm-up, so that both read the file from the page cache. Reported
are medians:

- aiprof: the whole process, from start to exit.
- onnx-tool: the whole process, and the call of onnx_tool.model_profile() alone, which leaves out the
  start of Python and its imports.
- memory: the largest resident set of the whole process. Pages of the mapped model file count for
  aiprof; they are shared and can be dropped at any time.

Dynamic dimensions are bound alike: --dim to aiprof, dynamic_shapes to onnx-tool.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

WORKER = """
import sys, time, json
import numpy, onnx, onnx_tool
path, shapes = sys.argv[1], json.loads(sys.argv[2])
begin = time.perf_counter()
onnx_tool.model_profile(path, {n: tuple(s) for n, s in shapes.items()} or None, save_profile=sys.argv[3])
print("SECONDS", time.perf_counter() - begin)
"""


def run(command):
    """Seconds, peak resident bytes, standard output, and the end of what went wrong or None."""
    begin = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = child.stdout.read(), child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - begin
    child.returncode = os.waitstatus_to_exitcode(status)
    failed = err.decode(errors="replace").strip()[-200:] if child.returncode != 0 else None
    return seconds, usage.ru_maxrss * 1024, out.decode(errors="replace"), failed


def input_shapes(path, dims):
    """Shapes of the inputs with dynamic dims bound to `dims`, or to 1."""
    import onnx

    model = onnx.load(path, load_external_data=False)
    stored = {t.name for t in model.graph.initializer}
    shapes = {}
    for value in model.graph.input:
        if value.name in stored:
            continue
        shapes[value.name] = [
            d.dim_value if d.HasField("dim_value") else dims.get(d.dim_param, 1)
            for d in value.type.tensor_type.shape.dim
        ]
    return shapes


def measure(command, runs):
    seconds, memory, inner = [], [], []
    for _ in range(runs):
        wall, resident, out, failed = run(command)
        if failed is not None:
            return {"failed": failed}
        seconds.append(wall)
        memory.append(resident)
        inner += [float(line.split()[1]) for line in out.splitlines() if line.startswith("SECONDS")]
    result = {"seconds": statistics.median(seconds), "bytes": statistics.median(memory)}
    if inner:
        result["call_seconds"] = statistics.median(inner)
    return result


def compare(path, options):
    dims = dict(text.split("=", 1) for text in options.dim)
    ours = [options.aiprof, path, "--format", "json", "-o", os.devnull]
    for name, value in dims.items():
        ours += ["--dim", f"{name}={value}"]
    shapes = input_shapes(path, {name: int(value) for name, value in dims.items()})
    theirs = [sys.executable, "-c", WORKER, path, json.dumps(shapes), os.devnull]
    for command in (ours, theirs):  # both find the file in the page cache
        measure(command, 1)
    return measure(ours, options.runs), measure(theirs, options.runs)


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
            f"{theirs['call_seconds'] * 1e3:.0f} ms",
            f"{theirs['bytes'] / 1e6:.0f} MB",
            f"{theirs['seconds'] / ours['seconds']:.0f} x",
            f"{theirs['call_seconds'] / ours['seconds']:.0f} x",
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
    print("| model | aiprof | its memory | onnx-tool | its call alone | its memory "
          "| faster | faster than the call | smaller |")
    print("|---|---|---|---|---|---|---|---|---|")
    for path in options.models:
        print(row(path, *compare(path, options)), flush=True)


if __name__ == "__main__":
    main()
