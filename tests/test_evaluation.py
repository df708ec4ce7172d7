"""Honest splits, model selection, bias and variance, learning curves (A37, A38)."""
import numpy as np
import pytest
from sklearn import model_selection
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from course_lib.evaluation import bias_variance, decompose, grid_search, k_fold, learning_curve, split


def rng(seed=0):
    return np.random.default_rng(seed)


def squared(prediction, y):
    return np.mean((prediction - y) ** 2)


# -- split (A37) -------------------------------------------------------------------------------------

@pytest.mark.parametrize("stratify", [True, False])
def test_parts_are_disjoint_complete_and_shuffled(stratify):
    X, y = np.arange(300.0)[:, None], np.repeat([0, 1, 2], 100)
    parts = split(X, y, (0.5, 0.3, 0.2), stratify=stratify, rng=rng())
    assert [len(part) for part, _ in parts] == [150, 90, 60]
    rows = np.concatenate([part[:, 0] for part, _ in parts])
    assert sorted(rows) == list(range(300))
    for part, classes in parts:
        np.testing.assert_array_equal(classes, y[part[:, 0].astype(int)])        # rows keep their targets
        assert not np.array_equal(part, np.sort(part, axis=0)) and len(set(classes[:12])) > 1
    again = split(X, y, (0.5, 0.3, 0.2), stratify=stratify, rng=rng())
    other = split(X, y, (0.5, 0.3, 0.2), stratify=stratify, rng=rng(1))
    np.testing.assert_array_equal(parts[1][0], again[1][0])
    assert not np.array_equal(parts[1][0], other[1][0])


@pytest.mark.parametrize("share", [0.1, 0.2, 0.25, 0.3, 0.5])
def test_sizes_and_class_counts_equal_scikit_learns(share):
    """A37: for 40 draws of class sizes; where classes tie for the last example, a lot decides, in both."""
    compared = 0
    for seed in range(40):
        counts = rng(seed).integers(12, 90, size=4)
        y = rng(seed).permutation(np.repeat(np.arange(4), counts))
        X = np.arange(len(y))[:, None]
        theirs = model_selection.train_test_split(X, y, test_size=share, stratify=y, random_state=seed)
        plain = model_selection.train_test_split(X, y, test_size=share, random_state=seed)
        ours = split(X, y, (1 - share, share), rng=rng(seed))
        loose = split(X, X / 1.0, (1 - share, share), stratify=False, rng=rng(seed))
        sizes = [len(part) for part, _ in ours]
        assert sizes == [len(part) for part in theirs[:2]] == [len(part) for part, _ in loose] == \
            [len(part) for part in plain[:2]]
        exact = counts * sizes[0] / len(y)
        assert (np.abs(np.bincount(ours[0][1]) - exact) < 1).all()
        if len(set((exact % 1).round(9))) == 4:
            compared += 1
            for part in (0, 1):
                np.testing.assert_array_equal(np.bincount(ours[part][1]), np.bincount(theirs[2 + part]))
    assert compared > 20


def test_three_parts_equal_scikit_learns_two_divisions():
    X, y = load_iris(return_X_y=True)
    rest, test = model_selection.train_test_split(y, test_size=0.2, stratify=y, random_state=0)
    train, validation = model_selection.train_test_split(rest, test_size=30, stratify=rest, random_state=0)
    for (_, ours), theirs in zip(split(X, y, (0.6, 0.2, 0.2), rng=rng()), (train, validation, test)):
        np.testing.assert_array_equal(np.bincount(ours), np.bincount(theirs))


def test_ties_are_broken_by_lot():
    """Two classes of 3, one example: each class gets it in about half of the draws, none always."""
    y = np.array([0] * 3 + [1] * 3)
    firsts = {tuple(np.bincount(split(y, y, (0.5, 0.5), rng=rng(seed))[0][1])) for seed in range(20)}
    assert firsts == {(1, 2), (2, 1)}


def test_split_of_numbers_and_of_names():
    X, y = rng().random((10, 2, 3)), rng().random(10)
    assert [part.shape for part, _ in split(X, y, (0.8, 0.2), stratify=False, rng=rng())] == [(8, 2, 3), (2, 2, 3)]
    names = np.array(["cat", "dog"] * 10)
    assert [list(part).count("cat") for _, part in split(names, names, (0.5, 0.5), rng=rng())] == [5, 5]


# -- folds (A37) -------------------------------------------------------------------------------------

