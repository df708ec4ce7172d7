"""Data sets: the right points, the right shapes, and one clear line for wrong input."""
import gzip
import hashlib
import inspect
import struct

import numpy as np
import pytest
import sklearn.datasets
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from course_lib import datasets


def rng(seed=0):
    return np.random.default_rng(seed)


TOYS = {"moons": lambda n, r: datasets.moons(n, rng=r), "spirals": lambda n, r: datasets.spirals(n, rng=r),
        "blobs": lambda n, r: datasets.blobs(n, 2, rng=r), "xor": lambda n, r: datasets.xor(n, rng=r)}


@pytest.mark.parametrize("name", TOYS)
@pytest.mark.parametrize("n", [2, 3, 50, 101])
def test_toys_have_the_promised_form_and_depend_on_the_generator_alone(name, n):
    X, y = TOYS[name](n, rng(1))
    assert X.shape == (n, 2) and X.dtype == np.float32
    assert y.shape == (n,) and y.dtype == np.int64 and set(y) <= {0, 1}
    assert abs(np.sum(y == 0) - np.sum(y == 1)) <= 1
    for a, b in zip((X, y), TOYS[name](n, rng(1))):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(X, TOYS[name](n, rng(2))[0])


def test_toys_come_in_random_order():
    for make in TOYS.values():
        assert np.any(np.diff(make(100, rng())[1]) == 0)           # not 0 1 0 1 …


def test_moons_are_those_of_scikit_learn():
    X, y = datasets.moons(60, noise=0.0, rng=rng())
    expected, classes = sklearn.datasets.make_moons(60, shuffle=False)
    for k in (0, 1):
        ours, theirs = np.sort(X[y == k], axis=0), np.sort(expected[classes == k], axis=0)
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize("classes, turns", [(2, 1.0), (3, 0.5), (5, 2.0)])
def test_spirals_turn_as_their_formula_says(classes, turns):
    X, y = datasets.spirals(40 * classes, 0.0, turns, classes, rng=rng())
    t = np.hypot(*X.T) / 2
    assert t.max() == pytest.approx(1)
    angle = 2 * np.pi * (turns * t + y / classes)
    np.testing.assert_allclose(X.T, 2 * t * np.stack([np.cos(angle), np.sin(angle)]), atol=1e-5)


def test_noise_has_the_standard_deviation_asked_for():
    for make in (datasets.moons, datasets.spirals, datasets.xor):
        quiet, _ = make(20_000, noise=0.0, rng=rng())
        noisy, _ = make(20_000, noise=0.3, rng=rng())              # the same order: permuted before the noise
        assert np.std(noisy - quiet) == pytest.approx(0.3, rel=0.03)


def test_blobs_have_their_centres_and_deviations():
    X, y = datasets.blobs(30_000, [[0, 0, 1], [5, -5, 0]], [0.5, 2.0], rng=rng())
    for k, (center, std) in enumerate(zip([[0, 0, 1], [5, -5, 0]], [0.5, 2.0])):
        np.testing.assert_allclose(X[y == k].mean(axis=0), center, atol=0.06)
        np.testing.assert_allclose(X[y == k].std(axis=0), std, rtol=0.03)
    X, y = datasets.blobs(8, 4, std=0.0, rng=rng())
    np.testing.assert_allclose(np.hypot(*X.T), 2, rtol=1e-6)


def test_xor_without_noise_is_the_truth_table():
    X, y = datasets.xor(4, noise=0.0, rng=rng())
    order = np.lexsort(X.T[::-1])
    for a, b in zip((X[order], y[order]), datasets.parity(2)):
        np.testing.assert_array_equal(a, b)


@given(st.integers(1, 10))
def test_parity_lists_every_row_once(bits):
    X, y = datasets.parity(bits)
    assert X.dtype == np.float32 and y.dtype == np.int64 and X.shape == (2 ** bits, bits)
    assert [int("".join(str(int(b)) for b in row), 2) for row in X] == list(range(2 ** bits))
    assert y.tolist() == [bin(i).count("1") % 2 for i in range(2 ** bits)]


def test_digits_are_divided_evenly_and_repeatably():
    data = datasets.digits()
    assert data.X_train.shape == (1347, 64) and data.X_test.shape == (450, 64)
    assert data.X_train.dtype == np.float32 and data.y_train.dtype == np.int64
    assert data.X_train.min() == 0 and data.X_train.max() == 1
    shares = [np.bincount(y) / len(y) for y in (data.y_train, data.y_test)]
    np.testing.assert_allclose(*shares, atol=0.002)
    rows = {row.tobytes() for row in data.X_train} & {row.tobytes() for row in data.X_test}
    assert not rows, "a test image is in the training part"
    np.testing.assert_array_equal(data.X_test, datasets.digits(0).X_test)
    assert not np.array_equal(data.X_test, datasets.digits(1).X_test)


