"""Torchvision's Mask R-CNN over a small backbone, with the weights of the case: five convolutions with batch norm, strides 4 to
32."""
from collections import OrderedDict

import torch
from torch import nn
from torchvision.models.detection import faster_rcnn, mask_rcnn
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.ops import FeaturePyramidNetwork, MultiScaleRoIAlign
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

LAYERS = ["stem.conv1"] + [f"stage{i}.slot1.conv.conv" for i in range(1, 5)]
STRIDES = [2, 1, 2, 2, 2]


class Backbone(nn.Module):
    def __init__(self, widths, out_channels):
        super().__init__()
        self.out_channels = out_channels
        inputs = [3] + widths[:-1]
        self.layers = nn.ModuleList(
            nn.Sequential(nn.Conv2d(i, o, 3, s, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU())
            for i, o, s in zip(inputs, widths, STRIDES))
        self.fpn = FeaturePyramidNetwork(widths[1:], out_channels, LastLevelMaxPool())

    def forward(self, x):
        x = nn.functional.max_pool2d(self.layers[0](x), 3, 2, 1)
        maps = OrderedDict()
        for i, layer in enumerate(self.layers[1:]):
            x = maps[str(i)] = layer(x)
        return self.fpn(maps)


def build(c):
    w = {name[2:]: tensor for name, tensor in c.items() if name.startswith("w.")}
    widths = [w[name + ".weight"].shape[0] for name in LAYERS]
    width, classes = w["rpn.conv.weight"].shape[0], w["box.classes.weight"].shape[0]
    hidden = w["mask.deconv.weight"].shape[0]
    layers = sum(name.startswith("mask.conv") and name.endswith("weight") for name in w)
    side, scale, proposals, detections, score, anchors, regions = c["settings"].tolist()
    sizes = tuple((scale * 4 * 2**i,) for i in range(5))
    model = mask_rcnn.MaskRCNN(
        Backbone(widths, width), min_size=int(side), max_size=int(side), image_mean=[0, 0, 0], image_std=[1, 1, 1],
        rpn_anchor_generator=AnchorGenerator(sizes, ((0.5, 1.0, 2.0),) * 5),
        rpn_pre_nms_top_n_train=int(proposals), rpn_post_nms_top_n_train=int(proposals),
        rpn_pre_nms_top_n_test=int(proposals), rpn_post_nms_top_n_test=int(proposals), rpn_batch_size_per_image=int(anchors),
        box_roi_pool=MultiScaleRoIAlign(["0", "1", "2", "3"], 7, 2), mask_roi_pool=MultiScaleRoIAlign(["0", "1", "2", "3"], 14, 2),
        box_head=faster_rcnn.TwoMLPHead(width * 49, w["box.fc1.weight"].shape[0]),
        box_predictor=faster_rcnn.FastRCNNPredictor(w["box.fc1.weight"].shape[0], classes),
        mask_head=mask_rcnn.MaskRCNNHeads(width, (hidden,) * layers, 1),
        mask_predictor=mask_rcnn.MaskRCNNPredictor(hidden, hidden, classes),
        box_detections_per_img=int(detections), box_score_thresh=score, box_batch_size_per_image=int(regions))
    places = modules(model, layers)
    for name, tensor in w.items():
        place, parameter = name.rsplit(".", 1)
        getattr(places[place], parameter).data.copy_(tensor)
    return model, places


def modules(model, layers):
    places = {}
    for i, name in enumerate(LAYERS):
        places[name], places[name + ".bn"] = model.backbone.layers[i][0], model.backbone.layers[i][1]
    for i in range(4):
        places[f"fpn.lateral{i + 1}"] = model.backbone.fpn.inner_blocks[i][0]
        places[f"fpn.output{i + 1}"] = model.backbone.fpn.layer_blocks[i][0]
    heads = model.roi_heads
    places.update({"rpn.conv": model.rpn.head.conv[0][0], "rpn.objectness": model.rpn.head.cls_logits,
                   "rpn.deltas": model.rpn.head.bbox_pred, "box.fc1": heads.box_head.fc6, "box.fc2": heads.box_head.fc7,
                   "box.classes": heads.box_predictor.cls_score, "box.deltas": heads.box_predictor.bbox_pred,
                   "mask.deconv": heads.mask_predictor.conv5_mask, "mask.logits": heads.mask_predictor.mask_fcn_logits})
    for i in range(layers):
        places[f"mask.conv{i + 1}"] = heads.mask_head[i][0]
    return places


def detector(c):
    model, places = build(c)
    images = list(c["images"])
    results = {}
    model.eval()
    with torch.no_grad():
        for i, found in enumerate(model(images)):
            results.update({f"boxes{i}": found["boxes"], f"labels{i}": found["labels"], f"scores{i}": found["scores"],
                            f"masks{i}": found["masks"][:, 0]})
    model.train()
    targets = [{"boxes": c[f"target_boxes{i}"], "labels": c[f"target_labels{i}"],
                "masks": c[f"target_masks{i}"].to(torch.uint8)} for i in range(len(images))]
    permutation, torch.randperm = torch.randperm, lambda n, **_: torch.arange(n)
    losses = model(images, targets)
    torch.randperm = permutation
    sum(losses.values()).backward()
    results.update(losses)
    for name, module in places.items():
        results["gradient." + name] = module.weight.grad
    return results
