"""Figures: they show what they were given, legibly, once; and wrong input gets one clear line."""
import functools
import io

import matplotlib
import nbclient
import nbformat
import numpy as np
import pytest
from matplotlib import pyplot as plt

from course_lib import F, Tensor, datasets, nn, plots


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def graph_of():
    x, w, b = Tensor(2.0), Tensor(0.5, requires_grad=True), Tensor(0.1, requires_grad=True)
    loss = (F.sigmoid(x * w + b) - 0.8) ** 2
    loss.backward(retain_graph=True)
    return loss, {"x": x, "w": w, "b": b}


POINTS, CLASSES = datasets.moons(30, rng=rng())
FIGURES = {
    "curves": lambda **kw: plots.curves({"a": [1.0, 2.0], "b": ([0, 5], [1.0, np.inf])}, x="x (ms)", y="y",
                                        **kw),
    "bars": lambda **kw: plots.bars({"one": 1.0, "two": 2}, y="value", marks={"chance": 0.5}, **kw),
    "grouped bars": lambda **kw: plots.bars({"w": {"a": 1.0, "b": -1.0}, "r": {"a": 0.9, "b": 0.7}}, **kw),
    "lying bars": lambda **kw: plots.bars({"one": 1.0, "two": 2}, horizontal=True, **kw),
    "histogram": lambda **kw: plots.histogram({"a": rng().random(50) + 1e-9}, log="x", marks={"m": 0.5},
                                              **kw),
    "heatmap": lambda **kw: plots.heatmap([[1, -2], [0.5, 0]], rows="ab", columns="cd", x="x", y="y",
                                          label="z", **kw),
    "scatter": lambda **kw: plots.scatter(POINTS, CLASSES, paths={"p": [[0, 0], [90, 90]]},
                                          arrows={"v": [1, 0]}, lines={"l": ([1, 1], -1)}, **kw),
    "decision_regions": lambda **kw: plots.decision_regions(lambda X: X[:, 0] > 0, POINTS, CLASSES,
                                                            resolution=20, **kw),
    "surface": lambda **kw: plots.surface(lambda x, y: x**2 + 9 * y**2, (-1, 2, -1, 1), x="x", y="y",
                                          paths={"p": [[0, 0], [90, np.inf]]}, **kw),
    "network": lambda **kw: plots.network([3, 25, 12], **kw),
    "graph": lambda **kw: plots.graph(F.relu(Tensor(1.0, requires_grad=True)) * 2.0, **kw),
    "image_grid": lambda: plots.image_grid(rng().random((5, 64)), captions="abcde"),
    "activation": lambda: plots.activation({"sigmoid": F.sigmoid, "step": F.step}),
    "side_by_side": lambda: plots.side_by_side({"a": functools.partial(plots.scatter, POINTS, CLASSES),
                                                "b": functools.partial(plots.heatmap, np.eye(2))}),
}


def pixels(figure):
    png = io.BytesIO()
    figure.savefig(png)
    return plt.imread(io.BytesIO(png.getvalue()))[..., :3]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_wide_legible_white_and_left_to_the_notebook(name):
    figure = FIGURES[name]()
    assert isinstance(figure, matplotlib.figure.Figure) and not plt.get_fignums()
    assert figure.get_figwidth() == plots.WIDTH and figure.get_figheight() <= 6
    image = pixels(figure)
    np.testing.assert_array_equal(image, pixels(FIGURES[name]()))                            # repeatable
    edge = min(side.min() for side in (image[:2], image[-2:], image[:, :2], image[:, -2:]))
    assert edge == 1, "something is cut off at the edge, or the paper is not white"
    assert image.min() < 0.5
    texts = [t for t in figure.findobj(matplotlib.text.Text) if t.get_visible() and t.get_text().strip()]
    assert texts and min(t.get_fontsize() for t in texts) >= 10


