"""Images that excite a part of a network (A74)."""
import numpy as np
import pytest
import torch

from course_lib import F, Tensor, nn
from course_lib.augmentation import affine
from course_lib.feature_visualization import (_transform, _unevenness, channel, deep_dream, layer, logit, neuron,
                                              probability, resize, visualize)
from course_lib.gradcheck import numerical_gradient


def rng(seed=0):
    return np.random.default_rng(seed)


def small_cnn(seed=0):
    return nn.cnn((1, 8, 8), [3, 4], 5, rng=rng(seed)).to(np.float64)


def noise(seed=0, shape=(1, 1, 8, 8)):
    return 0.5 + 0.2 * rng(seed).uniform(-1, 1, shape)


OBJECTIVES = {"neuron": (neuron(0, 2, 3, 4), lambda m, x: m[:1](x).data[0, 2, 3, 4]),
              "unit": (neuron(7, 1), lambda m, x: m(x).data[0, 1]),
              "channel": (channel(1, 2), lambda m, x: m[:2](x).data[0, 2].mean()),
              "layer": (layer(3), lambda m, x: (m[:4](x).data ** 2).mean()),
              "logit": (logit(4), lambda m, x: m(x).data[0, 4]),
              "probability": (probability(4), lambda m, x: F.softmax(m(x)).data[0, 4])}


@pytest.mark.parametrize("name", OBJECTIVES)
def test_objectives_and_their_gradient(name):
    """A74: the slide's five objectives; the gradient with respect to the image by differences."""
    objective, formula = OBJECTIVES[name]
    model, x = small_cnn(), noise()
    assert objective(model, x).item() == pytest.approx(formula(model, x), rel=1e-12)
    t = Tensor(x, requires_grad=True)
    objective(model, t).backward()
    np.testing.assert_allclose(t.grad, numerical_gradient(lambda z: objective(model, z).item(), x), atol=1e-7)


def test_the_optimum_of_a_linear_unit_on_the_ball():
    """A74: w / |w| upwards, minus that downwards, with and without normalized steps."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 2, bias=False, rng=rng())).to(np.float64)
    w = model[1].weight.data[1]
    for sign, minimise in ((1, False), (-1, True)):
        for normalize in (False, True):
            best = visualize(model, logit(1), noise(1, (1, 1, 4, 4)) - 0.5, steps=400, lr=0.2, minimise=minimise,
                             limits=None, radius=1.0, normalize=normalize)
            np.testing.assert_allclose(best.last.ravel(), sign * w / np.linalg.norm(w), atol=1e-3)
            assert best.values[-1] == pytest.approx(sign * np.linalg.norm(w), rel=1e-5)


def test_the_penalised_optimum_of_a_linear_unit():
    """max w·x - λ/2 |x|² is at x = w / λ."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 2, bias=False, rng=rng())).to(np.float64)
    best = visualize(model, logit(1), np.zeros((1, 1, 4, 4)), steps=500, lr=0.1, penalty=0.5, limits=None, normalize=False)
    np.testing.assert_allclose(best.last.ravel(), model[1].weight.data[1] / 0.5, atol=1e-6)


def test_penalties_hold_back_downwards_too():
    """min w·x + λ/2 |x|² is at x = -w / λ."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 2, bias=False, rng=rng())).to(np.float64)
    least = visualize(model, logit(1), np.zeros((1, 1, 4, 4)), steps=500, lr=0.1, penalty=0.5, limits=None,
                      normalize=False, minimise=True)
    np.testing.assert_allclose(least.last.ravel(), -model[1].weight.data[1] / 0.5, atol=1e-6)


def test_a_step_is_moved_back():
    """One jittered step of a linear unit is its weights, moved the other way."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 2, bias=False, rng=rng())).to(np.float64)
    told = visualize(model, logit(1), np.zeros((1, 1, 4, 4)), steps=1, lr=1.0, jitter=2, limits=None, normalize=False,
                     rng=rng(0))
    shift = rng(0).integers(-2, 3, 2)
    assert shift.any()
    w = model[1].weight.data[1].reshape(4, 4)
    np.testing.assert_allclose(told.last[0, 0], np.roll(w, -shift, axis=(0, 1)))


