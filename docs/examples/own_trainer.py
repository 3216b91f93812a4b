#!/usr/bin/env python3
"""Trains the networks that `synth search` proposes, with PyTorch, on a folder of images.

    synth search --data imagefolder:photos,size=32 --evaluator 'command:python3 docs/examples/own_trainer.py photos'

photos/train and photos/val hold a folder of images per class. The same program serves as `command-server:`: it answers
a line for every line that it reads. The protocol: docs/own_trainer.md.
"""
import json
import pathlib
import sys

import numpy
import torch
from PIL import Image
from torch import nn
from torch.nn import functional


class Network(nn.Module):
    """The layers of layers.json; returns logits: the softmax is left to the loss."""

    def __init__(self, layers):
        super().__init__()
        self.layers = layers
        self.learned = nn.ModuleList([self._learned(layer) for layer in layers])
        self.scales = nn.ParameterDict({str(i): nn.Parameter(torch.ones(1, layer["output"]["channels"], 1, 1))
                                        for i, layer in enumerate(layers) if layer["op"] == "scale"})

    def _learned(self, layer):
        channels = layer["output"]["channels"]
        if layer["op"] == "batch_norm":
            return nn.BatchNorm2d(channels)
        if layer["op"] == "conv2d":
            return nn.Conv2d(self._inputs(layer), channels, layer["kernel"], layer["stride"], layer["padding"],
                             groups=layer["groups"], bias=layer["bias"])
        if layer["op"] == "linear":
            return nn.Linear(self._inputs(layer), channels)
        return nn.Identity()

    def _inputs(self, layer):
        return self.layers[layer["inputs"][0]]["output"]["channels"]

    def forward(self, images):
        values = [images]
        for i, layer in enumerate(self.layers[1:], start=1):
            values.append(self._apply(i, layer, [values[j] for j in layer["inputs"]]))
        return values[-1].flatten(1)

    def _apply(self, i, layer, inputs):
        op, x = layer["op"], inputs[0]
        if op in ("conv2d", "batch_norm"):
            return self.learned[i](x)
        if op == "linear":
            return self.learned[i](x.flatten(1))[:, :, None, None]
        if op == "max_pool":
            return functional.max_pool2d(x, layer["kernel"], layer["stride"], layer["padding"],
                                         ceil_mode=layer["ceil_mode"])
        if op == "avg_pool":
            return functional.avg_pool2d(x, layer["kernel"], layer["stride"], layer["padding"],
                                         ceil_mode=layer["ceil_mode"], count_include_pad=False)
        if op == "upsample_nearest":
            return functional.interpolate(x, (layer["output"]["height"], layer["output"]["width"]), mode="nearest")
        if op == "slice":
            return x[:, layer["first_channel"]:layer["first_channel"] + layer["output"]["channels"]]
        if op == "channel_shuffle":
            n, c, h, w = x.shape
            return x.view(n, layer["groups"], c // layer["groups"], h, w).transpose(1, 2).reshape(n, c, h, w)
        simple = {
            "relu": lambda: functional.relu(x),
            "hard_swish": lambda: functional.hardswish(x),
            "sigmoid": lambda: torch.sigmoid(x),
            "hard_sigmoid": lambda: functional.hardsigmoid(x),
            "multiply": lambda: x * inputs[1],
            "add": lambda: x + inputs[1],
            "scale": lambda: x * self.scales[str(i)],
            "concat": lambda: torch.cat(inputs, 1),
            "global_avg_pool": lambda: x.mean((2, 3), keepdim=True),
            "softmax": lambda: x,
            "identity": lambda: x,
        }
        return simple[op]()


def load(folder, shape):
    """Images of one split, as a tensor in [-1, 1], and their labels."""
    mode = "RGB" if shape["channels"] == 3 else "L"
    images, labels = [], []
    classes = sorted(entry for entry in pathlib.Path(folder).iterdir() if entry.is_dir())
    for label, entry in enumerate(classes):
        for path in sorted(entry.iterdir()):
            image = Image.open(path).convert(mode).resize((shape["width"], shape["height"]))
            images.append(numpy.asarray(image, numpy.float32).reshape(shape["height"], shape["width"], -1))
            labels.append(label)
    pixels = torch.from_numpy(numpy.stack(images)).permute(0, 3, 1, 2)
    return pixels / 127.5 - 1, torch.tensor(labels)


def train(network, images, labels, epochs, batch_size=32):
    steps = max(1, round(epochs * len(labels) / batch_size))
    optimiser = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.05, total_steps=steps + 1)
    network.train()
    for _ in range(steps):
        batch = torch.randint(len(labels), (min(batch_size, len(labels)),))
        optimiser.zero_grad()
        functional.cross_entropy(network(images[batch]), labels[batch]).backward()
        optimiser.step()
        schedule.step()


def evaluate(request, photos):
    torch.manual_seed(request["seed"])  # the same request must give the same answer
    layers = json.loads(pathlib.Path(request["layers"]).read_text())["layers"]
    network = Network(layers)
    train(network, *load(photos / "train", layers[0]["output"]), request["budget"]["epochs"])
    images, labels = load(photos / "val", layers[0]["output"])
    network.eval()
    with torch.no_grad():
        right = sum((network(part).argmax(1) == truth).sum().item()
                    for part, truth in zip(images.split(64), labels.split(64)))
    return {"key": request["key"], "accuracy": right / len(labels), "samples": len(labels)}


def main():
    torch.set_num_threads(1)  # candidates run beside each other (--jobs)
    torch.use_deterministic_algorithms(True)
    for line in sys.stdin:
        print(json.dumps(evaluate(json.loads(line), pathlib.Path(sys.argv[1]))), flush=True)


if __name__ == "__main__":
    main()
