#!/usr/bin/env python3
"""The folders of src/ include only what src/CMakeLists.txt lists, and of others only public headers.

layering_test.py SOURCE_TREE
"""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path()
INCLUDE = re.compile(r'^#include ["<]([^">]+)[">]', re.MULTILINE)

# Where JSON may be read or written, the command line parsed, the standard streams used.
ONLY_IN = {
    "nlohmann/": {"ops", "hardware", "lowering", "calibration", "trace", "report", "gate"},
    "ceres/": {"calibration"},
    "CLI/": {"cli"},
    "iostream": {"cli"},
    "google/protobuf": set(),
    "onnx/": set(),
}
# A fit evaluates the very terms of the engines that it fits; they are no interface for others.
INTERNALS_SHARED = {("calibration", "roofline")}


def folders():
    return sorted(p.name for p in (ROOT / "src").iterdir() if p.is_dir() and p.name != "cmake")


def cmake_edges():
    """Direct edges as src/CMakeLists.txt links them."""
    text = (ROOT / "src/CMakeLists.txt").read_text()
    edges = {}
    for name, rest in re.findall(r"aiprof_module\((\w+)([^)]*)\)", text):
        depends = re.search(r"DEPENDS([\w\s]*?)(?:LIBS|$)", rest)
        edges[name] = set(depends.group(1).split()) if depends else set()
    cli = re.search(r"target_link_libraries\(aiprof_cli(.*?)\)", text, re.DOTALL).group(1)
    edges["cli"] = set(re.findall(r"aiprof_(\w+)", cli)) - {"flags"}
    return edges


def documented_edges():
    edges = {}
    for names, uses in re.findall(r"^\| (`[^|]*`) \| ([^|]*)\|$",
                                  (ROOT / "docs/architecture.md").read_text(), re.MULTILINE):
        if "src/" in names:
            continue
        for name in re.findall(r"`(\w+)`", names):
            edges[name] = set(re.findall(r"`(\w+)`", uses))
    return edges


def closure(edges, name):
    seen, todo = set(), [name]
    while todo:
        for other in edges.get(todo.pop(), ()):
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return seen


def files():
    """(folder, path) of every source and header, public ones included."""
    for folder in folders():
        for base in (ROOT / "src" / folder, ROOT / "include/aiprof" / folder):
            for path in sorted(base.rglob("*")):
                if path.suffix in (".h", ".cpp"):
                    yield folder, path


class Layering(unittest.TestCase):
    def test_every_folder_with_code_is_a_module(self):
        with_code = {folder for folder, _ in files()}
        self.assertEqual(with_code, {f for f in cmake_edges() if f in with_code})

    def test_there_are_no_cycles(self):
        edges = cmake_edges()
        for name in edges:
            self.assertNotIn(name, closure(edges, name))

    def test_includes_follow_the_edges(self):
        edges = cmake_edges()
        for folder, path in files():
            allowed = closure(edges, folder) | {folder}
            for header in INCLUDE.findall(path.read_text(errors="replace")):
                with self.subTest(file=str(path.relative_to(ROOT)), header=header):
                    public = re.match(r"aiprof/(\w+)/", header)
                    if public:
                        self.assertIn(public.group(1), allowed)
                    internal = re.match(r"(\w+)/", header)
                    if internal and internal.group(1) in edges:
                        other = internal.group(1)
                        self.assertTrue(other == folder or (folder, other) in INTERNALS_SHARED,
                                        "an internal header of another folder")

    def test_public_headers_include_public_headers_alone(self):
        for folder, path in files():
            if "include" not in path.relative_to(ROOT).parts:
                continue
            for header in INCLUDE.findall(path.read_text()):
                with self.subTest(file=str(path.relative_to(ROOT)), header=header):
                    self.assertTrue("/" not in header or header.startswith("aiprof/"))

    def test_libraries_stay_where_they_are_needed(self):
        for folder, path in files():
            for header in INCLUDE.findall(path.read_text(errors="replace")):
                for prefix, homes in ONLY_IN.items():
                    if header.startswith(prefix):
                        with self.subTest(file=str(path.relative_to(ROOT)), header=header):
                            self.assertIn(folder, homes)

    def test_the_documentation_has_the_same_edges(self):
        built, told = cmake_edges(), documented_edges()
        with_code = {folder for folder, _ in files()}
        for name in sorted(with_code):
            with self.subTest(folder=name):
                self.assertIn(name, told)
                self.assertEqual(built[name], told[name])


if __name__ == "__main__":
    ROOT = pathlib.Path(sys.argv[1]).resolve()
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