def test_the_ball_shortens_and_never_lengthens():
    told = visualize(small_cnn(), logit(3), noise(), steps=1, lr=1e-3, radius=100.0)
    free = visualize(small_cnn(), logit(3), noise(), steps=1, lr=1e-3)
    assert (told.last == free.last).all() and np.linalg.norm(free.last) < 100


def test_a_gradient_that_vanishes_on_the_way_is_no_error():
    """At the top there is nowhere to go."""
    told = visualize(nn.Sequential(nn.Flatten()), lambda m, x: m(x).sum(1) * float(m(x).data.max() < 1),
                     np.full((1, 1, 2, 2), 0.9), steps=20, lr=0.05)
    assert (told.last == 1).all()


@pytest.mark.parametrize("minimise", [False, True])
def test_small_steps_climb_all_the_way(minimise):
    """A74: without random transforms the objective is monotone for small steps."""
    told = visualize(small_cnn(), logit(3), noise(), steps=100, lr=1e-3, normalize=False, minimise=minimise)
    rises = np.diff(told.values) * (-1 if minimise else 1)
    assert (rises >= 0).all() and abs(told.values[-1] - told.values[0]) > 1e-3
    assert told.values.shape == (101, 1)


def test_values_and_kept_images():
    model = small_cnn()
    before = {name: value.copy() for name, value in model.state_dict().items()}
    told = visualize(model, logit(3), noise(), steps=50, keep=(0, 4, 48, 99))
    assert list(told.images) == [0, 4, 48, 50] and (told.images[0] == noise()).all()
    assert told.values[0] == logit(3)(model, noise()).item()
    assert told.values[4] == pytest.approx(logit(3)(model, told.images[4]).item())
    assert told.values[-1] == logit(3)(model, told.last).item()
    assert told.last.min() >= 0 and told.last.max() <= 1
    assert all((before[name] == value).all() for name, value in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())


@pytest.mark.parametrize("make", [lambda z: neuron(0, z, 3, 4), lambda z: channel(0, z), logit, probability,
                                  lambda z: layer(3)])
def test_each_image_climbs_by_itself(make):
    """Several images with units of their own: as one after the other, transforms and constraints included."""
    model, starts, units = small_cnn(), noise(0, (3, 1, 8, 8)), [2, 0, 1]
    together = visualize(model, make(units), starts, steps=30, jitter=1, penalty=0.1, radius=4.0, rng=rng(4))
    for i, z in enumerate(units):
        alone = visualize(model, make(z), starts[i:i + 1], steps=30, jitter=1, penalty=0.1, radius=4.0, rng=rng(4))
        np.testing.assert_allclose(together.last[i], alone.last[0], atol=1e-9)
        np.testing.assert_allclose(together.values[:, i], alone.values[:, 0], atol=1e-9)
    assert np.linalg.norm(together.last[0]) <= 4.0 + 1e-9


def test_normalized_steps_have_the_length_lr():
    told = visualize(small_cnn(), logit(3), noise(), steps=1, lr=0.01)
    assert np.sqrt(((told.last - noise()) ** 2).mean()) == pytest.approx(0.01)


def test_smoothness_is_the_gradient_of_squared_differences():
    x = rng().standard_normal((1, 2, 4, 5))

    def R(z):
        return 0.5 * sum((np.diff(z, axis=axis) ** 2).sum() for axis in (2, 3))
    np.testing.assert_allclose(_unevenness(x), numerical_gradient(R, x), atol=1e-7)
    rough, smooth = (visualize(small_cnn(), logit(3), noise(), smoothness=mu).last for mu in (0.0, 1.0))
    assert R(smooth) < R(rough) / 2


def test_a_shift_comes_back_exactly_and_a_turn_nearly():
    """τ⁻¹ undoes τ; images of any number of channels."""
    x = np.zeros((1, 2, 16, 16))
    x[0, :, 6:10, 5:9] = rng().random((2, 4, 4))
    there, back = _transform(x.shape, 3, 0, 0, rng(0))
    assert (there(x) != x).any() and (back(there(x)) == x).all()
    there, back = _transform(x.shape, 2, 20.0, 0.1, rng(2))
    assert np.corrcoef(back(there(x)).ravel(), x.ravel())[0, 1] > 0.9 > np.corrcoef(there(x).ravel(), x.ravel())[0, 1]