@pytest.mark.parametrize("k", [2, 3, 5, 7])
def test_folds_equal_scikit_learns(k):
    y = rng().permutation(np.repeat([0, 1, 2], [20, 33, 50]))
    for stratify, theirs in ((True, model_selection.StratifiedKFold(k)), (False, model_selection.KFold(k))):
        folds = k_fold(y, k, stratify=stratify, rng=rng())
        assert sorted(np.concatenate([validation for _, validation in folds])) == list(range(len(y)))
        for train, validation in folds:
            assert sorted([*train, *validation]) == list(range(len(y)))
        reference = [y[validation] for _, validation in theirs.split(y, y)]
        assert [len(validation) for _, validation in folds] == [len(part) for part in reference]
        if stratify:
            ours = np.array([np.bincount(y[validation], minlength=3) for _, validation in folds])
            np.testing.assert_array_equal(np.sort(ours, axis=0),
                                          np.sort([np.bincount(part, minlength=3) for part in reference], axis=0))


def test_folds_are_drawn_at_random():
    y = np.repeat([0, 1], 20)
    for stratify in (True, False):
        first, second = (k_fold(y, 4, stratify=stratify, rng=rng(seed))[0][1] for seed in (0, 1))
        assert not np.array_equal(first, second) and not np.array_equal(first, np.sort(y.argsort()[:10]))


def test_leaving_one_out():
    folds = k_fold(np.arange(6.0), 6, stratify=False, rng=rng())
    assert sorted(validation.tolist() for _, validation in folds) == [[i] for i in range(6)]
    assert len(k_fold(np.array([0, 0, 1]), 3, stratify=False, rng=rng())) == 3


# -- grid search (A37) -------------------------------------------------------------------------------

def test_grid_search_equals_scikit_learns_with_the_scaler_inside():
    """A37: same folds, same grid, standardisation fitted to training rows only: same losses, same winner."""
    X, y = load_diabetes(return_X_y=True)
    folds = k_fold(y, 5, stratify=False, rng=rng())
    grid = {"alpha": [0.01, 1.0, 30.0, 1000.0], "fit_intercept": [True, False]}

    def fit(X, y, alpha, fit_intercept):
        mean, std = X.mean(axis=0), X.std(axis=0)
        Z, offset = (X - mean) / std, y.mean() if fit_intercept else 0.0
        w = np.linalg.solve(Z.T @ Z + alpha * np.eye(Z.shape[1]), Z.T @ (y - offset))
        return lambda X: (X - mean) / std @ w + offset

    ours = grid_search(fit, grid, X, y, folds=folds, loss=squared)
    theirs = model_selection.GridSearchCV(
        make_pipeline(StandardScaler(), Ridge()), {f"ridge__{name}": values for name, values in grid.items()},
        cv=folds, scoring="neg_mean_squared_error").fit(X, y)
    assert {f"ridge__{name}": value for name, value in ours.best.items()} == theirs.best_params_
    assert [{f"ridge__{name}": value for name, value in setting.items()} for setting in ours.settings] == \
        theirs.cv_results_["params"]
    reference = -np.stack([theirs.cv_results_[f"split{i}_test_score"] for i in range(5)], axis=1)
    np.testing.assert_allclose(ours.losses, reference, rtol=1e-10)


def test_grid_search_never_shows_validation_rows_to_fit():
    seen = []

    def fit(X, y, level):
        seen.append(set(X.tolist()))
        return lambda X: np.full(len(X), level)

    X = np.arange(10)
    folds = k_fold(X.astype(float), 2, stratify=False, rng=rng())
    search = grid_search(fit, {"level": [100.0, 4.5, 4.5]}, X, X, folds=folds, loss=squared)
    assert seen == [set(train.tolist()) for train, _ in folds] * 3
    assert search.best == {"level": 4.5} and search.losses.shape == (3, 2)


# -- bias and variance (A38) -------------------------------------------------------------------------

def polynomial(degree, x):
    return np.vander(x, degree + 1)


