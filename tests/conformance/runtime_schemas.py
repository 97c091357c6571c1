#!/usr/bin/env python3
"""Lists the operators of the installed ONNX Runtime and ONNX that aiprof has no rule for.

    python3 runtime_schemas.py build/aiprof

Needs the packages onnx and onnxruntime. Names come from the operator schemas that both were built
with, so that operators without documentation are seen too. Operators left out on purpose are listed
with the reason; exits with 1 if any other is missing.
"""

import argparse
import collections
import subprocess
import sys

import onnx
from onnxruntime.capi import onnxruntime_pybind11_state as runtime

SERVING = "bookkeeping or fused step of one serving runtime; models do not contain it"
SELECTION = "sparse attention whose work depends on what a selection keeps at run time"
LAYOUT = "an internal layout form that the runtime's own kernels do not have"
LEFT_OUT = {
    ("", "GRUUnit"): "a leftover of Caffe2 without a kernel",
    ("com.microsoft", "ConvStateReplay"): SERVING,
    ("com.microsoft", "GatedDeltaNetStateReplay"): SERVING,
    ("com.microsoft", "Mamba2Verify"): SERVING,
    ("com.microsoft", "SpeculativePrefixCommit"): SERVING,
    ("com.microsoft", "DynamicSparseAttention"): SELECTION,
    ("com.microsoft", "PackedSparseAttentionIndexer"): SELECTION,
    ("com.microsoft", "PackedSparseAttentionIndexerMerge"): SELECTION,
    ("com.microsoft", "SparseAttentionIndexer"): SELECTION,
    ("com.microsoft", "SparsePagedAttention"): SELECTION,
    ("com.ms.internal.nhwc", "LRN"): LAYOUT,
    ("com.ms.internal.nhwc", "MaxUnpool"): LAYOUT,
    ("com.ms.internal.nhwc", "QLinearConvTranspose"): LAYOUT,
}


def known_operators(program):
    """Full names, "Conv" or "com.microsoft.Attention", from the list that `aiprof ops` prints."""
    listing = subprocess.run([program, "ops"], capture_output=True, check=True, text=True).stdout
    return {line.split()[0] for line in listing.splitlines()[3:] if line.strip()}


def full_name(domain, name):
    return f"{domain}.{name}" if domain else name


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="the aiprof executable")
    known = known_operators(parser.parse_args().program)
    schemas = runtime.get_all_operator_schema() + onnx.defs.get_all_schemas()
    names = {(s.domain, s.name) for s in schemas}
    missing = sorted(n for n in names if full_name(*n) not in known)
    per_domain = collections.Counter(domain for domain, _ in names)
    lacking = collections.Counter(domain for domain, _ in missing)
    for domain, count in sorted(per_domain.items()):
        print(f"{domain or 'ai.onnx'}: {count - lacking[domain]} of {count} operators have a rule")
    for domain, name in missing:
        print(f"  {full_name(domain, name)}: {LEFT_OUT.get((domain, name), 'NO RULE')}")
    return 1 if any(m not in LEFT_OUT for m in missing) else 0


if __name__ == "__main__":
    sys.exit(main())
