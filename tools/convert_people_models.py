#!/usr/bin/env python3
"""Converts the networks that find people into ONNX, as OpenCV's DNN module reads it.

usage: convert_people_models.py FROM TO   (folders; what FROM has to hold: see `MODELS`)

Converting once at set-up keeps the readers of two more formats out of the program; numpy is all that it needs. Layouts
become NCHW, weights float32, and bounds of Clip are attributes, which is what OpenCV 4.6 takes.
"""
import os
import struct
import sys

import numpy as np

# Protocol buffers: what ONNX and GraphDef are written in.


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number, value):
    """One field: an int, a float, text, or the bytes of a message."""
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else bytes(value)
    return varint(number << 3 | 2) + varint(len(data)) + data


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(data):
    """Number and value of every field of a message."""
    at = 0
    while at < len(data):
        key, at = read_varint(data, at)
        wire = key & 7
        if wire == 0:
            value, at = read_varint(data, at)
        else:
            if wire == 2:
                size, at = read_varint(data, at)
            else:
                size = {1: 8, 5: 4}[wire]
            value, at = data[at : at + size], at + size
        yield key >> 3, value


# ONNX.

FLOAT, INT64 = 1, 7


def onnx_attribute(name, value):
    if isinstance(value, list):
        body, kind = b"".join(field(8, int(v)) for v in value), 7
    elif isinstance(value, str):
        body, kind = field(4, value), 3
    elif isinstance(value, float):
        body, kind = field(2, value), 1
    else:
        body, kind = field(3, int(value)), 2
    return field(1, name) + body + field(20, kind)


def onnx_tensor(name, array):
    kind = INT64 if array.dtype == np.int64 else FLOAT
    dims = b"".join(field(1, int(d)) for d in array.shape)
    return dims + field(2, kind) + field(8, name) + field(9, np.ascontiguousarray(array).tobytes())


def onnx_value(name, shape):
    dims = b"".join(field(1, field(1, int(d))) for d in shape)
    return field(1, name) + field(2, field(1, field(1, FLOAT) + field(2, dims)))


class Graph:
    """An ONNX graph that grows node by node; `add` gives the name of a node's output."""

    def __init__(self, input_shape):
        self.nodes, self.tensors, self.outputs, self.names = [], [], [], 0
        self.input = onnx_value("input", input_shape)

    def name(self):
        self.names += 1
        return f"v{self.names}"

    def constant(self, array):
        name = self.name()
        self.tensors.append(onnx_tensor(name, np.asarray(array)))
        return name

    def add(self, kind, inputs, output=None, **attributes):
        output = output or self.name()
        body = b"".join(field(1, i) for i in inputs) + field(2, output) + field(3, output) + field(4, kind)
        self.nodes.append(body + b"".join(field(5, onnx_attribute(k, v)) for k, v in attributes.items()))
        return output

    def relu6(self, source):
        return self.add("Clip", [source], min=0.0, max=6.0)

    def give(self, source, name, shape):
        self.add("Identity", [source], name)
        self.outputs.append(onnx_value(name, shape))

    def save(self, path):
        parts = [(1, self.nodes), (2, ["people"]), (5, self.tensors), (11, [self.input]), (12, self.outputs)]
        graph = b"".join(field(number, value) for number, values in parts for value in values)
        model = field(1, 7) + field(2, "retime") + field(7, graph) + field(8, field(1, "") + field(2, 11))
        with open(path, "wb") as file:
            file.write(model)