@pytest.mark.parametrize("name", sorted(FIGURES.keys() - {"image_grid", "activation", "side_by_side"}))
def test_figures_draw_into_axes_they_are_given(name):
    figure = matplotlib.figure.Figure()
    ax = figure.subplots()
    assert FIGURES[name](ax=ax) is figure
    assert ax.has_data() or ax.patches or ax.texts


def test_colours_are_okabe_and_itos():
    assert plots.COLOURS["blue"] == "#0072B2" and plots.COLOURS["vermillion"] == "#D55E00"
    assert len(set(plots.COLOURS.values())) == len(plots.MARKERS) == 7
    assert matplotlib.rcParams["axes.prop_cycle"].by_key()["color"][:2] == ["#0072B2", "#D55E00"]


# ---------------------------------------------------------------- what the figures show

def test_curves_show_their_numbers():
    ax = plots.curves({"a": [3.0, np.inf, 1.0], "b": ([2.0, 4.0], [1.0, 2.0]), "t": Tensor([5.0, 6.0])},
                      x="step", y="loss", log="xy", marks={"goal": 1.5}, marks_x={"here": 2},
                      title="T").axes[0]
    a, b, t = ax.lines[:3]
    np.testing.assert_array_equal(a.get_ydata(), [3, np.nan, 1])
    np.testing.assert_array_equal(a.get_xdata(), [0, 1, 2])
    np.testing.assert_array_equal(b.get_xdata(), [2, 4])
    np.testing.assert_array_equal(t.get_ydata(), [5, 6])
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("step", "loss", "T")
    assert ax.get_xscale() == ax.get_yscale() == "log"
    assert [text.get_text() for text in ax.get_legend().texts] == ["a", "b", "t"]
    assert [text.get_text() for text in ax.texts] == ["goal", "here"]
    assert plots.curves({"a": [1]}, log=True).axes[0].get_yscale() == "log"
    assert plots.curves({"a": [1.0, 2.0]}).axes[0].get_legend() is None


def test_a_pair_of_numbers_is_a_curve_not_x_and_y():
    np.testing.assert_array_equal(plots.curves({"a": (7.0, 8.0)}).axes[0].lines[0].get_ydata(), [7, 8])


def test_bars_write_their_values():
    ax = plots.bars({"w": {"x1": 2.0, "x2": -1.0}, "r": {"x1": 0.953, "x2": 0.72}}).axes[0]
    assert [p.get_height() for p in ax.patches] == [2.0, -1.0, 0.953, 0.72]
    assert [t.get_text() for t in ax.texts] == ["2", "−1", "0.953", "0.72"]
    lying = plots.bars({"a": 1.5, "b": 2.5}, y="ms", horizontal=True).axes[0]
    assert [p.get_width() for p in lying.patches] == [1.5, 2.5] and lying.get_xlabel() == "ms"
    assert lying.get_ylim()[0] > lying.get_ylim()[1]               # the first bar on top


def test_histogram_counts_everything_over_common_bins():
    groups = {"a": 10 ** rng().uniform(-9, -5, 200), "b": [1e-3]}
    ax = plots.histogram(groups, bins=12, log="x").axes[0]
    heights = np.array([p.get_height() for p in ax.patches]).reshape(2, 12)
    assert heights.sum(axis=1).tolist() == [200, 1]
    assert plots.histogram([3.0, 3.0, 3.0]).axes[0].patches[15].get_height() == 3


def test_heatmap_colours_and_writes_its_cells():
    ax = plots.heatmap([[1, -2], [0.125, 0]]).axes[0]
    assert ax.images[0].get_clim() == (-2, 2) and ax.images[0].get_cmap().name == "diverging"
    assert [t.get_text() for t in ax.texts] == ["1", "−2", "0.125", "0"]
    assert plots.heatmap([[1, 3]]).axes[0].images[0].get_clim() == (0, 3)
    assert not plots.heatmap(np.ones((20, 20))).axes[0].texts
    assert plots.heatmap(np.zeros((2, 2)), limits=(-1, 1)).axes[0].images[0].get_cmap().name == "diverging"


