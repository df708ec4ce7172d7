"""The building blocks: in each file the operations (value and local gradient), below them the layers."""
from .activations import Identity, LeakyReLU, ReLU, Sigmoid, Step, Tanh
from .dropout import Dropout
from .linear import Linear
from .mlp import ACTIVATIONS, mlp
from .module import Module, Parameter, Sequential

__all__ = ["ACTIVATIONS", "Dropout", "Identity", "LeakyReLU", "Linear", "Module", "Parameter", "ReLU",
           "Sequential", "Sigmoid", "Step", "Tanh", "mlp"]
