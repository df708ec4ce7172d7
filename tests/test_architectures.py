"""Famous networks: their counts against the papers and torch, and small ones that run (A56)."""
import numpy as np
import pytest
import torch

from course_lib import F, fit, nn, optim
from course_lib.architectures import (ARCHITECTURES, Block, Conv, Dense, GlobalAverage, Pool, build, depth, layer_table,
                                      resnet, totals, vgg)
from course_lib.gradcheck import gradcheck


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("name, parameters, layers", [
    ("LeNet-5", 61_706, 5), ("AlexNet", 60_965_224, 8), ("VGG-13", 133_047_848, 13), ("VGG-16", 138_357_544, 16),
    ("ResNet-18", 11_689_512, 18), ("ResNet-34", 21_797_672, 34), ("ResNet-50", 25_557_032, 50),
    ("ResNet-152", 60_192_808, 152)])
def test_famous_networks_have_the_numbers_of_parameters_the_world_knows(name, parameters, layers):
    config, image = ARCHITECTURES[name]
    assert totals(layer_table(config, image))[0] == parameters
    assert depth(config) == layers


def test_vgg13_counts_as_torch_does():
    """Built in torch without memory (the "meta" device): every layer's parameters and shape."""
    table = layer_table(*ARCHITECTURES["VGG-13"])
    x, channels, rows = torch.empty(1, 3, 224, 224, device="meta"), 3, iter(table)
    for width in (64, 128, 256, 512, 512):
        for _ in range(2):
            layer, row = torch.nn.Conv2d(channels, width, 3, padding=1, device="meta"), next(rows)
            x, channels = layer(x), width
            assert (tuple(x.shape[1:]), sum(p.numel() for p in layer.parameters())) == (row.shape, row.parameters)
        x = torch.nn.MaxPool2d(2)(x)
        assert tuple(x.shape[1:]) == next(rows).shape
    x = x.flatten(1)
    for width in (4096, 4096, 1000):
        layer, row = torch.nn.Linear(x.shape[1], width, device="meta"), next(rows)
        x = layer(x)
        assert (tuple(x.shape[1:]), sum(p.numel() for p in layer.parameters())) == (row.shape, row.parameters)
    assert not list(rows)


def test_what_is_in_the_head_of_vgg13():
    rows = layer_table(*ARCHITECTURES["VGG-13"])
    dense = [row for row in rows if row.layer.startswith("FC")]
    assert totals(dense)[0] / totals(rows)[0] == pytest.approx(0.929, abs=5e-4)
    assert totals(dense)[1] / totals(rows)[1] == pytest.approx(0.0109, abs=1e-4)
    assert [row.layer for row in rows[::-1]][:4] == ["FC-1000", "FC-4096", "FC-4096", "MaxPool"]     # the slide (S2-82)


def test_multiplications_are_weights_times_places():
    [row] = layer_table([Conv(4, 3, 2, 0)], (2, 9, 7))
    assert row == ("Conv-4", (4, 4, 3), 4 * 2 * 9 + 4, 4 * 2 * 9 * 12)
    [row] = layer_table([Conv(4, 5, groups=2, norm=True)], (2, 9, 7))
    assert row == ("Conv-4", (4, 9, 7), 4 * 25 + 8, 4 * 25 * 63)


SMALL = {
    "LeNet-5": ARCHITECTURES["LeNet-5"],
    "VGG": ([Conv(4), Conv(4), Pool(), Conv(8), Pool(3, 2, 1), Dense(12), Dense(5, relu=False)], (3, 9, 8)),
    "AlexNet": ([Conv(4, 5, 2, 2), Pool(3, 2), Conv(6, groups=2), Dense(5, relu=False)], (3, 16, 16)),
    "ResNet": ([Conv(4, norm=True), Block(4), Block(8, 2), GlobalAverage(), Dense(5, relu=False)], (3, 9, 8)),
    "bottleneck": ([Conv(4, norm=True), Block(4, 1, True), Block(4, 2, True), GlobalAverage(), Dense(5, relu=False)],
                   (3, 8, 8)),
}


@pytest.mark.parametrize("name", SMALL)
def test_the_table_tells_the_truth_about_the_network_that_runs(name):
    """The same list, counted and built: parameters of every part, shape of every part's output."""
    layers, image = SMALL[name]
    table, model = layer_table(layers, image), build(layers, image, rng=rng())
    assert sum(p.size for p in model.parameters()) == totals(table)[0]
    x, rows = np.zeros((2, *image), np.float32), iter(table)
    for layer, after in zip(model, [*list(model)[1:], None]):
        x = layer(x)
        starts = (nn.Conv2d, nn.Linear, nn.Residual, nn.MaxPool2d, nn.GlobalAvgPool2d, nn.Flatten, type(None))
        if isinstance(after, starts) and not isinstance(layer, nn.Flatten):     # the end of one row
            assert x.shape[1:] == next(rows).shape
    assert not list(rows)


