#!/usr/bin/env python3
"""Writes docs/accuracy.md from measurements.

    python docs/accuracy/generate.py --aiprof build/aiprof DATA -o docs/accuracy.md
        [--models models.csv] [--left-out-models models.csv]
        [--ablations docs/accuracy/ablations.md] [--notes docs/accuracy/notes.md]

DATA is a folder of measurement files (docs/calibration.md) named HARDWARE.ANYTHING.csv, where
HARDWARE is a built-in name, or a file HARDWARE.json in DATA. models.csv lists whole models:
hardware,model,dims,runtime,seconds[,group]; `model` is an ONNX file, `dims` are NAME=N separated by
spaces, `hardware` a name or a file. Those of --left-out-models are predicted as if nothing had been
measured on their machine.

Every figure comes from the program: `hw fit` for cross-validated errors of a machine that was
measured, `hw family` and `hw eval` for a machine that was left out, the report for whole models.
"""
import argparse
import collections
import csv
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--aiprof", default="aiprof")
    parser.add_argument("--models", type=pathlib.Path)
    parser.add_argument("--left-out-models", type=pathlib.Path)
    parser.add_argument("--ablations", type=pathlib.Path, help="what ablations.py wrote")
    parser.add_argument("--notes", type=pathlib.Path, help="text put at the end")
    parser.add_argument("--seed", default="1")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    return parser.parse_args()


class Program:
    def __init__(self, arguments):
        self.path = arguments.aiprof
        self.seed = arguments.seed
        self.data = arguments.data
        self.scratch = tempfile.TemporaryDirectory()

    def run(self, *words):
        done = subprocess.run([self.path, *map(str, words)], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(map(str, words))}: {done.stderr.strip()}")
        return done.stdout

    def hardware(self, name):
        own = self.data / f"{name}.json"
        return own if own.exists() else name

    def fit(self, name, files):
        out = pathlib.Path(self.scratch.name) / "fit.json"
        return json.loads(self.run("hw", "fit", self.hardware(name), *files, "-o", out, "--format",
                                   "json", "--seed", self.seed))

    def left_out(self, name, files, others):
        out = pathlib.Path(self.scratch.name) / "family.json"
        pairs = [f"{self.hardware(other)}={file}" for other, own in others.items() for file in own]
        self.run("hw", "family", self.hardware(name), *pairs, "-o", out, "--seed", self.seed)
        return json.loads(self.run("hw", "eval", out, *files, "--format", "json"))

    def data_sheet(self, name):
        """The hardware file without its calibration."""
        own = self.data / f"{name}.json"
        shipped = pathlib.Path(__file__).resolve().parents[2] / "models" / "hardware"
        description = json.loads((own if own.exists() else shipped / f"{name}.json").read_text())
        description["calibration"] = {"state": "datasheet"}
        return self.write(f"{name}.json", description)

    def write(self, name, description):
        path = pathlib.Path(self.scratch.name) / name
        path.write_text(json.dumps(description))
        return path

    def family(self, name, others):
        """The data sheet of a machine with the constants that serve the others."""
        out = pathlib.Path(self.scratch.name) / f"{name}.family.json"
        pairs = [f"{self.data_sheet(other)}={file}" for other, own in others.items() for file in own]
        if not pairs:
            return json.loads(self.data_sheet(name).read_text())
        self.run("hw", "family", self.data_sheet(name), *pairs, "-o", out, "--seed", self.seed)
        return json.loads(out.read_text())

    def model(self, row, hardware=None):
        words = [row["model"], "--hw", hardware or row["hardware"], "--format", "json"]
        if row.get("runtime"):
            words += ["--runtime", row["runtime"]]
        for dim in row.get("dims", "").split():
            words += ["--dim", dim]
        return json.loads(self.run(*words))["totals"]


def percent(stats):
    if not stats["n"]:
        return "-"
    return "{:.1f} / {:.1f} / {:.1f} / {:+.1f}".format(
        *(100 * stats[key] for key in ("mape", "median", "p90", "bias")))


def table(headings, rows):
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def classes_of(file):
    """Operator classes and regimes of a measurement file, to know which machines share one."""
    with open(file, newline="") as text:
        rows = csv.DictReader(line for line in text if not line.startswith("#"))
        return {(row["operator"], row["dtype"], row["regime"]) for row in rows}