def test_decision_regions_ask_for_the_plane_and_show_the_answer():
    asked = []

    def predict(X):
        asked.append(X)
        return Tensor(np.stack([X[:, 0], 0 * X[:, 0]], axis=1))    # class 0 where x1 > 0

    ax = plots.decision_regions(predict, POINTS, CLASSES, resolution=30).axes[0]
    assert asked[0].shape == (900, 2) and asked[0].dtype == np.float32
    image = ax.images[0].get_array()
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    assert left < POINTS[:, 0].min() and right > POINTS[:, 0].max() and low < POINTS[:, 1].min()
    zero = round(30 * -left / (right - left))
    for half in (image[:, :zero - 1], image[:, zero + 1:]):
        assert np.ptp(half, axis=(0, 1)).max() == 0
    assert not np.array_equal(image[0, 0], image[0, -1])
    image = plots.decision_regions(lambda X: X[:, 1] > 0, POINTS, CLASSES).axes[0].images[0]
    below, above = image.get_array()[[0, -1], 0]
    assert image.origin == "lower" and below[2] > below[0] and above[0] > above[2]      # blue 0, vermillion 1
    model = nn.mlp([2, 4, 2], rng=rng())
    plots.decision_regions(lambda X: model(Tensor(X)), POINTS, CLASSES, resolution=5)


def test_scatter_frames_the_points_not_the_paths():
    ax = plots.scatter([[0, 0], [1, 2]], paths={"away": [[0, 0], [1e6, 1e6]]}).axes[0]
    assert ax.get_xlim()[1] < 2 and ax.get_ylim()[1] < 3
    assert plots.scatter([[1, 1]]).axes[0].get_xlim()[0] < 1       # a single point has a frame too
    plots.scatter([[0, 0], [1, 1]], lines={"none yet": ([0, 0], 0)})


def test_scatter_draws_the_line_where_the_sum_is_zero():
    ax = plots.scatter([[0, 0], [2, 2]], [0, 1], lines={"l": ([1, 2], -3)}).axes[0]
    (line,) = [line for line in ax.lines if line.get_label() == "l"]
    (a, b), (c, d) = line.get_xy1(), line.get_xy2()
    assert a + 2 * b - 3 == pytest.approx(0) and c + 2 * d - 3 == pytest.approx(0) and (a, b) != (c, d)


def test_surface_draws_the_heights_asked_for():
    ax = plots.surface(lambda x, y: x**2 + y**2, (-2, 2, -2, 2), levels=[1.0, 4.0]).axes[0]
    circles = [path.vertices for path in ax.collections[0].get_paths()]
    assert len(circles) == 2
    for radius, points in zip((1, 2), circles):
        np.testing.assert_allclose(np.hypot(*points.T), radius, atol=1e-3)
    assert ax.get_xlim() == ax.get_ylim() == (-2, 2)


def test_image_grid_shows_flat_square_grey_and_colour_pictures():
    figure = plots.image_grid(np.arange(3 * 64).reshape(3, 64), captions=[7, 8, 9], columns=2)
    np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), np.arange(64).reshape(8, 8))
    assert [ax.get_title() for ax in figure.axes] == ["7", "8", "9", ""]
    assert figure.axes[0].images[0].get_clim() == figure.axes[1].images[0].get_clim() == (0, 191)
    assert len(plots.image_grid(np.zeros((2, 4, 6))).axes) == 2
    plots.image_grid(np.zeros((2, 4, 6, 3)))


def test_image_grid_names_its_rows():
    """Each name stands left of its row's first picture, at its middle, inside the figure."""
    figure = plots.image_grid(np.zeros((6, 64)), columns=3, rows=["no penalty", "L2"])
    figure.draw_without_rendering()
    for name, ax in zip(("no penalty", "L2"), figure.axes[::3]):
        [text], picture = ax.texts, ax.get_window_extent()
        extent = text.get_window_extent()
        assert text.get_text() == name and 0 <= extent.x0 < extent.x1 < picture.x0
        assert picture.y0 < (extent.y0 + extent.y1) / 2 < picture.y1
    assert not any(ax.texts for i, ax in enumerate(figure.axes) if i % 3)


