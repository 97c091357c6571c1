#!/usr/bin/env python3
"""Writes docs/accuracy/ablations.md: what each factor of the many-core time model is worth.

    python docs/accuracy/ablations.py --aiprof build/aiprof DATA -o docs/accuracy/ablations.md

DATA is the folder that generate.py takes. One factor at a time is taken out, and everything else is
fitted again: constants by `aiprof hw fit --fix` and `aiprof hw family --fix` at the value where their
factor vanishes, or at the end of the range nearest to it; what the hardware file describes by a copy
of the file that says otherwise; cold weights by measurements that do not mention them.
"""
import argparse
import collections
import concurrent.futures
import csv
import dataclasses
import functools
import io
import json
import os
import pathlib
import random
import statistics
import typing

from generate import Program, classes_of, table

RAISED = 1000  # a rate or limit so many times higher is no limit any more


@dataclasses.dataclass(frozen=True)
class Factor:
    """What is taken out, and how: by constants, by the hardware file, by the measurements."""
    title: str
    how: str = ""
    fixed: tuple = ()  # (field, value); "low" and "high" are the ends of the range
    hardware: typing.Callable = None  # edits a description
    rows: typing.Callable = None  # edits a row of measurements


@dataclasses.dataclass(frozen=True)
class TimeClass:
    name: str
    operators: str
    regime: str
    factors: tuple
    most_rows: int = 0  # of a machine; 0: all


def scale(node, keys, factor):
    for key in keys:
        for quantity in [node[key]] if "value" in node.get(key, {}) else node.get(key, {}).values():
            quantity["value"] *= factor


def no_power_limit(description):
    scale(description.get("power", {}), ["tdp_watts"], RAISED)


def no_cluster(description):
    for engine in description["engines"]:
        engine.pop("cluster_units", None)


def no_cache_traffic(description):
    for level in description["memory"]:
        if level["level"] in ("l2", "llc"):
            scale(level, ["bandwidth_bytes_per_second", "measured_bandwidth_bytes_per_second"],
                  RAISED)


def no_arithmetic(description):
    no_power_limit(description)
    scale(description["power"], ["tdp_watts"], RAISED)
    for engine in description["engines"]:
        scale(engine, ["peaks", "special_function_rate"], RAISED)
        engine.pop("ops_per_clock", None)


def warm_weights(row):
    row["weight_set"] = ""


def fixed(title, *pairs, how=""):
    return Factor(title, how, pairs)


SHIPPED = Factor("as shipped", "nothing")
LONGEST = fixed("the longest time instead of a smooth maximum", ("overlap", 8))
SUM = fixed("the sum of times instead of a smooth maximum", ("overlap", 1))
DATA_SHEET = fixed("main memory at its data-sheet bandwidth", ("memory_fraction", 1))
STATED_CACHE = fixed("shared cache at its stated bandwidth", ("cache_fraction", 1))
NO_CAPACITY = fixed("nothing stays in the shared cache", ("cache_capacity", "low"))
NO_START = fixed("no start-up", ("fixed_cycles", 0))
WHOLE_PEAK = fixed("full tiles reach the peak", ("sustained", 1))
NO_STEP = fixed("no latency of a step", ("step_cycles", "low"))
NO_HALO = fixed("no cost at the edges of a tile", ("tile_halo", "low"))
DEAR_SPLIT = fixed("splits of the contraction at their dearest", ("split_cycles", "high"))
FREE_SPLIT = fixed("splits cost nothing", ("split_cycles", "low"))
NO_BLOCK = fixed("no start-up of a block", ("block_cycles", "low"))
NO_CACHE = Factor("no traffic of the shared cache", f"its bandwidth x {RAISED}",
                  hardware=no_cache_traffic)
NO_POWER = Factor("no power factor", f"TDP x {RAISED}", hardware=no_power_limit)
NO_ARITHMETIC = Factor("no arithmetic", f"peaks and special rates x {RAISED}",
                       hardware=no_arithmetic)
NO_ROWS = fixed("no cost of a row", ("row_cycles", "low"))
NO_ELEMENTS = fixed("no cost of an element", ("element_cycles", "low"))
NO_WORK = Factor("neither arithmetic nor a cost of an element", NO_ARITHMETIC.how,
                 NO_ELEMENTS.fixed, no_arithmetic)
NO_REREAD = fixed("long rows stay in registers", ("reread", "low"))

VECTOR = (SHIPPED, DATA_SHEET, STATED_CACHE, NO_CAPACITY, NO_CACHE, LONGEST, SUM, NO_START,
          NO_ARITHMETIC, NO_POWER)
