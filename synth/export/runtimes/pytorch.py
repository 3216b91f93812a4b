"""run.py MODEL SHAPE INPUTS OUTPUTS: float32 inputs of SHAPE, one after the other, through a Python file's network or a
TorchScript module."""
import importlib.util
import pathlib
import sys

try:
    import torch
except ImportError as fault:
    sys.exit(f"{sys.executable}: {fault}")

model, shape, inputs, outputs = sys.argv[1:]
torch.set_num_threads(1)
if model.endswith(".py"):
    sys.dont_write_bytecode = True
    specification = importlib.util.spec_from_file_location("model", model)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    network = module.load()
else:
    network = torch.jit.load(model)
images = torch.frombuffer(bytearray(pathlib.Path(inputs).read_bytes()), dtype=torch.float32)
with torch.no_grad():
    logits = torch.cat([network(part) for part in images.view(-1, *map(int, shape.split(","))).split(16)])
pathlib.Path(outputs).write_bytes(logits.contiguous().numpy().tobytes())