def test_the_legend_of_lying_bars_hides_no_bar():
    """It stands above the axes, under the title; in given axes there is none."""
    series = {"ours": {"a": 1.0, "b": 2.0}, "simple": {"a": 2.0, "b": 1.0}}
    figure = plots.bars(series, horizontal=True, title="both")
    figure.draw_without_rendering()
    [ax] = figure.axes
    legend = ax.get_legend().get_window_extent()
    assert ax.get_window_extent().y1 <= legend.y0 < legend.y1 <= ax.title.get_window_extent().y0
    figure = plots.side_by_side({"one": lambda ax: plots.bars(series, horizontal=True, ax=ax)})
    assert figure.axes[0].get_legend() is None and len(figure.legends) == 1


def test_activation_gets_the_derivative_from_backward():
    x = np.linspace(-5, 5, 1001)
    value, slope = (line.get_ydata() for line in plots.activation("tanh").axes[0].lines[:2])
    np.testing.assert_allclose(value, np.tanh(x), atol=1e-12)
    np.testing.assert_allclose(slope, 1 - np.tanh(x) ** 2, atol=1e-12)
    _, slope = (line.get_ydata() for line in plots.activation(F.step).axes[0].lines[:2])
    assert not slope.any()
    _, slope = (line.get_ydata() for line in plots.activation(np.sin, np.cos).axes[0].lines[:2])
    np.testing.assert_allclose(slope, np.cos(x))


@pytest.mark.parametrize("sizes, bias, title", [
    ([3, 25, 12], True, "3-25-12: 375 weights + 37 biases = 412 parameters"),
    ([3, 25, 12], False, "3-25-12: 375 weights"),
    ([2, 3], True, "2-3: 6 weights + 3 biases = 9 parameters"),
])
def test_network_counts_its_parameters(sizes, bias, title):
    ax = plots.network(sizes, bias=bias).axes[0]
    assert ax.get_title() == title
    units = [len(layer.get_offsets()) for layer in ax.collections if hasattr(layer, "get_sizes") and
             not isinstance(layer, matplotlib.collections.LineCollection)]
    assert units == [size if size <= 9 else 8 for size in sizes]
    lines = [len(c.get_segments()) for c in ax.collections
             if isinstance(c, matplotlib.collections.LineCollection)]
    assert lines == [a * b for a, b in zip(units, units[1:])]


def test_graph_shows_every_tensor_with_value_and_gradient(graph_of):
    loss, names = graph_of
    texts = [t.get_text() for t in plots.graph(loss, names=names).axes[0].texts if t.get_text()]
    assert sorted(texts) == sorted(["x\n2", "w\n0.5\n∇ −0.0373", "b\n0.1\n∇ −0.0186", "×\n1", "+\n1.1",
                                    "sigmoid\n0.75", "constant\n0.8", "−\n−0.0497", "power\n0.00247"])


def test_graph_layers_put_parents_left_of_children_and_no_box_on_another():
    from course_lib._layout import layered
    a = Tensor(3.0, requires_grad=True)
    out = a * a + F.tanh(a) * a - F.relu(a + 1.0)
    layers, edges = layered(out)
    column = {node: k for k, layer in enumerate(layers) for node in layer}
    assert len(column) == sum(map(len, layers)) and layers[-1] == [out]
    for chain in edges:
        assert [column[node] for node in chain] == list(range(column[chain[0]], column[chain[-1]] + 1))
    assert sum(chain[0] is a for chain in edges) == 5              # a * a counts twice: gradients add
    boxes = [p for p in plots.graph(out).axes[0].patches if isinstance(p, matplotlib.patches.FancyBboxPatch)]
    places = [(p.get_x(), p.get_y(), p.get_width(), p.get_height()) for p in boxes]
    for i, (x, y, w, h) in enumerate(places):
        assert all(abs(x - u) >= w or abs(y - v) >= h for u, v, _, _ in places[:i])