def fitted_section(program, devices):
    rows = []
    for name, files in sorted(devices.items()):
        for c in program.fit(name, files):
            rows.append((c["class"], name, c["regime"], c["n"], c["at_floor"],
                         percent(c["roofline"]), percent(c["before"]), percent(c["after"]),
                         percent(c["after_floor"]), f"{100 * c['covered']:.0f} %"))
    rows.sort()
    return ("## Machines that were measured\n\n"
            "Every row is predicted by a fit to four fifths of the others (five folds, seeded). Mean / "
            "median / 90th percentile of the absolute error, and mean signed error, in percent; rows at "
            "the launch floor apart. `before`: the constants of the shipped file.\n\n" +
            table(("class", "machine", "regime", "rows", "at the floor", "plain roofline", "before",
                   "after", "after, at the floor", "in the 80 % interval"), rows))


def relatives(name, devices):
    """The other machines with the files whose operators were measured on this one too."""
    own = set().union(*map(classes_of, devices[name]))
    others = {other: [f for f in files if classes_of(f) & own]
              for other, files in devices.items() if other != name}
    return {other: files for other, files in others.items() if files}


def left_out_section(program, devices):
    rows = []
    for name, files in sorted(devices.items()):
        others = relatives(name, devices)
        shared = set().union(*(classes_of(f) for own in others.values() for f in own))
        files = [f for f in files if classes_of(f) & shared]
        if not files:
            continue
        for c in program.left_out(name, files, others):
            rows.append((c["class"], name, c["regime"], c["n"], percent(c["roofline"]),
                         percent(c["before"])))
    rows.sort()
    return ("## Machines that were left out\n\n"
            "The machine gives its data sheet; the constants are fitted to the others that have rows of "
            "the class, jointly.\n\n" +
            table(("class", "machine", "regime", "rows", "plain roofline", "aiprof"), rows))


MODEL_SUMMARY = ("machine", "models", "mean %", "median %", "worst %", "bias %",
                 "in the 80 % interval")


def model_summary(title, errors, inside):
    absolute = sorted(abs(e) for e in errors)
    return (title, len(errors), f"{100 * statistics.mean(absolute):.1f}",
            f"{100 * statistics.median(absolute):.1f}", f"{100 * absolute[-1]:.1f}",
            f"{100 * statistics.mean(errors):+.1f}", f"{100 * inside / len(errors):.0f} %")


def models_section(program, path):
    with open(path, newline="") as text:
        rows = list(csv.DictReader(line for line in text if not line.startswith("#")))
    out = []
    errors = collections.defaultdict(list)
    inside = collections.defaultdict(int)
    for row in rows:
        totals = program.model(row)
        measured = float(row["seconds"])
        ratio = totals["latency_seconds"] / measured
        hit = totals["latency_low_seconds"] <= measured <= totals["latency_high_seconds"]
        group = row.get("group") or row["hardware"]
        errors[group].append(ratio - 1)
        inside[group] += hit
        out.append((group, pathlib.Path(row["model"]).stem, row.get("dims", ""),
                    f"{1e3 * measured:.3g}", f"{1e3 * totals['latency_seconds']:.3g}",
                    f"{100 * (ratio - 1):+.1f}", "yes" if hit else "no"))
    summary = [model_summary(group, values, inside[group])
               for group, values in sorted(errors.items())]
    return ("## Whole models\n\n" +
            table(MODEL_SUMMARY, summary) + "\n" +
            table(("machine", "model", "dims", "measured ms", "predicted ms", "error %",
                   "in the interval"), out))


# Float32 products of these run on vector units, of the others on matrix units that take float32.
SUSTAINED = "gemm_float32_sustained"
DEFAULT_ON_VECTORS, DEFAULT_ON_MATRICES = 0.91, 0.71


def on_matrices(description):
    return any(e["unit"] == "matrix" and "float32" in e["peaks"] for e in description["engines"])


def sustained_share(program, rows, description):
    """What the models of a machine say of the share of its float32 peak, to first order."""
    start = DEFAULT_ON_MATRICES if on_matrices(description) else DEFAULT_ON_VECTORS
    file = program.write("present.json", description)
    ratios = [program.model(row, file)["latency_seconds"] / float(row["seconds"]) for row in rows]
    return start * statistics.geometric_mean(ratios)


def left_out_description(name, families, shares):
    description = families[name]
    alike = [shares[o] for o in families
             if o != name and on_matrices(families[o]) == on_matrices(description)]
    if alike:
        source = {"value": round(min(1.0, statistics.median(alike)), 4), "status": "derived"}
        description["calibration"].setdefault("constants", {})[SUSTAINED] = source
    return description


