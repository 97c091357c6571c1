"""ONNX files for the browser test, written field by field: no library is needed for so little."""


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field, value):
    return varint(field << 3) + varint(value)


def chunk(field, value):
    data = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(data)) + data


FLOAT = 1


def value_info(name, shape):
    dims = b"".join(chunk(1, number(1, n)) for n in shape)
    tensor = number(1, FLOAT) + chunk(2, dims)
    return chunk(1, name) + chunk(2, chunk(1, tensor))


def node(op_type, name, inputs, output):
    return (b"".join(chunk(1, i) for i in inputs) + chunk(2, output) + chunk(3, name) +
            chunk(4, op_type))


def weight(name, shape):
    """A tensor whose data lies in a file that need not exist."""
    where = chunk(1, "location") + chunk(2, "weights.bin")
    return (b"".join(number(1, n) for n in shape) + number(2, FLOAT) + chunk(8, name) +
            chunk(13, where) + number(14, 1))


def model(nodes, weights, inputs, outputs):
    graph = (b"".join(chunk(1, n) for n in nodes) + chunk(2, "net") +
             b"".join(chunk(5, w) for w in weights) +
             b"".join(chunk(11, value_info(*i)) for i in inputs) +
             b"".join(chunk(12, value_info(*o)) for o in outputs))
    return number(1, 8) + chunk(7, graph) + chunk(8, number(2, 17))


def long_chain(length):
    """`length` operators in layers, nearly all of them with shapes of their own."""
    nodes, weights = [], []
    previous, width = "x", 64
    for i in range(length):
        output = f"/model/layers.{i // 20}/block.{i % 20}/out_{i}"
        name = f"/model/layers.{i // 20}/block.{i % 20}/op_{i}"
        if i % 2 == 0:
            next_width = 64 + (i * 37) % 2039
            weights.append(weight(f"w{i}", (width, next_width)))
            nodes.append(node("MatMul", name, [previous, f"w{i}"], output))
            width = next_width
        else:
            nodes.append(node("Relu", name, [previous], output))
        previous = output
    return model(nodes, weights, [("x", (16, 64))], [(previous, (16, width))])


HOSTILE = [
    "</script><img src=x onerror=\"window.broken=1\">",
    "'\"><svg onload=window.broken=1>",
    "=cmd|'/c calc'!A1",
    "a\nb\tc\r|`*_~",
    "\udcff\udcc0 not UTF-8",
    "{{data}} ${window.broken=1} <!-- ]]>",
    "\u2028\u2029\u202e\U0001F600",
    "__proto__",
    "/constructor/toString/x",
]


def hostile():
    """A chain whose names try to leave the text that they belong to."""
    nodes, previous = [], "x"
    for i, name in enumerate(HOSTILE):
        nodes.append(node("Relu", name, [previous], f"{name} {i}"))
        previous = f"{name} {i}"
    return model(nodes, [], [("x", (4, 64))], [(previous, (4, 64))])
