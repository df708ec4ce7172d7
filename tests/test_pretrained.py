"""Stored weights: loaded as they were saved, refused when they changed, small, and each with its trainer."""
import importlib.util
import json

import numpy as np
import pytest

from course_lib import nn, pretrained


def test_what_was_saved_is_loaded(tmp_path):
    model = nn.mlp([3, 4, 2], rng=np.random.default_rng(0))
    pretrained.save("small", model.state_dict(), tmp_path)
    pretrained.save("other", {"w": np.ones(3)}, tmp_path)
    again = nn.mlp([3, 4, 2], rng=np.random.default_rng(1))
    again.load_state_dict(pretrained.load("small", tmp_path))
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, again.state_dict()[name])
    assert not list(tmp_path.glob("*.partial"))


def test_a_changed_file_is_refused(tmp_path):
    path = pretrained.save("small", {"w": np.ones(3)}, tmp_path)
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(ValueError, match=r"small.npz is not the file that SHA256.json describes; make it again with: "
                                         r"python tools/weights.py small"):
        pretrained.load("small", tmp_path)


def test_unknown_weights(tmp_path):
    pretrained.save("small", {"w": np.ones(3)}, tmp_path)
    with pytest.raises(ValueError, match="unknown weights 'large'; there are small"):
        pretrained.load("large", tmp_path)


def test_every_stored_file_is_sound_small_and_has_its_trainer(root):
    spec = importlib.util.spec_from_file_location("weights", root / "tools" / "weights.py")
    weights = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(weights)
    stored = sorted(path.stem for path in pretrained.FOLDER.glob("*.npz"))
    assert stored == sorted(weights.TRAINERS) == sorted(json.loads((pretrained.FOLDER / "SHA256.json").read_text()))
    for name in stored:
        assert all(np.isfinite(array).all() for array in pretrained.load(name).values())
    assert sum(path.stat().st_size for path in pretrained.FOLDER.glob("*.npz")) <= weights.BUDGET
