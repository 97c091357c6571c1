#!/usr/bin/env python3
"""Writes onnx_history.txt: every operator of the installed `onnx` package with all its versions.

python3 make_onnx_history.py > onnx_history.txt
"""

import collections

import onnx

versions = collections.defaultdict(set)
for schema in onnx.defs.get_all_schemas_with_history():
    versions[(schema.domain, schema.name)].add(schema.since_version)

print(f"# operators of onnx {onnx.__version__} (opset {onnx.defs.onnx_opset_version()}):")
print("# name, with its domain unless that is ai.onnx; the opsets that define it anew")
for (domain, name), since in sorted(versions.items()):
    print(".".join(filter(None, [domain, name])), *sorted(since))