@pytest.mark.parametrize("degree", [0, 1, 3])
def test_bias_and_variance_of_polynomials_equal_the_closed_form(degree):
    r"""A38: fixed x; H projects on polynomials: bias² = mean (Hf - f)², variance = σ² (degree + 1) / N; 2 %."""
    x, sigma, f = np.linspace(0, 1, 12), 0.5, lambda x: np.sin(2 * np.pi * x)
    H = polynomial(degree, x) @ np.linalg.pinv(polynomial(degree, x))
    parts = bias_variance(lambda x, y: np.poly1d(np.polyfit(x, y, degree)),
                          lambda rng: (x, f(x) + sigma * rng.standard_normal(12)), x, f, n=12_000, rng=rng())
    assert parts.variance == pytest.approx(sigma**2 * (degree + 1) / 12, rel=0.02)
    assert parts.bias2 == pytest.approx(((H @ f(x) - f(x)) ** 2).mean(), rel=0.02, abs=2e-4)
    np.testing.assert_allclose(parts.mean, H @ f(x), atol=0.02)


def test_bias_variance_and_noise_add_up_to_the_expected_test_error():
    """A38: bias² + variance + σ² = squared error on fresh noisy targets, 2 %."""
    x, sigma, f = np.linspace(0, 1, 12), 0.5, lambda x: np.sin(2 * np.pi * x)
    parts = bias_variance(lambda x, y: np.poly1d(np.polyfit(x, y, 1)),
                          lambda rng: (x, f(x) + sigma * rng.standard_normal(12)), x, f, n=12_000, rng=rng())
    fresh = f(x) + sigma * rng(1).standard_normal((12_000, 12))
    assert parts.bias2 + parts.variance + sigma**2 == pytest.approx(squared(parts.predictions, fresh), rel=0.02)


def test_bias_and_variance_sum_exactly_and_are_unbiased_with_few_fits():
    """Means over 20,000 decompositions of 3 fits each: no bias, variance 1; without the correction it would be 1/3."""
    predictions = rng().standard_normal((20_000, 3, 1))
    parts = [decompose(p, [0.0]) for p in predictions[:100]]
    for p, part in zip(predictions, parts):
        assert part.bias2 + part.variance == pytest.approx((p**2).mean(), rel=1e-12)
    wide = decompose(predictions[:, :, 0].T, np.zeros(20_000))                   # 20,000 places, 3 fits
    assert wide.bias2 == pytest.approx(0, abs=0.03) and wide.variance == pytest.approx(1, abs=0.03)


def test_a_wild_fit_is_refused_or_clipped():
    predictions = [[0.0], [1.0], [np.inf]]
    with pytest.raises(ValueError, match="decompose: predictions must be finite, but 1 of 3 fits gave others"):
        decompose(predictions, [0.0])
    assert decompose(predictions, [0.0], clip=(-2, 2)).mean == pytest.approx(1.0)


# -- learning curves (A38) ---------------------------------------------------------------------------

def test_learning_curve_equals_scikit_learns():
    X, y = load_diabetes(return_X_y=True)
    X, y, test = X[:300], y[:300], (X[300:], y[300:])
    sizes = [15, 60, 300]
    ours = learning_curve(lambda X, y: Ridge(0.1).fit(X, y).predict, X, y, sizes, test=test, loss=squared, repeats=2,
                          rng=rng())
    generator = rng()
    for r in range(2):
        order = generator.permutation(300)
        everything = np.concatenate([X, test[0]]), np.concatenate([y, test[1]])
        _, train, held_out = model_selection.learning_curve(
            Ridge(0.1), *everything, cv=[(order, np.arange(300, 442))], train_sizes=sizes,
            scoring="neg_mean_squared_error")
        np.testing.assert_allclose(ours.train[:, r], -train[:, 0], rtol=1e-12)
        np.testing.assert_allclose(ours.test[:, r], -held_out[:, 0], rtol=1e-12)
    assert ours.sizes.tolist() == sizes and ours.train.shape == ours.test.shape == (3, 2)


# -- bad settings ------------------------------------------------------------------------------------

TEN = np.arange(10.0)
LABELS = np.array([0] * 8 + [1] * 2)
FOLDS = [(np.arange(5), np.arange(5, 10))]


def constant(X, y, level=0.0):
    return lambda X: np.full(len(X), level)


