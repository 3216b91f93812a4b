"""Computes cases with torchvision: reference.py IN OUT. Both are safetensors; IN has tensors KIND.NUMBER.FIELD, OUT the same
with the fields that the function KIND below returns."""
import json
import struct
import sys
from types import SimpleNamespace

import numpy
import torch
from torchvision.models.detection import _utils, anchor_utils, image_list, roi_heads, rpn
from torchvision.ops import MultiScaleRoIAlign, boxes, roi_align

from reference_model import detector

TYPES = {"F32": numpy.float32, "I64": numpy.int64}


def read(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    tensors = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        array = numpy.frombuffer(data[first:last], TYPES[entry["dtype"]]).reshape(entry["shape"])
        tensors[name] = torch.from_numpy(array.copy())
    return tensors


def write(path, tensors):
    header, data = {}, b""
    for name, tensor in sorted(tensors.items(), key=lambda item: item[1].dtype != torch.int64):
        tensor = tensor.detach().contiguous()
        kind = "I64" if tensor.dtype == torch.int64 else "F32"
        bytes_ = tensor.to(torch.int64 if kind == "I64" else torch.float32).numpy().tobytes()
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(bytes_)]}
        data += bytes_
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def coder(c):
    coding = _utils.BoxCoder(tuple(c["weights"].tolist()))
    return {"encoded": coding.encode_single(c["boxes"], c["references"]),
            "decoded": coding.decode(c["deltas"], [c["references"]])}


def iou(c):
    return {"iou": boxes.box_iou(c["first"], c["second"])}


def nms(c):
    return {"kept": boxes.batched_nms(c["boxes"], c["scores"], c["groups"], float(c["threshold"]))}


def anchors(c):
    height, width = c["image"].tolist()
    generator = anchor_utils.AnchorGenerator((tuple(c["sizes"].tolist()),), (tuple(c["ratios"].tolist()),))
    image = torch.zeros(1, 3, height, width)
    return {"anchors": generator(image_list.ImageList(image, [(height, width)]), [torch.zeros(1, 1, *c["map"].tolist())])[0]}


def match(c):
    foreground, nothing, low_quality = c["settings"].tolist()
    return {"matches": _utils.Matcher(foreground, nothing, bool(low_quality))(c["overlaps"])}


def sample(c):
    size, fraction = c["settings"].tolist()
    permutations = iter([c["first"], c["second"]])
    whole, torch.randperm = torch.randperm, lambda *_, **__: next(permutations)
    positive, negative = _utils.BalancedPositiveNegativeSampler(int(size), fraction)([c["labels"]])
    torch.randperm = whole
    return {"positive": torch.where(positive[0])[0], "negative": torch.where(negative[0])[0]}


def roi(c):
    side, sampling, scale = c["settings"].tolist()
    features = c["features"].requires_grad_()
    result = roi_align(features, c["regions"], int(side), scale, int(sampling) or -1)
    result.backward(c["upstream"])
    return {"result": result, "gradient": features.grad}


def pyramid(c):
    pool = MultiScaleRoIAlign(["0", "1", "2", "3"], 7, 2)
    maps = {name: c["level" + name] for name in "0123"}
    side = int(c["side"])
    return {"result": pool(maps, [c["boxes0"], c["boxes1"]], [(side, side)] * 2)}


def proposal_loss(c):
    positive, sampled = (torch.zeros(len(c["labels"])).index_fill(0, c[name], 1) for name in ("positive", "sampled"))
    model = SimpleNamespace(fg_bg_sampler=lambda _: ([positive], [sampled - positive]))
    for name in ("objectness", "deltas"):
        c[name].requires_grad_()
    objectness, box = rpn.RegionProposalNetwork.compute_loss(model, c["objectness"], c["deltas"], [c["labels"]], [c["targets"]])
    (objectness + box).backward()
    return {"objectness": objectness, "boxes": box, "objectness_gradient": c["objectness"].grad, "deltas_gradient": c["deltas"].grad}


def detection_loss(c):
    for name in ("logits", "deltas"):
        c[name].requires_grad_()
    classes, box = roi_heads.fastrcnn_loss(c["logits"], c["deltas"], [c["labels"]], [c["targets"]])
    (classes + box).backward()
    return {"classes": classes, "boxes": box, "logits_gradient": c["logits"].grad, "deltas_gradient": c["deltas"].grad}


def mask_loss(c):
    c["logits"].requires_grad_()
    # Torchvision takes an object's label, our test gives the positives' own.
    loss = roi_heads.maskrcnn_loss(c["logits"], [c["boxes"]], [c["masks"]], [c["object_labels"]], [c["objects"]])
    loss.backward()
    return {"loss": loss, "logits_gradient": c["logits"].grad}


def paste(c):
    return {"image": roi_heads.paste_masks_in_image(c["mask"][None, None], c["box"][None], c["size"].tolist())[0, 0]}


def main():
    torch.set_num_threads(1)
    cases = {}
    for name, tensor in read(sys.argv[1]).items():
        kind, number, field = name.split(".", 2)
        cases.setdefault((kind, number), {})[field] = tensor
    results = {}
    for (kind, number), case in cases.items():
        for field, tensor in globals()[kind](case).items():
            results[f"{kind}.{number}.{field}"] = tensor
    write(sys.argv[2], results)


main()
