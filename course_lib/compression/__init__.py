r"""Smaller networks: pruning by weight and by neuron; 8-bit, ternary, binary, power-of-two weights (chapter 12).

Nothing here changes the model it is given: every function returns a new one.
"""
from ..regularization import named_weights as weights
from .low_bits import (LowBitLinear, binarize, low_bit, map_weights, power_of_two, shift_linear,
                       straight_through, ternarize)
from .pruning import (ELEMENTWISE, keep_zeros, magnitude_mask, neuron_scores, prune_neurons, prune_weights,
                      random_mask, sparsity, without_the_lowest)
from .quantization import (SCHEMES, IntegerNetwork, Quantized, choose_steps, integer_linear,
                           linear_error_bound, quantize, rescale, to_steps)

__all__ = ["ELEMENTWISE", "IntegerNetwork", "LowBitLinear", "Quantized", "SCHEMES", "binarize",
           "choose_steps", "integer_linear", "keep_zeros", "linear_error_bound", "low_bit", "magnitude_mask",
           "map_weights", "neuron_scores", "power_of_two", "prune_neurons", "prune_weights", "quantize",
           "random_mask", "rescale", "shift_linear", "sparsity", "straight_through", "ternarize", "to_steps",
           "weights", "without_the_lowest"]