CLASSES = (
    TimeClass("gemm", "MatMul", "graph", (
        SHIPPED, WHOLE_PEAK, NO_HALO, NO_STEP, DEAR_SPLIT, FREE_SPLIT, DATA_SHEET, NO_CACHE,
        NO_CAPACITY, Factor("weights are warm", "no `weight_set`", rows=warm_weights),
        Factor("no shared loads of paired units", "no `cluster_units`", hardware=no_cluster),
        LONGEST, SUM, NO_START, NO_POWER)),
    TimeClass("attention_prefill", "Attention", "graph", (
        SHIPPED, WHOLE_PEAK, fixed("exponentials are hidden", ("exp_cost", "low")), NO_STEP, NO_BLOCK,
        DATA_SHEET, STATED_CACHE, NO_CACHE, NO_CAPACITY, LONGEST, SUM, NO_START, NO_POWER)),
    TimeClass("attention_decode", "Attention", "graph", (
        SHIPPED, WHOLE_PEAK, NO_STEP, NO_BLOCK,
        dataclasses.replace(DEAR_SPLIT, title="splits of the keys at their dearest"), FREE_SPLIT,
        DATA_SHEET, STATED_CACHE, NO_CACHE, NO_CAPACITY, LONGEST, SUM, NO_START, NO_POWER)),
    TimeClass("elementwise", "Add Mul Div Relu Tanh Gelu", "isolated", VECTOR),
    TimeClass("power", "Pow", "isolated", VECTOR + (NO_ELEMENTS, NO_WORK)),
    TimeClass("softmax", "Softmax", "isolated", VECTOR + (NO_ROWS, NO_ELEMENTS, NO_WORK, NO_REREAD)),
    TimeClass("normalization", "LayerNormalization", "isolated",
              VECTOR + (NO_ROWS, NO_ELEMENTS, NO_WORK, NO_REREAD)),
    TimeClass("convolution", "Conv", "isolated", (
        SHIPPED,
        fixed("no Winograd", ("winograd_fused", "low"), ("winograd_fused_seconds", "high"),
              ("winograd_gemm", "low"), ("transform_fraction", "low"), ("winograd_seconds", "high")),
        fixed("no fused Winograd", ("winograd_fused", "low"), ("winograd_fused_seconds", "high")),
        fixed("no Winograd of three kernels", ("winograd_gemm", "low"),
              ("transform_fraction", "low"), ("winograd_seconds", "high")),
        fixed("fused Winograd reaches the share of products", ("winograd_fused", 1)),
        fixed("no passes over the weights of Winograd", ("winograd_weight", "low")),
        fixed("no start-up of Winograd", ("winograd_fused_seconds", 0), ("winograd_seconds", 0)),
        WHOLE_PEAK, NO_HALO, NO_STEP, DEAR_SPLIT, DATA_SHEET, NO_CACHE, NO_CAPACITY, LONGEST, SUM,
        NO_POWER), most_rows=600),
)


@functools.cache
def ranges():
    schema = pathlib.Path(__file__).resolve().parents[1] / "schema" / "hardware.schema.json"
    definitions = json.loads(schema.read_text())["$defs"]
    out = {}
    for name, constant in definitions["calibration"]["properties"]["constants"]["properties"].items():
        _, low, _, high = constant["$ref"].rsplit("/", 1)[1].split("_")[1:]
        out[name] = {"low": low, "high": high}
    return out


def fixes(time_class, factor):
    """Field and value of what is fixed, ends of ranges as numbers."""
    return [(field, ranges()[f"{time_class.name}_{field}"].get(value, value))
            for field, value in factor.fixed]


