"""Auto-encoders, and networks stacked from them layer by layer (chapter 9)."""
import copy

from tqdm import tqdm

from . import _check
from .nn import Linear, Module, Sequential, mlp
from .nn.losses import mse_loss
from .tensor import no_grad
from .training import fit


class AutoEncoder(Module):
    r"""A network that learns to repeat its input through a narrow middle (A35).

    .. math:: h = f(Wx + b), \qquad \hat x = Vh + c, \qquad \text{minimise } \lVert x - \hat x \rVert^2

    Parameters
    ----------
    encoder, decoder : Sequential
        The decoder must give back as many numbers as the encoder reads.

    Raises
    ------
    ValueError
        If the widths of the two do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> model = autoencoder(64, 16, rng=np.random.default_rng(0))
    >>> model(np.ones((5, 64))).shape, model.encoder(np.ones((5, 64))).shape
    ((5, 64), (5, 16))

    References
    ----------
    Hinton, G. & Salakhutdinov, R. (2006). Reducing the dimensionality of data with neural networks. Science 313.
    """

    def __init__(self, encoder, decoder):
        (reads, code), (wants, gives) = _widths(encoder), _widths(decoder)
        if (wants, gives) != (code, reads):
            raise ValueError(f"AutoEncoder: the decoder must lead from {code} numbers back to {reads} because the "
                             f"encoder leads from {reads} to {code}, but it leads from {wants} to {gives}")
        self.encoder, self.decoder = encoder, decoder

    def forward(self, x):
        return self.decoder(self.encoder(x))


def autoencoder(n_features, n_hidden, activation="sigmoid", *, init="xavier",
                rng):
    """An :class:`AutoEncoder` with one hidden layer, linear at the output (A35).

    Parameters
    ----------
    n_features, n_hidden : int
        Numbers read and given back; units in the middle.
    activation : str or callable
        Of the hidden layer; "linear" finds the space of the principal components.
    init : str or callable
    rng : numpy.random.Generator

    Examples
    --------
    >>> import numpy as np
    >>> len(autoencoder(64, 16, rng=np.random.default_rng(0)).parameters())
    4
    """
    _check.whole("autoencoder", at_least=1, n_features=n_features,
                 n_hidden=n_hidden)
    whole = mlp([n_features, n_hidden, n_features], activation, init=init,
                rng=rng)
    return AutoEncoder(whole[:-1], whole[-1:])


def stack(X, sizes, activation="sigmoid", *, make_optimizer, epochs,
          batch_size=64, init="xavier", rng, progress=True):
    r"""Greedy layer-wise pre-training: an auto-encoder on the data, the next on its hidden layer, … (A36)

    .. math:: h^{(0)} = x, \qquad h^{(l)} = f\bigl(W^{(l)} h^{(l-1)} + b^{(l)}\bigr), \quad
              \text{each trained to rebuild } h^{(l-1)}

    No labels are used.

    Parameters
    ----------
    X : ndarray, shape (N, D)
    sizes : sequence of int
        Hidden units from the input up: the network will be D, *sizes, classes.
    activation : str or callable
    make_optimizer : callable
        ``make_optimizer(parameters) -> Optimizer``, called once for each auto-encoder.
    epochs, batch_size : int
        Of each auto-encoder.
    init : str or callable
    rng : numpy.random.Generator
    progress : bool

    Returns
    -------
    autoencoders : list of AutoEncoder
    histories : list of dict
        What :func:`~course_lib.training.fit` recorded for each.

    Raises
    ------
    ValueError
        If ``sizes`` is empty or ``X`` is no matrix.

    Examples
    --------
    >>> import numpy as np
    >>> from course_lib import optim
    >>> rng = np.random.default_rng(0)
    >>> autoencoders, histories = stack(rng.random((50, 8), np.float32), [6, 4], epochs=5, rng=rng, progress=False,
    ...                                 make_optimizer=lambda params: optim.Adam(params, lr=0.01))
    >>> histories[0]["train loss"][-1] < histories[0]["train loss"][0]
    True

    References
    ----------
    Hinton, G., Osindero, S. & Teh, Y.-W. (2006). A fast learning algorithm for deep belief nets. Neural
    Computation 18.
    Bengio, Y., Lamblin, P., Popovici, D. & Larochelle, H. (2007). Greedy layer-wise training of deep networks.
    NIPS 19.
    """
    hidden = _check.array("stack", "X", X, ("N", "D"))
    if not len(sizes):
        raise ValueError("stack: sizes must name at least one hidden layer, "
                         "but is empty")
    if progress:
        sizes = tqdm(sizes, desc="pre-training", unit="layer", leave=False,
                     delay=0.5)
    autoencoders, histories = [], []
    for size in sizes:
        model = autoencoder(hidden.shape[1], size, activation, init=init,
                            rng=rng)
        optimizer = make_optimizer(model.parameters())
        histories.append(fit(model, hidden, hidden, loss=mse_loss,
                             optimizer=optimizer, epochs=epochs, rng=rng,
                             batch_size=batch_size, progress=False))
        with no_grad():
            hidden = model.encoder(hidden).data
        autoencoders.append(model)
    return autoencoders, histories


def classifier(autoencoders, n_classes, *, init="xavier", rng):
    """A network that starts where pre-training ended, with a fresh linear layer on top (A36).

    Parameters
    ----------
    autoencoders : sequence of AutoEncoder
        From the input up; their encoders are copied, so that fine-tuning leaves them as they are.
    n_classes : int
    init : str or callable
        Of the layer on top.
    rng : numpy.random.Generator

    Returns
    -------
    Sequential

    Raises
    ------
    ValueError
        If an encoder does not read what the one before gives.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> classifier([autoencoder(8, 6, rng=rng), autoencoder(6, 4, rng=rng)], 10, rng=rng)
    Sequential(
      0: Linear(8, 6)
      1: Sigmoid()
      2: Linear(6, 4)
      3: Sigmoid()
      4: Linear(4, 10)
    )
    """
    width = _check_stack(autoencoders, n_classes)
    layers = [layer for model in autoencoders
              for layer in copy.deepcopy(model.encoder)]
    top = Linear(width, n_classes, init=init, rng=rng)
    return Sequential(*layers, top)


def _check_stack(autoencoders, n_classes):
    """The number of units on top."""
    if not len(autoencoders):
        raise ValueError("classifier: autoencoders must hold at least one, but is empty")
    _check.whole("classifier", at_least=1, n_classes=n_classes)
    widths = [_widths(model.encoder) for model in autoencoders]
    for i, ((_, gives), (reads, _)) in enumerate(zip(widths, widths[1:]), 2):
        if reads != gives:
            raise ValueError(f"classifier: auto-encoder {i} must read {gives} numbers because the one before gives "
                             f"{gives}, but it reads {reads}")
    return widths[-1][1]


def _widths(model):
    """How many numbers a network of dense layers reads and gives."""
    dense = [layer for layer in model if isinstance(layer, Linear)]
    return dense[0].weight.shape[1], dense[-1].weight.shape[0]