def test_the_drawn_turn_is_the_one_of_the_augmentations():
    x, generator = rng().random((1, 1, 9, 9)), rng(5)
    there, _ = _transform(x.shape, 0, 30.0, 0.2, rng(5))
    a, s = np.deg2rad(generator.uniform(-30, 30)), 1 + generator.uniform(-0.2, 0.2)
    A = s * np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    np.testing.assert_allclose(there(x)[0], affine(x[0], A))


@pytest.mark.parametrize("setting", [{"jitter": 2}, {"degrees": 15.0}, {"scale": 0.2}])
def test_transforms_change_the_way_and_repeat_with_the_seed(setting):
    a, b = (visualize(small_cnn(), logit(3), noise(), steps=20, rng=rng(3), **setting).last for _ in range(2))
    plain = visualize(small_cnn(), logit(3), noise(), steps=20).last
    assert (a == b).all() and (a != plain).any()


def test_a_dead_start_is_told():
    """A74's edge: zero gradient."""
    model = small_cnn()
    model[0].bias.data[...] = -99.0
    with pytest.raises(ValueError, match="visualize: the gradient is 0 at the start .a dead unit"):
        visualize(model, channel(1, 0), noise(), steps=5)
    visualize(model, channel(0, 0), noise(), steps=5)                         # before the activation it moves


def test_a_saturated_probability_barely_moves_where_the_logit_does():
    """A74's edge: probability against logit objective."""
    model = small_cnn().to(np.float32)
    model[7].bias.data[3] = 200.0
    start = noise().astype(np.float32)
    assert visualize(model, logit(3), start, steps=3).values[-1] > 200
    with pytest.raises(ValueError, match="a saturated probability"):
        visualize(model, probability(3), start, steps=3)


@pytest.mark.parametrize("call, text", [
    (lambda m, x: visualize(m, neuron(9, 0), x), "neuron: the model has layers 0 to 7, but 9 was asked for"),
    (lambda m, x: visualize(m, neuron(0, 3, 0, 0), x), "neuron: layer 0 has channels 0 to 2, but 3 was asked for"),
    (lambda m, x: visualize(m, neuron(0, 0, 8, 0), x), "neuron: layer 0 has rows 0 to 7, but 8 was asked for"),
    (lambda m, x: visualize(m, neuron(0, 0, 0, -1), x), "neuron: layer 0 has columns 0 to 7, but -1 was asked for"),
    (lambda m, x: visualize(m, neuron(0, 0), x), "neuron: layer 0 gives (3, 8, 8): name its channel and place"),
    (lambda m, x: visualize(m, neuron(7, 0, 0, 0), x), "neuron: layer 7 gives (5,): name its unit alone"),
    (lambda m, x: visualize(m, channel(0, 12), x), "channel: layer 0 has channels 0 to 2, but 12 was asked for"),
    (lambda m, x: visualize(m, channel(0, [0, 12]), x), "channel: layer 0 has channels 0 to 2, but [0, 12] was asked for"),
    (lambda m, x: visualize(m, layer(-1), x), "layer: n must be at least 0, but is -1"),
    (lambda m, x: visualize(m, layer("conv"), x), "layer: n must be a whole number, but is 'conv'"),
    (lambda m, x: visualize(m, logit(5), x), "logit: layer 7 has classes 0 to 4, but 5 was asked for"),
    (lambda m, x: visualize(m, probability(True), x), "probability: layer 7 has classes 0 to 4, but True was asked for"),
    (lambda m, x: visualize(m, logit(0), 16 * x), "visualize: start must lie in the trained range 0 to 1, but runs from"),
    (lambda m, x: visualize(m, logit(0), x, steps=0), "visualize: steps must be at least 1, but is 0"),
    (lambda m, x: visualize(m, logit(0), x, lr=0), "visualize: lr must be a finite number and greater than 0, but is 0"),
    (lambda m, x: visualize(m, logit(0), x, jitter=1), "visualize: rng must be a numpy.random.Generator"),
    (lambda m, x: visualize(m, logit(0), x, scale=1, rng=rng()), "visualize: scale must be a number in [0, 1)"),
    (lambda m, x: visualize(m, logit(0), x, penalty=-1), "visualize: penalty must be a finite number and at least 0"),
    (lambda m, x: visualize(m, logit(0), x, radius=0), "visualize: radius must be a finite number and greater than 0"),
    (lambda m, x: visualize(nn.mlp([64, 5], rng=rng()), logit(0), x.reshape(1, 64), smoothness=1),
     "visualize: start must have shape (N, C, H, W) to be moved, turned, scaled or smoothed, but is (1, 64)"),
    (lambda m, x: deep_dream(m, x[0], layer(1), octaves=4, rng=rng()), "the smallest octave must have at least 8 pixels, but would be 3 x 3"),
    (lambda m, x: deep_dream(m, x, layer(1), rng=rng()), "deep_dream: image must have shape (C, H, W), but is (1, 1, 8, 8)"),
    (lambda m, x: deep_dream(m, x[0], layer(1), octave_scale=1, rng=rng()), "octave_scale must be a finite number and greater than 1"),
])
def test_errors(call, text):
    with pytest.raises((ValueError, TypeError)) as caught:
        call(small_cnn(), noise())
    assert text in str(caught.value) and "\n" not in str(caught.value)