class Variant(Program):
    """The program on one class, without a factor."""

    def __init__(self, arguments, time_class, factor):
        super().__init__(arguments)
        self.time_class, self.factor = time_class, factor
        self.words = ["--class", time_class.name]
        for field, value in fixes(time_class, factor):
            self.words += ["--fix", f"{time_class.name}_{field}={value}"]

    def run(self, *words):
        more = self.words if words[:2] in (("hw", "fit"), ("hw", "family")) else []
        return super().run(*words, *more)

    def hardware(self, name):
        if self.factor.hardware is None:
            return super().hardware(name)
        own = self.data / f"{name}.json"
        shipped = pathlib.Path(__file__).resolve().parents[2] / "models" / "hardware"
        description = json.loads((own if own.exists() else shipped / f"{name}.json").read_text())
        self.factor.hardware(description)
        return self.write(f"{name}.json", description)

    def measurements(self, file):
        """A copy with rows of the class alone, at most so many as it takes, chosen by the seed."""
        head, lines = [], []
        for line in file.read_text().splitlines():
            (head if line.startswith("#") else lines).append(line)
        reader = csv.DictReader(lines)
        rows = [row for row in reader if row["operator"] in self.time_class.operators.split()]
        if self.time_class.most_rows:
            order = random.Random(int(self.seed))
            keys = [(order.random(), i) for i in range(len(rows))]
            chosen = {i for _, i in sorted(keys)[:self.time_class.most_rows]}
            rows = [row for i, row in enumerate(rows) if i in chosen]
        for row in rows:
            if self.factor.rows is not None:
                self.factor.rows(row)
        text = io.StringIO()
        writer = csv.DictWriter(text, reader.fieldnames, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        path = pathlib.Path(self.scratch.name) / file.name
        path.write_text("\n".join(head + [text.getvalue()]))
        return path

    def error(self, classes, key):
        return next(100 * c[key]["mape"] for c in classes if c["class"] == self.time_class.name)

    def errors(self, devices):
        """Mean errors by machine: of shapes held back, and of the machine left out."""
        files = {name: [self.measurements(f) for f in own] for name, own in devices.items()}
        held, left = [], []
        for name, own in files.items():
            held.append(self.error(self.fit(name, own), "after"))
            others = {other: files[other] for other in files if other != name}
            left.append(self.error(self.left_out(name, own, others), "before"))
        return held, left


def devices_of(time_class, data):
    devices = collections.defaultdict(list)
    for file in sorted(data.glob("*.csv")):
        if any(operator in time_class.operators.split() and regime == time_class.regime
               for operator, _, regime in classes_of(file)):
            devices[file.name.split(".")[0]].append(file)
    return devices


def cell(errors, names):
    if len(errors) <= 3:
        return " / ".join(f"{e:.1f}" for e in errors)
    worst = max(range(len(errors)), key=errors.__getitem__)
    return f"{statistics.mean(errors):.1f} ({names[worst]} {errors[worst]:.1f})"


def how(time_class, factor):
    words = [f"`{field}` = {value}" for field, value in fixes(time_class, factor)]
    return ", ".join(words + [factor.how] if factor.how else words)


def changes(errors, shipped):
    """Of the means over machines: held back, left out."""
    return [statistics.mean(a) - statistics.mean(b) for a, b in zip(errors, shipped)]


def signed(change):
    return f"{round(change, 1) + 0.0:+.1f}"  # never -0.0


# Below this many points of the mean error, a factor is called worthless on these rows.
WORTH = 0.1


def worthless(rows):
    names = [factor.title for factor, errors in rows[1:]
             if max(changes(errors, rows[0][1])) < WORTH]
    if not names:
        return f"Every line costs {WORTH} points or more in one of the two.\n"
    return f"Costs less than {WORTH} points in both, or gains: {'; '.join(names)}.\n"


def section(arguments, pool, time_class):
    devices = devices_of(time_class, arguments.data)
    if len(devices) < 2:
        return ""
    names = list(devices)
    measured = list(pool.map(
        lambda factor: Variant(arguments, time_class, factor).errors(devices), time_class.factors))
    rows = list(zip(time_class.factors, measured))
    lines = [(factor.title, how(time_class, factor), *(cell(e, names) for e in errors),
              "" if factor is SHIPPED else " / ".join(map(signed, changes(errors, rows[0][1]))))
             for factor, errors in rows]
    machines = ", ".join(names)
    if len(names) > 3:
        machines += ": their mean, and the worst machine"
    if time_class.most_rows:
        machines += f"; {time_class.most_rows} rows of each"
    return (f"### {time_class.name}\n\n{machines}\n\n" +
            table(("factor taken out", "fixed or changed", "shapes held back", "machine left out",
                   "change of the mean"), lines) + "\n" + worthless(rows))


INTRODUCTION = """## Ablations

Written by docs/accuracy/ablations.py. One factor of section 4 of docs/time-model.md is taken out at a
time, and all other constants of the class are fitted again: by `aiprof hw fit --fix` (five folds, as
above) and, for a machine that is left out, by `aiprof hw family --fix` to the others. Mean absolute error
in percent of rows above the launch floor. Most ranges of constants exclude the value at which the
factor is gone altogether; the end of the range that is nearest stands for it. The last column is the
change of the mean over machines, in points: held back / left out. A fit to several machines reads 2000
of their rows, chosen by the seed and their order: 'as shipped' may be a point or two from the tables above.
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--aiprof", default="aiprof")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--class", dest="only", action="append", help="this class alone")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = [INTRODUCTION] + [section(arguments, pool, c) for c in CLASSES
                                  if not arguments.only or c.name in arguments.only]
    arguments.output.write_text("\n".join(part for part in parts if part))


if __name__ == "__main__":
    main()