@pytest.mark.parametrize("act, error, text", [
    (lambda: split(TEN, LABELS, (0.6, 0.2, 0.2), rng=rng()), ValueError,
     r"^split: part \d of 3 must hold every class, but its size is \d and it leaves out class 1 \(2 of 10 "
     r"examples\): take a larger part, or find more examples$"),
    (lambda: split(TEN, np.array([0] * 9 + [1]), (0.5, 0.5), stratify=False, rng=rng()), ValueError,
     r"^split: part \d of 2 must hold every class, but its size is 5 and it leaves out class 1 \(1 of 10 "
     r"examples\): pass stratify=True$"),
    (lambda: split(TEN, TEN, rng=rng()), ValueError,
     r"^split: y must hold one class per example to be stratified, but has shape \(10,\) and dtype float64: pass "
     "stratify=False$"),
    (lambda: split(TEN, LABELS, (0.5, 0.4), rng=rng()), ValueError,
     r"^split: fractions must be two or more, above 0, with sum 1, but is \[0.5, 0.4\]$"),
    (lambda: split(TEN, LABELS, (1.5, -0.5), rng=rng()), ValueError, "^split: fractions must be two or more, above 0"),
    (lambda: split(TEN, LABELS, (1.0,), rng=rng()), ValueError, "^split: fractions must be two or more"),
    (lambda: split([1.0], [0], (0.5, 0.5), rng=rng()), ValueError,
     r"^split: X must hold enough examples for 2 parts of \[0.5, 0.5\], but holds 1$"),
    (lambda: split(TEN, LABELS[:5], rng=rng()), ValueError,
     r"^split: X and y must hold equally many examples, at least one, but have shapes \(10,\) and \(5,\)$"),
    (lambda: split(TEN, LABELS, rng=0), TypeError, "^split: rng must be a numpy.random.Generator"),
    (lambda: k_fold(LABELS, 3, rng=rng()), ValueError,
     r"^k_fold: fold \d of 3 must hold every class, but its size is \d and it leaves out class 1 \(2 of 10 examples\)"),
    (lambda: k_fold(LABELS, 11, rng=rng()), ValueError,
     r"^k_fold: k must be at most the number of examples, but is 11 for y of shape \(10,\)$"),
    (lambda: k_fold(LABELS, 1, rng=rng()), ValueError, "^k_fold: k must be at least 2, but is 1$"),
    (lambda: k_fold(TEN, 2, rng=rng()), ValueError, "^k_fold: y must hold one class per example to be stratified"),
    (lambda: grid_search(constant, {}, TEN, TEN, folds=FOLDS, loss=squared), ValueError,
     "^grid_search: grid must name settings, each with values to try, but is {}$"),
    (lambda: grid_search(constant, {"level": []}, TEN, TEN, folds=FOLDS, loss=squared), ValueError,
     "^grid_search: grid must name settings"),
    (lambda: grid_search(constant, {"level": [1]}, TEN, TEN, folds=[], loss=squared), ValueError,
     "^grid_search: folds must hold at least one pair"),
    (lambda: grid_search(constant, {"level": [1]}, TEN, TEN, folds=[(range(6), range(5, 10))], loss=squared),
     ValueError, "^grid_search: folds must not validate on training rows, but row 5 is in both$"),
    (lambda: grid_search(constant, {"level": [1, np.nan]}, TEN, TEN, folds=FOLDS, loss=squared), ValueError,
     "^grid_search: loss must be a number for all settings, but is nan for {'level': nan}$"),
    (lambda: decompose([[1.0]], [0.0]), ValueError, "^decompose: predictions must come from at least 2 fits"),
    (lambda: decompose([1.0, 2.0], [0.0]), ValueError,
     r"^decompose: predictions must have shape \(R, K\), but is \(2,\)$"),
    (lambda: decompose([[1.0], [2.0]], [0.0, 1.0]), ValueError,
     r"^decompose: truth must have shape \(1,\), but is \(2,\)$"),
    (lambda: decompose([[1.0], [2.0]], [0.0], clip=(1, 1)), ValueError, "^decompose: clip must be .low, high."),
    (lambda: bias_variance(constant, lambda rng: (TEN, TEN), TEN, np.sin, n=1, rng=rng()), ValueError,
     "^bias_variance: n must be at least 2, but is 1$"),
    (lambda: learning_curve(constant, TEN, TEN, [5, 11], test=(TEN, TEN), loss=squared, rng=rng()), ValueError,
     r"^learning_curve: sizes must be from 1 to the 10 examples there are, but is \[5, 11\]$"),
    (lambda: learning_curve(constant, TEN, TEN, [0], test=(TEN, TEN), loss=squared, rng=rng()), ValueError,
     "^learning_curve: sizes must be at least 1, but is 0$"),
    (lambda: learning_curve(constant, TEN, TEN, [5], test=(TEN, TEN), loss=squared, repeats=0, rng=rng()), ValueError,
     "^learning_curve: repeats must be at least 1, but is 0$"),
])
def test_bad_settings(act, error, text):
    with pytest.raises(error, match=text):
        act()
