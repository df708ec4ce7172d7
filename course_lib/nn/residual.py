"""Shortcuts: a block that only has to learn what to change (chapter 9)."""
from .module import Module


class Residual(Module):
    r"""A block with a shortcut around it (A34).

    .. math:: y = S(x) + s\,F(x), \qquad
              \frac{\partial L}{\partial x} = \frac{\partial L}{\partial y}\,\bigl(S'(x) + s\,F'(x)\bigr)

    With the identity as shortcut :math:`S`, the gradient above reaches the layer below undiminished, whatever the
    block does to its own share.

    Parameters
    ----------
    block : Module
        :math:`F`.
    shortcut : Module, optional
        :math:`S`, for example a :class:`Linear` where the block changes the number of features; by default the
        identity.
    scale : float
        The factor :math:`s`. In a stack of L blocks, :math:`1/\sqrt L` keeps the sum from growing with the depth.

    Raises
    ------
    ValueError
        In ``forward``, if block and shortcut give different shapes.

    Examples
    --------
    >>> import numpy as np
    >>> from .linear import Linear
    >>> layer = Residual(Linear(2, 2, init="zeros", rng=None))
    >>> layer(np.array([[3.0, 4.0]], np.float32)).data           # F = 0: the identity
    array([[3., 4.]], dtype=float32)

    References
    ----------
    He, K., Zhang, X., Ren, S. & Sun, J. (2016). Deep residual learning for image recognition. CVPR.
    """

    def __init__(self, block, shortcut=None, scale=1.0):
        self.block, self.shortcut, self.scale = block, shortcut, scale

    def forward(self, x):
        change = self.block(x)
        straight = x if self.shortcut is None else self.shortcut(x)
        if change.shape != straight.shape:
            raise ValueError("Residual: block and shortcut must give the same "
                             f"shape, but give {change.shape} and "
                             f"{straight.shape}")
        return straight + (change if self.scale == 1 else change * self.scale)
