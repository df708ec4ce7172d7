"""Weights that took longer to train than a chapter may run; ``tools/weights.py`` made every one of them."""
import hashlib
import json
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent / "weights"


def load(name, folder=FOLDER):
    """The stored weights of a model, for :meth:`Module.load_state_dict`.

    Parameters
    ----------
    name : str
        Of a trainer in ``tools/weights.py``; ``weights/SHA256.json`` lists those that are stored.

    Returns
    -------
    dict of str to ndarray
        Stored as float16 where that was precise enough.

    Raises
    ------
    ValueError
        If there are no such weights, or the file is not the one that was stored.
    """
    checksums = json.loads((folder / "SHA256.json").read_text())
    if name not in checksums:
        raise ValueError(f"pretrained.load: unknown weights {name!r}; there are {', '.join(sorted(checksums))}")
    path = folder / f"{name}.npz"
    if hashlib.sha256(path.read_bytes()).hexdigest() != checksums[name]:
        raise ValueError(f"pretrained.load: {path.name} is not the file that SHA256.json describes; "
                         f"make it again with: python tools/weights.py {name}")
    with np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)


def save(name, state, folder=FOLDER):
    """Store ``state`` as ``name.npz`` and its checksum: both files are replaced whole."""
    folder.mkdir(exist_ok=True)
    path, register = folder / f"{name}.npz", folder / "SHA256.json"
    checksums = json.loads(register.read_text()) if register.exists() else {}
    partial = path.with_suffix(".npz.partial")
    with partial.open("wb") as file:
        np.savez_compressed(file, **state)
    checksums[name] = hashlib.sha256(partial.read_bytes()).hexdigest()
    partial.replace(path)
    partial = register.with_suffix(".json.partial")
    partial.write_text(json.dumps(checksums, indent=2, sort_keys=True) + "\n")
    partial.replace(register)
    return path