def test_graph_of_a_deep_network_is_refused_not_drawn():
    x = Tensor(1.0, requires_grad=True)
    for _ in range(5000):
        x = x * 1.0
    with pytest.raises(ValueError, match="graph: tensor must come from at most 60 tensors"):
        plots.graph(x)


def test_side_by_side_gives_each_panel_its_title_and_all_one_legend():
    figure = plots.side_by_side({k: functools.partial(plots.scatter, POINTS, CLASSES) for k in "abcde"})
    assert [ax.get_title() for ax in figure.axes if ax.get_visible()] == list("abcde")
    assert [t.get_text() for t in figure.legends[0].texts] == ["class 0", "class 1"]


# ---------------------------------------------------------------- the code of the library

def documented(x):
    r"""Multiply :math:`x \cdot 2`. And more
    that nobody needs.

    Examples
    --------
    >>> documented(2)
    4
    """
    # a comment stays
    def inner():
        """Inner.

        Long.
        """
        return x * 2
    return inner()


def test_source_keeps_the_code_and_the_first_sentence():
    assert plots.source(documented) == '''def documented(x):
    r"""Multiply :math:`x \\cdot 2`."""
    # a comment stays
    def inner():
        """Inner."""
        return x * 2
    return inner()'''


@pytest.mark.parametrize("item", [F.sigmoid, F.softmax, F.linear, nn.Linear, nn.Linear.forward, Tensor,
                                  datasets.moons, plots.curves, Tensor.__add__])
def test_source_of_the_library_is_still_python(item):
    code = plots.source(item)
    compile(code, "shown", "exec")
    assert "Parameters\n" not in code and ">>>" not in code


def test_show_displays_markdown_and_plain_text(monkeypatch):
    from course_lib import _source
    out = []
    monkeypatch.setattr(_source, "display", out.append)
    assert plots.show(documented, F.relu) is None
    assert [repr(o).split("(")[0] for o in out] == ["def documented", "def relu"]
    assert out[0]._repr_markdown_() == f"```python\n{plots.source(documented)}\n```"


# ---------------------------------------------------------------- in a notebook

@pytest.mark.parametrize("backend", ["agg", "module://matplotlib_inline.backend_inline"])
def test_a_notebook_shows_each_figure_once(monkeypatch, backend):
    monkeypatch.setenv("MPLBACKEND", backend)
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in (
        "from course_lib import plots",
        "plots.curves({'a': [1, 2, 3]})",
        "plots.curves({'a': [1, 2, 3]});",
        "figure = plots.curves({'a': [1, 2, 3]})\nplots.bars({'b': 1})\nprint('text')",
        "figure",
        "plots.show(plots.source)",
    )]
    nbclient.NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    images = [[o for o in cell.outputs if "image/png" in o.get("data", {})] for cell in notebook.cells]
    assert [len(i) for i in images] == [0, 1, 1, 2, 1, 0]
    assert images[1][0].metadata["image/png"]["width"] == 100 * plots.WIDTH
    assert images[1][0].data["text/plain"] == "<Figure>"
    assert not any("<" in o.get("text", "") for cell in notebook.cells for o in cell.outputs)
    assert notebook.cells[5].outputs[0].data["text/markdown"].startswith("```python\ndef source(item):")


# ---------------------------------------------------------------- wrong input