def same_padding(sizes, kernel, strides):
    """Rows above, columns left, rows below, columns right: what the padding SAME of TensorFlow adds."""
    total = [max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in zip(sizes, kernel, strides)]
    return [t // 2 for t in total] + [t - t // 2 for t in total]


# GraphDef of the detector of people (SSDLite on MobileNetV2).


def tensor_of_graphdef(data):
    kind, shape, content, values = 1, [], None, []
    for number, value in fields(data):
        if number == 1:
            kind = value
        elif number == 2:
            shape = [dict(fields(v)).get(1, 0) for n, v in fields(value) if n == 2]
        elif number == 4:
            content = value
        elif number == 5:
            values.append(value)
    if kind != 1:
        return None
    array = np.frombuffer(content if content is not None else b"".join(values), "<f4")
    return array.reshape(shape) if array.size == np.prod(shape) else np.broadcast_to(array, shape)


def attribute_of_graphdef(data):
    for number, value in fields(data):
        if number == 8:
            return tensor_of_graphdef(value)
        if number == 4:
            return struct.unpack("<f", value)[0]
        if number == 2:
            return value
        if number == 1:
            return [v for n, value_list in fields(value) if n == 3 for v in ints_of(value_list)]
    return None


def ints_of(value):
    if isinstance(value, int):
        return [value]
    out, at = [], 0
    while at < len(value):
        number, at = read_varint(value, at)
        out.append(number)
    return out


def read_graphdef(path):
    """Nodes by name: (operation, inputs, attributes)."""
    nodes = {}
    with open(path, "rb") as file:
        data = file.read()
    for number, node in fields(data):
        if number != 1:
            continue
        name = kind = ""
        inputs, attributes = [], {}
        for part, value in fields(node):
            if part == 1:
                name = value.decode()
            elif part == 2:
                kind = value.decode()
            elif part == 3:
                inputs.append(value.decode().split(":")[0])
            elif part == 5:
                entry = dict(fields(value))
                attributes[entry[1].decode()] = attribute_of_graphdef(entry[2])
        nodes[name] = (kind, inputs, attributes)
    return nodes


class DetectorConverter:
    """Follows the graph from its outputs to the picture; normalisation is folded into the convolution before it."""

    def __init__(self, nodes):
        self.nodes, self.done, self.graph = nodes, {}, Graph([1, 3, 300, 300])
        self.sides = {"input": 300}  # of what nodes give, in cells

    def behind_identities(self, name):
        while self.nodes[name][0] == "Identity":
            name = self.nodes[name][1][0]
        return name

    def constant(self, name):
        return np.asarray(self.nodes[self.behind_identities(name)][2]["value"], np.float64)

    def convolution(self, name):
        _, inputs, attributes = self.nodes[name]
        kind, sources, settings = self.nodes[self.behind_identities(inputs[0])]
        weights = self.constant(sources[1])
        deep = kind == "DepthwiseConv2dNative"
        kernel = weights.transpose(2, 3, 0, 1).reshape(-1, 1, *weights.shape[:2]) if deep else weights.transpose(3, 2, 0, 1)
        if self.nodes[name][0] == "BiasAdd":
            bias = self.constant(inputs[1])
        else:
            gamma, beta, mean, variance = (self.constant(i) for i in inputs[1:5])
            scale = gamma / np.sqrt(variance + attributes["epsilon"])
            kernel, bias = kernel * scale[:, None, None, None], beta - mean * scale
        source, strides, size = self.emit(sources[0]), settings["strides"][1:3], weights.shape[0]
        names = [self.graph.constant(a.astype(np.float32)) for a in (kernel, bias)]
        pads = same_padding([self.sides[source]] * 2, [size] * 2, strides)
        result = self.graph.add("Conv", [source] + names, kernel_shape=[size, size], strides=strides,
                                group=weights.shape[2] if deep else 1, pads=pads)
        self.sides[result] = -(-self.sides[source] // strides[0])
        return result

    def emit(self, name):
        if name not in self.done:
            self.done[name] = self.emit_new(name)
        return self.done[name]

    def emit_new(self, name):
        kind, inputs, _ = self.nodes[name]
        if name.startswith("Preprocessor") or name.endswith("MobilenetV2/input"):
            return "input"
        if kind == "Identity":
            return self.emit(inputs[0])
        if kind in ("FusedBatchNorm", "BiasAdd"):
            return self.convolution(name)
        if kind == "Relu6":
            return self.like(inputs[0], self.graph.relu6(self.emit(inputs[0])))
        if kind == "Add":
            return self.like(inputs[0], self.graph.add("Add", [self.emit(i) for i in inputs]))
        raise ValueError(f"{name}: operation {kind} is not known")

    def like(self, source, result):
        self.sides[result] = self.sides[self.emit(source)]
        return result


def convert_detector(source, target):
    converter = DetectorConverter(read_graphdef(source))
    for level, side in enumerate((19, 10, 5, 3, 2, 1)):
        anchors = 3 if level == 0 else 6
        for name, part, values in (("loc", "BoxEncodingPredictor", 4), ("conf", "ClassPredictor", 2)):
            result = converter.emit(f"BoxPredictor_{level}/{part}/BiasAdd")
            converter.graph.give(result, f"{name}{level}", [1, anchors * values, side, side])
    converter.graph.save(target)


# FlatBuffers, and TFLite in them.


class Table:
    """A table of a FlatBuffer; fields are numbered as in the schema."""

    def __init__(self, data, at):
        self.data, self.at = data, at

    def place(self, number):
        vtable = self.at - struct.unpack_from("<i", self.data, self.at)[0]
        size = struct.unpack_from("<H", self.data, vtable)[0]
        offset = struct.unpack_from("<H", self.data, vtable + 4 + 2 * number)[0] if 4 + 2 * number < size else 0
        return self.at + offset if offset else None

    def get(self, number, form, default=0):
        place = self.place(number)
        return default if place is None else struct.unpack_from("<" + form, self.data, place)[0]

    def target(self, number):
        place = self.place(number)
        return None if place is None else place + struct.unpack_from("<I", self.data, place)[0]

    def table(self, number):
        target = self.target(number)
        return None if target is None else Table(self.data, target)

    def array(self, number, dtype="<i4"):
        at = self.target(number)
        if at is None:
            return np.zeros(0, dtype)
        return np.frombuffer(self.data, dtype, struct.unpack_from("<I", self.data, at)[0], at + 4)

    def tables(self, number):
        at = self.target(number)
        starts = [] if at is None else range(at + 4, at + 4 + 4 * struct.unpack_from("<I", self.data, at)[0], 4)
        return [Table(self.data, s + struct.unpack_from("<I", self.data, s)[0]) for s in starts]


def dense(tensor, values):
    """The whole array of a sparse tensor: a tree of dimensions, each dense or a list of indices."""
    sparsity, shape = tensor.table(6), tensor.array(0)
    order, blocks = sparsity.array(0), sparsity.array(1)
    kinds = {1: "<i4", 2: "<u2", 3: "u1"}
    levels = []
    for dim in sparsity.tables(2):
        lists = [dim.table(n + 1).array(0, kinds[dim.get(n, "B")]) for n in (2, 4)] if dim.get(0, "b") else None
        levels.append((dim.get(1, "i"), lists))
    index, kept = np.zeros((1, 0), np.int64), np.zeros(1, np.int64)
    for size, lists in levels:
        if lists is None:
            counts, own = np.full(len(kept), size), np.tile(np.arange(size), len(kept))
            children = np.repeat(kept * size, size) + own
        else:
            counts = np.diff(lists[0].astype(np.int64))[kept]
            children = np.concatenate([np.arange(lists[0][k], lists[0][k + 1]) for k in kept])
            own = lists[1][children]
        index, kept = np.column_stack([np.repeat(index, counts, axis=0), own]), children
    place = [np.zeros(len(kept), np.int64) for _ in shape]
    for level in np.argsort(order, kind="stable"):
        number = order[level]
        if number < len(shape):
            place[number] += index[:, level]
        else:
            size, mapped = levels[level][0], blocks[number - len(shape)]
            place[mapped] = place[mapped] * size + index[:, level]
    out = np.zeros(shape, values.dtype)
    out[tuple(place)] = values[kept]
    return out


def nchw(array):
    return array.transpose(0, 3, 1, 2) if array.ndim == 4 else array.reshape(1, -1, 1, 1)


class TfliteConverter:
    NAMES = {0: "add", 3: "convolution", 4: "depthwise", 5: "depth_to_space", 2: "concatenate", 6: "stored", 14: "sigmoid",
             17: "max_pool", 22: "reshape", 23: "resize", 34: "pad", 124: "stored"}
    TYPES = {0: "<f4", 1: "<f2", 2: "<i4"}

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        model = Table(data, struct.unpack_from("<I", data)[0])
        self.part = model.tables(2)[0]
        self.codes = [max(c.get(0, "b"), c.get(3, "i")) for c in model.tables(1)]
        self.tensors = self.part.tables(0)
        self.constants = self.stored_constants(model.tables(4))
        self.values = {self.part.array(1)[0]: "input"}
        self.graph = Graph(self.shape(self.part.array(1)[0], picture=True))

    def stored_constants(self, buffers):
        out = {}
        for number, tensor in enumerate(self.tensors):
            data = buffers[tensor.get(2, "I")].array(0, "u1")
            if data.size:
                values = np.frombuffer(data.tobytes(), self.TYPES[tensor.get(1, "b")])
                out[number] = dense(tensor, values) if tensor.table(6) else values.reshape(tensor.array(0))
        return out

    def shape(self, number, picture=False):
        shape = [int(s) for s in self.tensors[number].array(0)]
        return [shape[0], shape[3], shape[1], shape[2]] if picture and len(shape) == 4 else shape

    def value(self, number):
        if number in self.constants:
            return self.graph.constant(nchw(self.constants[number].astype(np.float32)))
        return self.values[number]

    def activated(self, kind, name):
        if kind not in (0, 1, 3):
            raise ValueError(f"activation {kind} is not known")
        return {0: lambda n: n, 1: lambda n: self.graph.add("Relu", [n]), 3: self.graph.relu6}[kind](name)

    def pads(self, source, kernel, strides, same):
        return same_padding(self.shape(source)[1:3], kernel, strides) if same else [0] * 4

    def any_convolution(self, inputs, options, deep):
        weights, channels = self.constants[inputs[1]].astype(np.float32), self.shape(inputs[0])[3]
        kernel, strides = list(weights.shape[1:3]), [options.get(2, "i"), options.get(1, "i")]
        dilations = [options.get(n, "i", 1) for n in ((6, 5) if deep else (5, 4))]
        if dilations != [1, 1]:
            raise ValueError("a dilated convolution is not known")
        stored = weights.transpose(3, 0, 1, 2) if deep else weights.transpose(0, 3, 1, 2)
        names = [self.graph.constant(stored), self.graph.constant(self.constants[inputs[2]].astype(np.float32))]
        result = self.graph.add("Conv", [self.value(inputs[0])] + names, kernel_shape=kernel, strides=strides,
                                pads=self.pads(inputs[0], kernel, strides, options.get(0, "b") == 0),
                                group=channels if deep else channels // weights.shape[3])
        return self.activated(options.get(4 if deep else 3, "b"), result)

    def convolution(self, inputs, output, options):
        return self.any_convolution(inputs, options, False)

    def depthwise(self, inputs, output, options):
        return self.any_convolution(inputs, options, True)

    def add(self, inputs, output, options):
        result = self.graph.add("Add", [self.value(i) for i in inputs])
        return self.activated(options.get(0, "b") if options else 0, result)

    def max_pool(self, inputs, output, options):
        strides, kernel = [options.get(2, "i"), options.get(1, "i")], [options.get(4, "i"), options.get(3, "i")]
        return self.graph.add("MaxPool", [self.value(inputs[0])], kernel_shape=kernel, strides=strides,
                              pads=self.pads(inputs[0], kernel, strides, options.get(0, "b") == 0))

    def pad(self, inputs, output, options):
        sides = self.constants[inputs[1]][[0, 3, 1, 2]].T.reshape(-1).astype(np.int64)
        return self.graph.add("Pad", [self.value(inputs[0]), self.graph.constant(sides)], mode="constant")

    def resize(self, inputs, output, options):
        mode = "align_corners" if options.get(2, "b") else "half_pixel" if options.get(3, "b") else "asymmetric"
        new, old = self.shape(output, True), self.shape(inputs[0], True)
        scales = np.array([n / o for n, o in zip(new, old)], np.float32)
        names = [self.graph.constant(a) for a in (np.zeros(0, np.float32), scales)]
        return self.graph.add("Resize", [self.value(inputs[0])] + names, mode="linear", coordinate_transformation_mode=mode)

    def depth_to_space(self, inputs, output, options):
        return self.graph.add("DepthToSpace", [self.value(inputs[0])], blocksize=options.get(0, "i"), mode="DCR")

    def reshape(self, inputs, output, options):
        source = self.value(inputs[0])
        if len(self.shape(inputs[0])) == 4:
            source = self.graph.add("Transpose", [source], perm=[0, 2, 3, 1])
        return self.graph.add("Reshape", [source, self.graph.constant(np.array(self.shape(output), np.int64))])

    def concatenate(self, inputs, output, options):
        rank, axis = len(self.shape(output)), options.get(0, "i") % len(self.shape(output))
        axis = [0, 2, 3, 1][axis] if rank == 4 else axis
        return self.graph.add("Concat", [self.value(i) for i in inputs], axis=axis)

    def sigmoid(self, inputs, output, options):
        return self.graph.add("Sigmoid", [self.value(inputs[0])])

    def convert(self, names, target):
        for operator in self.part.tables(3):
            code = self.codes[operator.get(0, "I")]
            inputs, output = [int(i) for i in operator.array(1)], int(operator.array(2)[0])
            if code not in self.NAMES:
                raise ValueError(f"operation {code} is not known")
            if self.NAMES[code] == "stored":
                self.constants[output] = self.constants[inputs[0]]
            else:
                self.values[output] = getattr(self, self.NAMES[code])(inputs, output, operator.table(4))
        for name, number in zip(names, self.part.array(2)):
            self.graph.give(self.values[number], name, self.shape(number, True))
        self.graph.save(target)


def convert_pose_network(*names):
    return lambda source, target: TfliteConverter(source).convert(names, target)


# File to convert, file that it becomes, how.
MODELS = (
    ("frozen_inference_graph.pb", "person_detection.onnx", convert_detector),
    ("pose_detection.tflite", "pose_detection.onnx", convert_pose_network("boxes", "scores")),
    ("pose_landmark_full.tflite", "pose_landmarks.onnx",
     convert_pose_network("landmarks", "presence", "mask", "heatmap", "world")),
)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    for source, target, convert in MODELS:
        path = os.path.join(sys.argv[2], target)
        convert(os.path.join(sys.argv[1], source), path + ".partial")
        os.replace(path + ".partial", path)


if __name__ == "__main__":
    main()
