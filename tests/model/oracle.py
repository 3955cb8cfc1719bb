"""The renderer's U-Net in eager PyTorch, written from the method's description alone, as a check of the C++ one.

oracle.py FOLDER: for every FOLDER/*.in (a line of JSON options, then arrays) writes FOLDER/*.expected with the output
and the gradients of sum(tanh(output) * cos(index)) with respect to the input and all parameters. An array is a line
"name dim dim ..." followed by its values as float64.
"""
import json
import pathlib
import sys
from array import array as doubles

import torch
import torch.nn.functional as F


def read_arrays(path):
    with open(path, "rb") as file:
        options = json.loads(file.readline())
        arrays = {}
        while line := file.readline():
            name, *dims = line.decode().split()
            dims = [int(d) for d in dims]
            count = int(torch.tensor(dims).prod())
            arrays[name] = torch.frombuffer(bytearray(file.read(8 * count)), dtype=torch.float64).reshape(dims)
    return options, arrays


def write_arrays(path, arrays):
    with open(path, "wb") as file:
        for name, array in arrays.items():
            file.write((" ".join([name, *map(str, array.shape)]) + "\n").encode())
            file.write(doubles("d", array.flatten().tolist()).tobytes())


class Net:
    def __init__(self, options, weights):
        self.options, self.weights = options, weights

    def norm(self, x, name):
        scale, shift = self.weights[name + "_norm.weight"], self.weights[name + "_norm.bias"]
        kind = self.options["norm"]
        if kind == "group":
            groups = max(x.shape[1] // 8, 2)  # of eight channels, but at least two
            return F.group_norm(x, groups, scale, shift, 1e-5)
        axes = (2, 3) if kind == "instance" else (0, 2, 3)
        mean = x.mean(axes, keepdim=True)
        variance = ((x - mean) ** 2).mean(axes, keepdim=True)
        return (x - mean) / (variance + 1e-5).sqrt() * scale[:, None, None] + shift[:, None, None]

    def conv(self, x, name, **how):
        return F.conv2d(x, self.weights[name + ".weight"], self.weights[name + ".bias"], **how)

    def up(self, x, name):
        weight, bias = self.weights[name + ".weight"], self.weights[name + ".bias"]
        return F.relu(self.norm(F.conv_transpose2d(x, weight, bias, stride=2, padding=1), name))

    def down(self, x, name):
        x = self.conv(x, name, stride=2, padding=1)
        if name != "e1":
            return F.leaky_relu(self.norm(x, name), 0.2)
        return F.relu(x) if self.options["first_activation"] == "relu" else F.leaky_relu(x, 0.2)

    def out(self, x):
        if self.options["output_convolution"] == "conv":
            return self.conv(x, "out", padding="same")
        full = F.conv_transpose2d(x, self.weights["out.weight"], self.weights["out.bias"])
        return full[:, :, 1:-2, 1:-2]

    def __call__(self, x):
        height, width = x.shape[2:]
        x = F.pad(x, (0, -width % 32, 0, -height % 32), mode="replicate")
        e1 = self.down(x, "e1")
        e2 = self.down(e1, "e2")
        e3 = self.down(e2, "e3")
        e4 = self.down(e3, "e4")
        e5 = self.down(e4, "e5")
        x = e5
        for name in ("b1", "b2"):
            x = self.conv(x, name, padding="same", dilation=self.options["bottleneck_dilation"])
            x = F.leaky_relu(self.norm(x, name), 0.2)
        for name, skip in (("d1", e5), ("d2", e4), ("d3", e3), ("d4", e2), ("d5", e1)):
            x = self.up(torch.cat([x, skip], 1), name)
        return self.out(x)[:, :, :height, :width]


def main(folder):
    torch.set_num_threads(1)
    cases = sorted(folder.glob("*.in"))
    for case in cases:
        options, arrays = read_arrays(case)
        for array in arrays.values():
            array.requires_grad_()
        source = arrays.pop("input")
        output = Net(options, arrays)(source)
        factor = torch.arange(output.numel(), dtype=torch.float64).cos().reshape(output.shape)
        gradients = torch.autograd.grad((output.tanh() * factor).sum(), [source, *arrays.values()])
        results = {"output": output, "gradient/input": gradients[0]}
        results |= {"gradient/" + name: value for name, value in zip(arrays, gradients[1:])}
        write_arrays(case.with_suffix(".expected"), results)
    print(f"{len(cases)} cases, torch {torch.__version__}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