def model_errors(program, own, file):
    """Of each model: error, whether it is in the interval, predicted seconds."""
    out = []
    for row in own:
        totals = program.model(row, file)
        measured = float(row["seconds"])
        hit = totals["latency_low_seconds"] <= measured <= totals["latency_high_seconds"]
        out.append((totals["latency_seconds"] / measured - 1, hit, totals["latency_seconds"]))
    return out


def one_product(program, name, file):
    """The machine with one measured product more, where there is one: DATA/one/NAME.csv."""
    measured = program.data / "one" / f"{name}.csv"
    if not measured.exists():
        return file
    out = pathlib.Path(program.scratch.name) / "one.json"
    program.run("hw", "fit", file, measured, "-o", out, "--seed", program.seed)
    return out


def summary_row(title, results, with_one):
    mean = 100 * statistics.mean(abs(e) for e, _, _ in with_one)
    return (*model_summary(title, [e for e, _, _ in results], sum(hit for _, hit, _ in results)),
            f"{mean:.1f}" if with_one != results else "")


def left_out_models_section(program, devices, path):
    with open(path, newline="") as text:
        rows = list(csv.DictReader(line for line in text if not line.startswith("#")))
    machines = collections.defaultdict(list)
    for row in rows:
        machines[row["hardware"]].append(row)
    families = {name: program.family(name, relatives(name, devices)) for name in machines}
    shares = {name: sustained_share(program, own, families[name]) for name, own in machines.items()}
    out, summary = [], []
    every, strong = ([], []), ([], [])  # from the data sheet alone, with one product
    for name, own in sorted(machines.items()):
        description = left_out_description(name, families, shares)
        file = program.write("left_out.json", description)
        results = model_errors(program, own, file)
        fitted = one_product(program, name, file)
        with_one = results if fitted == file else model_errors(program, own, fitted)
        for row, (error, hit, seconds) in zip(own, results):
            out.append((name, pathlib.Path(row["model"]).stem, row["dims"],
                        f"{1e3 * float(row['seconds']):.1f}", f"{1e3 * seconds:.1f}",
                        f"{100 * error:+.1f}", "yes" if hit else "no"))
        watts = description["power"]["tdp_watts"]["value"]
        summary.append(summary_row(f"{name} ({watts:.0f} W)", results, with_one))
        for total in [every] + ([strong] if watts >= 150 else []):
            total[0].extend(results)
            total[1].extend(with_one)
    summary.append(summary_row("150 W and more", *strong))
    summary.append(summary_row("all", *every))
    return ("## Whole models on machines that were left out\n\n"
            "The machine gives its data sheet. Constants of vector operators are fitted to the operators "
            "measured on the others, jointly; the sustained share of float32 products is the median of "
            "what the whole models of the others say. The constants of 16-bit products, whose shape "
            "float32 products share, were fitted on none of these machines. `one product`: mean error "
            "where `hw fit` also got one product measured on the machine, of those at hand the one whose "
            "shape is nearest to 8192 x 4096 x 1024; of MI100 and MI210 none was.\n\n" +
            table(MODEL_SUMMARY + ("one product: mean %",), summary) + "\n" +
            table(("machine", "model", "dims", "measured ms", "predicted ms", "error %",
                   "in the interval"), out))


def conditions(devices):
    lines = []
    for name, files in sorted(devices.items()):
        for file in files:
            keys = {}
            with open(file) as text:
                for line in text:
                    if not line.startswith("#"):
                        break
                    key, _, value = line[1:].partition(":")
                    keys[key.strip()] = value.strip()
            lines.append((name, file.name, keys.get("source", ""), keys.get("conditions", "")))
    return "## What was measured\n\n" + table(("machine", "file", "source", "conditions"), lines)


def main():
    arguments = parse_arguments()
    devices = collections.defaultdict(list)
    for file in sorted(arguments.data.glob("*.csv")):
        devices[file.name.split(".")[0]].append(file)
    if not devices:
        sys.exit(f"{arguments.data}: no HARDWARE.ANYTHING.csv")
    program = Program(arguments)
    parts = ["# Accuracy\n\nWritten by docs/accuracy/generate.py; the figures are those of the program.\n"]
    if arguments.left_out_models:
        parts.append(left_out_models_section(program, devices, arguments.left_out_models))
    if len(devices) > 1:
        parts.append(left_out_section(program, devices))
    if arguments.models:
        parts.append(models_section(program, arguments.models))
    parts.append(fitted_section(program, devices))
    parts.append(conditions(devices))
    for text in (arguments.ablations, arguments.notes):
        if text:
            parts.append(text.read_text())
    arguments.output.write_text("\n".join(parts))


if __name__ == "__main__":
    main()