def test_standardize_learns_from_the_training_part_only():
    train = rng().normal([3, -20, 5], [1, 10, 0], (500, 3))
    test = rng(1).normal([9, -20, 5], [1, 10, 2], (100, 3))
    a, b = datasets.standardize(train, test)
    np.testing.assert_allclose(a.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(a.std(axis=0), [1, 1, 0], atol=1e-12)
    std = np.where(train.std(axis=0) < 1e-9, 1, train.std(axis=0))
    np.testing.assert_allclose(b, (test - train.mean(axis=0)) / std)
    np.testing.assert_array_equal(a, datasets.standardize(train, test * 1000)[0])


def test_standardize_keeps_float32_and_leaves_a_constant_feature_quiet():
    X = np.full((1000, 2), 0.1, np.float32)                        # whose computed deviation is not exactly 0
    X[:, 1] = rng().normal(size=1000)
    scaled = datasets.standardize(X)
    assert scaled.dtype == np.float32 and np.abs(scaled[:, 0]).max() < 1e-6
    assert datasets.standardize([[1], [2]]).dtype == np.float32


@pytest.mark.parametrize("scale, theirs", [
    (datasets.standardize, StandardScaler()), (datasets.whiten, PCA(whiten=True))], ids=["standardize", "whiten"])
def test_preprocessing_equals_scikit_learn(scale, theirs):
    """A28. scikit-learn's PCA divides by N - 1 and chooses signs by another rule."""
    mix = rng(2).standard_normal((5, 5))
    train, test = (rng(seed).standard_normal((60, 5)) @ mix + 7 for seed in (0, 1))
    theirs.fit(train)
    for ours, other in zip(scale(train, test), (theirs.transform(train), theirs.transform(test))):
        if scale is datasets.whiten:
            other = other * np.sign((ours * other).sum(axis=0)) * np.sqrt(60 / 59)
        np.testing.assert_allclose(ours, other, rtol=0, atol=1e-10)


def test_whiten_learns_from_the_training_part_only_and_survives_flat_directions():
    train = rng().standard_normal((40, 2)) @ rng(1).standard_normal((2, 6)) + 5         # a plane in six dimensions
    a, b = datasets.whiten(train, rng(2).standard_normal((3, 6)))
    np.testing.assert_allclose(np.cov(a.T, bias=True), np.diag([1, 1, 0, 0, 0, 0]), atol=1e-12)
    assert np.isfinite(b).all() and np.abs(b[:, 2:]).max() < 20                        # shifted, not blown up
    np.testing.assert_array_equal(a, datasets.whiten(train, 1000 * train)[0])
    assert datasets.whiten(train.astype(np.float32)).dtype == np.float32
    assert datasets.whiten([[1, 2], [2, 1]]).dtype == np.float32
    np.testing.assert_array_equal(datasets.whiten([[4.0, 2.0]]), [[0.0, 0.0]])          # one example


# ---------------------------------------------------------------- IDX files and MNIST

CODES = {np.uint8: 0x08, np.int8: 0x09, np.int16: 0x0B, np.int32: 0x0C, np.float32: 0x0D, np.float64: 0x0E}


def idx(array):
    array = np.asarray(array)
    head = bytes([0, 0, CODES[array.dtype.type], array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.mark.parametrize("dtype", CODES)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 4), (0, 5)])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_read_idx_reads_every_type_and_shape(tmp_path, dtype, shape, pack):
    array = rng().integers(0, 100, shape).astype(dtype) if shape else np.asarray(7, dtype)
    (tmp_path / "a").write_bytes(pack(idx(array)))
    back = datasets.read_idx(tmp_path / "a")
    np.testing.assert_array_equal(back, array)
    assert back.dtype == dtype and back.dtype.isnative and back.flags.writeable


GOOD = idx(np.arange(6, dtype=np.uint8).reshape(2, 3))


