"""Training throughput of bench_training against the same nets as plain nn.Modules in Python's LibTorch, channels-last,
one thread each, interleaved in one session. Seconds are the processor's, so that other programs disturb less:
/usr/bin/python3 tests/bench/training.py build/release/bin/bench_training"""
import json
import subprocess
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

BATCH = 128
torch.set_num_threads(1)


class Scale(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.factor = nn.Parameter(torch.ones(1, channels, 1, 1))

    def forward(self, x):
        return x * self.factor


def layer(node, nodes):
    """The nn.Module of one node, or None where a function does."""
    op, channels = node["op"], node["shape"][0]
    window = dict(stride=node["stride"], padding=node["padding"])
    if op == "conv2d":
        entering = nodes[node["inputs"][0]]["shape"][0]
        return nn.Conv2d(entering, channels, node["kernel"], groups=node["groups"], bias=False, **window)
    if op == "linear":
        return nn.Linear(nodes[node["inputs"][0]]["shape"][0], channels)
    if op == "max_pool":
        return nn.MaxPool2d(node["kernel"], ceil_mode=node["ceil_mode"], **window)
    if op == "avg_pool":
        return nn.AvgPool2d(node["kernel"], ceil_mode=node["ceil_mode"], **window)
    if op == "upsample_nearest":
        return nn.Upsample(size=tuple(node["shape"][1:]))
    simple = dict(batch_norm=lambda: nn.BatchNorm2d(channels), scale=lambda: Scale(channels), relu=nn.ReLU,
                  sigmoid=nn.Sigmoid, global_avg_pool=lambda: nn.AdaptiveAvgPool2d(1))
    return simple[op]() if op in simple else None


class Net(nn.Module):
    def __init__(self, graph):
        super().__init__()
        self.nodes = graph["nodes"]
        self.layers = nn.ModuleDict()
        for i, node in enumerate(self.nodes):
            module = layer(node, self.nodes)
            if module is not None:
                self.layers[str(i)] = module

    def forward(self, x):
        values = []
        for i, node in enumerate(self.nodes):
            first, second = node["inputs"]
            if node["op"] in ("input", "softmax"):
                values.append(x if node["op"] == "input" else values[first])
            elif node["op"] == "add":
                values.append(values[first] + values[second])
            elif node["op"] == "multiply":
                values.append(values[first] * values[second])
            elif node["op"] == "linear":
                values.append(self.layers[str(i)](values[first].flatten(1)))
            else:
                values.append(self.layers[str(i)](values[first]))
        return values[-1]


def python_speed(graph, bf16, seconds):
    net = Net(graph).to(memory_format=torch.channels_last)
    channels, height, width = graph["nodes"][0]["shape"]
    images = torch.randn(BATCH, channels, height, width).to(memory_format=torch.channels_last)
    labels = torch.randint(0, graph["classes"], (BATCH,))
    optimiser = torch.optim.SGD(net.parameters(), 0.01, momentum=0.9, nesterov=True, weight_decay=5e-4)

    def step():
        optimiser.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            logits = net(images)
        F.cross_entropy(logits.float(), labels, label_smoothing=0.1).backward()
        optimiser.step()

    for _ in range(3):
        step()
    start, steps = time.process_time(), 0
    while time.process_time() - start < seconds:
        step()
        steps += 1
    return BATCH * steps / (time.process_time() - start)


def has_bf16():
    """Whether LibTorch convolves bfloat16 on this processor, as the environment limits it."""
    image, weight = torch.ones(1, 1, 3, 3, dtype=torch.bfloat16), torch.ones(1, 1, 3, 3, dtype=torch.bfloat16)
    try:
        F.conv2d(image.to(memory_format=torch.channels_last), weight)
        return True
    except RuntimeError:
        return False


def main():
    types = (False, True) if has_bf16() else (False,)
    program = sys.argv[1]
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 4
    rounds = 3
    for net in ("wide", "narrow"):
        graph = json.loads(subprocess.check_output([program, net, "--graph"]))
        best = {}
        for _ in range(rounds):
            for bf16 in types:
                ours = json.loads(subprocess.check_output([program, net, str(seconds)] + ["bf16"] * bf16))
                speeds = {("synth", bf16): ours["samples_per_second"], ("python", bf16): python_speed(graph, bf16, seconds)}
                for key, speed in speeds.items():
                    best[key] = max(best.get(key, 0), speed)
        print(f"{net}: {ours['multiply_adds'] / 1e6:.1f} M multiply-adds, samples/s (best of {rounds})")
        for bf16 in types:
            synth, python = best["synth", bf16], best["python", bf16]
            name = "bfloat16" if bf16 else "float32"
            print(f"  {name:9}synth {synth:7.0f}   python {python:7.0f}   ratio {synth / python:.2f}")
        if len(types) == 2:
            ratio = best["synth", True] / best["python", False]
            print(f"  synth as it trains (bfloat16) / python float32: {ratio:.2f}")


if __name__ == "__main__":
    main()