def test_objectives_need_a_sequential():
    with pytest.raises(TypeError, match="layer: model must be an nn.Sequential, but is Flatten"):
        visualize(nn.Flatten(), layer(0), noise())


# --------------------------------------------------------------------------------------------------------- DeepDream

@pytest.mark.parametrize("size", [(7, 5), (12, 30), (4, 9), (1, 1)])
def test_resize_equals_torch(size):
    """A74: bilinear, as torch's interpolate without anti-aliasing."""
    x = rng().random((2, 3, 7, 10))
    theirs = torch.nn.functional.interpolate(torch.tensor(x), size=size, mode="bilinear", align_corners=False)
    np.testing.assert_allclose(resize(x, size), theirs, atol=1e-12)
    assert resize(x.astype(np.float32), size).dtype == np.float32


def test_a_dream_excites_the_layer_and_stays_a_photograph():
    """A74, DeepDream: more of what is there, in every octave."""
    model = nn.Sequential(nn.Conv2d(3, 6, 5, padding="same", rng=rng()), nn.ReLU())
    photo = resize(rng(1).random((3, 6, 8)), (48, 64)).astype(np.float32)
    dream = deep_dream(model, photo, layer(1), rng=rng(2))
    assert dream.shape == photo.shape and dream.dtype == np.float32 and 0 <= dream.min() and dream.max() <= 1
    excited = [layer(1)(model, image[None]).item() for image in (photo, dream)]
    assert excited[1] > 1.5 * excited[0]
    assert np.corrcoef(photo.ravel(), dream.ravel())[0, 1] > 0.3
    again = deep_dream(model, photo, layer(1), rng=rng(2))
    one = deep_dream(model, photo, layer(1), octaves=1, rng=rng(2))
    assert (again == dream).all() and (one != dream).any()


def test_what_is_dreamt_small_is_carried_over():
    """A74: two octaves, written out."""
    model = nn.Sequential(nn.Conv2d(3, 6, 5, padding="same", rng=rng()), nn.ReLU())
    photo = resize(rng(1).random((3, 6, 8)), (28, 42)).astype(np.float32)
    small, generator = resize(photo, (20, 30)), rng(2)
    settings = {"steps": 4, "lr": 0.05, "jitter": 2, "rng": generator}
    added = visualize(model, layer(1), small[None], **settings).last[0] - small
    start = np.clip(photo + resize(added, (28, 42)), 0, 1)
    expected = visualize(model, layer(1), start[None], **settings).last[0]
    got = deep_dream(model, photo, layer(1), octaves=2, octave_scale=1.4, steps=4, lr=0.05, jitter=2, rng=rng(2))
    np.testing.assert_allclose(got, expected, atol=1e-6)