@pytest.mark.parametrize("content, message", [
    (b"", "starts with nothing"),
    (b"\x89PNG\r\n", "starts with 89 50 4e 47"),
    (b"\0\0\x07\x01" + bytes(8), "starts with 00 00 07 01"),
    (GOOD[:9], "must state 2 axis lengths in 12 bytes, but has 9"),
    (GOOD[:-1], r"must have 18 bytes for shape \(2, 3\), but is cut off at 17"),
    (GOOD + b"!", r"must have 18 bytes for shape \(2, 3\), but goes on to 19"),
    (gzip.compress(GOOD)[:-9], "must be a whole gzip file"),
    (gzip.compress(GOOD)[:12] + b"????" + gzip.compress(GOOD)[16:], "must be a whole gzip file"),
    (b"\0\0\x0e\x03" + b"\xff" * 12, "is cut off at 16"),          # claims 6e29 bytes: must not be allocated
])
def test_read_idx_says_what_is_wrong_with_a_file(tmp_path, content, message):
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(ValueError, match="^read_idx: .*" + message):
        datasets.read_idx(tmp_path / "a")


def test_read_idx_of_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        datasets.read_idx(tmp_path / "a")


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """A small MNIST on a file:// mirror: nothing here touches the network."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    parts = {"train-images-idx3-ubyte.gz": rng().integers(0, 256, (12, 28, 28)), "train-labels-idx1-ubyte.gz":
             np.arange(12) % 10, "t10k-images-idx3-ubyte.gz": rng(1).integers(0, 256, (5, 28, 28)),
             "t10k-labels-idx1-ubyte.gz": np.arange(5)}
    assert list(parts) == list(datasets.MNIST_MD5)
    sums = {}
    for name, array in parts.items():
        (folder / name).write_bytes(gzip.compress(idx(array.astype(np.uint8)), mtime=0))
        sums[name] = hashlib.md5((folder / name).read_bytes()).hexdigest()
    monkeypatch.setattr("course_lib.datasets.handwriting.MNIST_MD5", sums)
    monkeypatch.setenv("TQDM_DISABLE", "1")
    return folder


def test_mnist_reads_and_scales_its_four_files(mirror):
    data = datasets.mnist(mirror)
    assert data.X_train.shape == (12, 784) and data.X_test.shape == (5, 784)
    assert data.X_train.dtype == np.float32 and 0 <= data.X_train.min() < data.X_train.max() <= 1
    assert data.y_train.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert data.y_test.tolist() == [0, 1, 2, 3, 4]
    pixels = rng(1).integers(0, 256, (5, 28, 28)).reshape(5, 784)
    np.testing.assert_allclose(data.X_test, pixels / 255, rtol=1e-6)


def test_mnist_downloads_checks_and_leaves_no_scraps(mirror, tmp_path):
    bad = tmp_path / "bad"
    bad.mkdir()
    for file in mirror.iterdir():
        (bad / file.name).write_bytes(file.read_bytes()[:-1])
    home = tmp_path / "home" / "mnist"
    mirrors = [(tmp_path / "nowhere").as_uri() + "/", bad.as_uri() + "/", mirror.as_uri() + "/"]
    data = datasets.mnist(home, download=True, mirrors=mirrors)
    assert len(data.X_train) == 12
    assert sorted(f.name for f in home.iterdir()) == sorted(datasets.MNIST_MD5)
    # a second call asks no mirror
    np.testing.assert_array_equal(datasets.mnist(home, download=True, mirrors=[]).X_train, data.X_train)


def test_mnist_names_the_mirrors_that_failed_and_keeps_nothing(mirror, tmp_path):
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "train-images-idx3-ubyte.gz").write_bytes(b"a login page")
    home = tmp_path / "home"
    with pytest.raises(OSError, match="no mirror delivered train-images-idx3-ubyte.gz .*MD5 sum .* instead"):
        datasets.mnist(home, download=True, mirrors=[bad.as_uri() + "/"])
    assert not list(home.iterdir())


def test_mnist_never_downloads_unasked(mirror, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"^mnist: .*train-images.* must exist.*download=True"):
        datasets.mnist(tmp_path / "empty")
    damaged = mirror / "t10k-labels-idx1-ubyte.gz"
    damaged.write_bytes(b"?")
    with pytest.raises(ValueError, match="^mnist: .*t10k-labels.* must have MD5 sum .*, but has"):
        datasets.mnist(mirror)
    assert damaged.read_bytes() == b"?"


def test_a_damaged_file_is_replaced_on_request(mirror, tmp_path):
    home = tmp_path / "home"
    datasets.mnist(home, download=True, mirrors=[mirror.as_uri() + "/"])
    (home / "t10k-labels-idx1-ubyte.gz").write_bytes(b"?")
    assert len(datasets.mnist(home, download=True, mirrors=[mirror.as_uri() + "/"]).y_test) == 5


# ---------------------------------------------------------------- wrong input

@pytest.mark.parametrize("call, error, message", [
    (lambda: datasets.moons(1, rng=rng()), ValueError, "moons: n must be at least 2, but is 1"),
    (lambda: datasets.moons(10.0, rng=rng()), TypeError, "moons: n must be a whole number, but is 10.0"),
    (lambda: datasets.moons(True, rng=rng()), TypeError, "moons: n must be a whole number, but is True"),
    (lambda: datasets.moons(10, -1, rng=rng()), ValueError,
     "moons: noise must be a finite number and at least 0, but is -1"),
    (lambda: datasets.moons(10, float("nan"), rng=rng()), ValueError,
     "moons: noise must be a finite number and at least 0, but is nan"),
    (lambda: datasets.moons(10, "loud", rng=rng()), TypeError,
     "moons: noise must be a finite number and at least 0, but is 'loud'"),
    (lambda: datasets.moons(10, rng=0), TypeError,
     "moons: rng must be a numpy.random.Generator such as .*, but is 0"),
    (lambda: datasets.spirals(10, classes=1, rng=rng()), ValueError,
     "spirals: classes must be at least 2, but is 1"),
    (lambda: datasets.spirals(2, classes=3, rng=rng()), ValueError,
     "spirals: n must be at least 3, but is 2"),
    (lambda: datasets.spirals(10, turns=-1, rng=rng()), ValueError,
     "spirals: turns must be .* at least 0, but is -1"),
    (lambda: datasets.blobs(10, 0, rng=rng()), ValueError, "blobs: centers must be at least 1, but is 0"),
    (lambda: datasets.blobs(10, [1, 2], rng=rng()), ValueError,
     r"blobs: centers must have shape \(K, D\), but is \(2,\)"),
    (lambda: datasets.blobs(10, [[1, 2], [3]], rng=rng()), ValueError,
     r"blobs: centers must have shape \(K, D\), but its rows differ in length"),
    (lambda: datasets.blobs(10, [[0, np.nan]], rng=rng()), ValueError,
     r"blobs: centers must be finite, but is nan at index \(0, 1\)"),
    (lambda: datasets.blobs(10, 3, [1, 2], rng=rng()), ValueError,
     r"blobs: std must have shape \(3,\), but is \(2,\)"),
    (lambda: datasets.xor(10, rng=None), TypeError, "xor: rng must be a numpy.random.Generator"),
    (lambda: datasets.parity(0), ValueError, "parity: bits must be at least 1, but is 0"),
    (lambda: datasets.parity(30), ValueError,
     "parity: bits must be a finite number and less than 21, but is 30"),
    (lambda: datasets.digits(-1), ValueError, "digits: seed must be at least 0, but is -1"),
    (lambda: datasets.standardize([1, 2]), ValueError,
     r"standardize: X_train must have shape \(N, D\), but is \(2,\)"),
    (lambda: datasets.standardize(np.ones((0, 2))), ValueError,
     r"X_train must have shape \(N, D\), but is \(0, 2\)"),
    (lambda: datasets.standardize([[1, 2]], [[1]]), ValueError,
     r"standardize: others\[0\] must have shape \(N, 2\), but is \(1, 1\)"),
    (lambda: datasets.standardize([[1, np.inf]]), ValueError,
     r"standardize: X_train must be finite, but is inf at index \(0, 1\)"),
    (lambda: datasets.whiten([[1, 2]], [[1, 2]], [1]), ValueError,
     r"whiten: others\[1\] must have shape \(N, 2\), but is \(1,\)"),
    (lambda: datasets.standardize([["a"]]), TypeError,
     "standardize: X_train must hold numbers, but has dtype <U1"),
])
def test_wrong_input_gets_one_clear_line(call, error, message):
    with pytest.raises(error, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_mnist_checksums_and_mirrors_are_the_published_ones():
    assert datasets.MNIST_MD5["train-images-idx3-ubyte.gz"] == "f68b3c2dcbeaaa9fbdd348bbdeb94873"
    assert all(len(md5) == 32 for md5 in datasets.MNIST_MD5.values())
    assert all(m.startswith("https://") and m.endswith("/") for m in datasets.MNIST_MIRRORS)
    assert inspect.signature(datasets.mnist).parameters["download"].default is False
