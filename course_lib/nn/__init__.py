"""The building blocks: in each file the operations (value and local gradient), below them the layers."""
from .activations import Identity, LeakyReLU, ReLU, Sigmoid, Step, Tanh
from .attention import (AdditiveAttention, Embedding, MultiheadAttention, PositionalEncoding, TransformerDecoderLayer,
                        TransformerEncoderLayer)
from .cnn import cnn
from .convolution import AvgPool2d, Conv2d, Flatten, GlobalAvgPool2d, GlobalMaxPool2d, MaxPool2d
from .dropout import ClassicDropout, DropConnect, Dropout, mc_dropout
from .linear import Linear
from .mlp import ACTIVATIONS, mlp
from .module import Module, Parameter, Sequential
from .normalization import BatchNorm1d, BatchNorm2d, LayerNorm
from .recurrent import GRU, LSTM, RNN, JordanRNN
from .residual import Residual

__all__ = ["ACTIVATIONS", "AdditiveAttention", "AvgPool2d", "BatchNorm1d", "BatchNorm2d", "ClassicDropout",
           "Conv2d", "DropConnect", "Dropout", "Embedding", "Flatten", "GRU", "GlobalAvgPool2d",
           "GlobalMaxPool2d", "Identity", "JordanRNN", "LSTM", "LayerNorm", "LeakyReLU", "Linear",
           "MaxPool2d", "Module", "MultiheadAttention", "Parameter", "PositionalEncoding", "RNN", "ReLU",
           "Residual", "Sequential", "Sigmoid", "Step", "Tanh", "TransformerDecoderLayer",
           "TransformerEncoderLayer", "cnn", "mc_dropout", "mlp"]