@pytest.mark.parametrize("call, error, message", [
    (lambda: plots.curves([1, 2]), TypeError,
     r"curves: lines must be a dict of name and value, but is \[1, 2\]"),
    (lambda: plots.curves({}), TypeError, "curves: lines must be a dict of name and value, but is {}"),
    (lambda: plots.curves({"a": [[1, 2]]}), ValueError,
     r"curves: lines\['a'\] must have shape \(N,\), but is \(1, 2\)"),
    (lambda: plots.curves({"a": ([1, 2, 3], [1, 2])}), ValueError,
     r"curves: x of lines\['a'\] must have shape \(2,\), but is \(3,\)"),
    (lambda: plots.curves({"a": [1]}, log="z"), ValueError, "curves: log must be one of .*, but is 'z'"),
    (lambda: plots.bars({"a": np.nan}), ValueError,
     r"bars: values\['a'\] must be a finite number, but is nan"),
    (lambda: plots.bars({"s": {"a": 1}, "t": {"b": 1}}), ValueError,
     r"bars: every series must have the labels \['a'\]"),
    (lambda: plots.histogram([]), ValueError, "histogram: values must hold at least one number"),
    (lambda: plots.histogram([0.0, 1.0], log="x"), ValueError,
     "histogram: values must be positive on a logarithmic axis, but the smallest is 0"),
    (lambda: plots.histogram([1, np.nan]), ValueError,
     r"histogram: values must be finite, but is nan at index \(1,\)"),
    (lambda: plots.heatmap([1, 2]), ValueError, r"heatmap: matrix must have shape \(N, M\), but is \(2,\)"),
    (lambda: plots.heatmap([[1, 2]], rows="ab"), ValueError,
     r"heatmap: rows must be 1 names, but is \['a', 'b'\]"),
    (lambda: plots.scatter([[1, 2, 3]]), ValueError, r"scatter: X must have shape \(N, 2\), but is \(1, 3\)"),
    (lambda: plots.scatter([[1, 2]], [0, 1]), ValueError,
     r"scatter: labels must have shape \(1,\), but is \(2,\)"),
    (lambda: plots.scatter([[1, 2]], [2], names="ab"), ValueError, "scatter: names must be 3 or more"),
    (lambda: plots.decision_regions(lambda X: X[:, 0], [[0, 1]], [0]), ValueError,
     r"decision_regions: predict\(points\) must hold class numbers from 0, but has"),
    (lambda: plots.decision_regions(lambda X: X, [[0, np.nan]], [0]), ValueError,
     "X must be finite, but is nan"),
    (lambda: plots.image_grid(np.zeros((2, 63))), ValueError,
     r"image_grid: images must have shape .*, but is \(2, 63\)"),
    (lambda: plots.image_grid(np.zeros((2, 64)), captions="a"), ValueError,
     "image_grid: captions must be 2, but are 1"),
    (lambda: plots.image_grid(np.zeros((3, 64)), columns=2, rows=["one"]), ValueError,
     "image_grid: rows must be 2, but are 1"),
    (lambda: plots.activation("swishy"), ValueError,
     "activation: function must be one of .*sigmoid.*, but is 'swishy'"),
    (lambda: plots.activation("tanh", low=2, high=1), ValueError,
     "activation: low must be .* less than 1, but is 2"),
    (lambda: plots.network([3]), ValueError, r"network: sizes must be two layers or more, but is \[3\]"),
    (lambda: plots.network([3, 0]), ValueError, "network: sizes must be at least 1, but is 0"),
    (lambda: plots.network([3, 2], names=["a"]), ValueError, r"network: names must be 2, but is \['a'\]"),
    (lambda: plots.graph(3.0), TypeError, "graph: tensor must be a Tensor, but is float"),
    (lambda: plots.graph(Tensor(3.0)), ValueError,
     r"graph: tensor must have been computed .*retain_graph=True"),
    (lambda: plots.surface(lambda x, y: x, (1, 0, 0, 1)), ValueError,
     r"surface: extent must be \(left, right, bottom, top\), increasing, but is \(1.0, 0.0, 0.0, 1.0\)"),
    (lambda: plots.surface(lambda x, y: x[0], (0, 1, 0, 1)), ValueError,
     r"surface: f\(x, y\) must have shape \(160, 160\), but is \(160,\)"),
    (lambda: plots.side_by_side({"a": 3}), TypeError,
     r"side_by_side: panels\['a'\] must be a function of ax, but is 3"),
    (lambda: plots.show(len), TypeError, "source: item must be a function or class written in Python"),
    (lambda: plots.show(3), TypeError,
     "source: item must be a function or class written in Python, but is 3"),
])
def test_wrong_input_gets_one_clear_line(call, error, message):
    with pytest.raises(error, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
