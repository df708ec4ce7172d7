"""All operations under one name: ``from course_lib import F``, then ``F.relu``, ``F.cross_entropy``, ..."""
from .nn.activations import hardmax, identity, leaky_relu, relu, sigmoid, softmax, step, tanh
from .nn.attention import embedding, scaled_dot_product_attention
from .nn.convolution import (avg_pool2d, conv2d, flatten, global_avg_pool2d, global_max_pool2d, max_pool2d,
                             sum_pool2d)
from .nn.dropout import dropout
from .nn.linear import linear
from .nn.losses import binary_cross_entropy_with_logits, cross_entropy, mse_loss
from .nn.normalization import batch_norm, layer_norm
from .nn.recurrent import gru, lstm, rnn
from .tensor import cat, stack

__all__ = ["avg_pool2d", "batch_norm", "binary_cross_entropy_with_logits", "cat", "conv2d", "cross_entropy",
           "dropout", "embedding", "flatten", "global_avg_pool2d", "global_max_pool2d", "gru",
           "hardmax", "identity", "layer_norm", "leaky_relu", "linear", "lstm", "max_pool2d",
           "mse_loss", "relu", "rnn", "scaled_dot_product_attention", "sigmoid", "softmax",
           "stack", "step", "sum_pool2d", "tanh"]