def torch_block(block, shape):
    """The same residual block in torch, with our weights."""
    theirs = []
    for layer in block:
        if isinstance(layer, nn.Conv2d):
            new = torch.nn.Conv2d(layer.weight.shape[1], layer.weight.shape[0], layer.weight.shape[2],
                                  stride=layer.stride, padding=layer.padding, bias=False, dtype=torch.float64)
            new.weight.data = torch.tensor(layer.weight.data)
        elif isinstance(layer, nn.BatchNorm2d):
            new = torch.nn.BatchNorm2d(len(layer.weight.data), dtype=torch.float64)
        else:
            new = torch.nn.ReLU()
        theirs.append(new)
    return torch.nn.Sequential(*theirs)


@pytest.mark.parametrize("block", [Block(4), Block(6, 2), Block(2, 2, True)])
def test_residual_block_equals_torch(block):
    shape = (4, 6, 5)
    residual, relu = build([block], shape, rng=rng()).to(np.float64)
    for part in filter(None, (residual.block, residual.shortcut)):
        assert isinstance(part[-1], nn.BatchNorm2d)                  # ReLU only after the sum
    x = rng(1).standard_normal((3, *shape))
    path = torch_block(residual.block, shape)
    straight = torch_block(residual.shortcut, shape) if residual.shortcut else torch.nn.Identity()
    theirs_x = torch.tensor(x, requires_grad=True)
    theirs = torch.relu(path(theirs_x) + straight(theirs_x))
    (theirs ** 2).sum().backward()
    ours = relu(residual(x))
    (ours * ours).sum().backward()
    np.testing.assert_allclose(ours.data, theirs.detach(), atol=1e-10)
    np.testing.assert_allclose(residual.block[0].weight.grad, path[0].weight.grad, atol=1e-8)


def test_residual_block_gradient():
    model = build([Block(4, 2), GlobalAverage(), Dense(3, relu=False)], (2, 6, 6), rng=rng()).to(np.float64)
    X, y = rng(1).standard_normal((4, 2, 6, 6)), [0, 1, 2, 1]
    assert gradcheck(lambda *_: F.cross_entropy(model(X), y), model.parameters(), rng=rng(2)) <= 1e-6


def test_a_small_resnet_learns():
    model = build(SMALL["ResNet"][0], (1, 6, 6), rng=rng())
    X = rng(1).standard_normal((60, 1, 6, 6)).astype(np.float32)
    y = (X[:, 0, :3].mean(axis=(1, 2)) > X[:, 0, 3:].mean(axis=(1, 2))).astype(int)
    history = fit(model, X, y, optimizer=optim.Adam(model.parameters(), 0.01), epochs=20, batch_size=20, rng=rng(),
                  progress=False)
    assert history["train accuracy"][-1] > 0.9


def test_own_heads_and_stages():
    light = vgg([1, 1, 1, 1, 1], head=[GlobalAverage(), Dense(10, relu=False)])
    assert totals(layer_table(light, (3, 32, 32)))[0] == 9 * (3 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 512 * 512) \
        + 64 + 128 + 256 + 512 + 512 + 5130
    assert layer_table(resnet([1, 1, 1, 1]), (3, 64, 64))[-3].shape == (512, 2, 2)


@pytest.mark.parametrize("act, error, text", [
    (lambda: layer_table([Dense(5), Conv(3)], (1, 8, 8)), ValueError,
     "layer_table: Conv-3 needs an image (C, H, W), but gets (5,)"),
    (lambda: layer_table([Conv(3)], (64,)), ValueError, "layer_table: Conv-3 needs an image (C, H, W), but gets (64,)"),
    (lambda: layer_table([Conv(3, 9, padding=0)], (1, 8, 8)), ValueError,
     "conv_output_size: the kernel reaches over 9 inputs, but there are 8"),
    (lambda: layer_table([Conv(4, groups=2)], (3, 8, 8)), ValueError,
     "layer_table: groups of Conv-4 must divide 3 and 4 channels, but is 2"),
    (lambda: layer_table([Conv(0)], (3, 8, 8)), ValueError, "layer_table: channels must be at least 1, but is 0"),
    (lambda: layer_table([Dense(2.5)], (3, 8, 8)), TypeError, "layer_table: units must be a whole number, but is 2.5"),
    (lambda: layer_table([64], (3, 8, 8)), TypeError,
     "layer_table: layers must hold Conv, Pool, GlobalAverage, Dense or Block, but hold 64"),
    (lambda: build([Dense(2)], (3, 8, 8), rng=0), TypeError,
     "build: rng must be a numpy.random.Generator such as np.random.default_rng(0), but is 0"),
])
def test_errors(act, error, text):
    with pytest.raises(error) as caught:
        act()
    assert str(caught.value) == text
