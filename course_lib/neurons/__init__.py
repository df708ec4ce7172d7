"""Single neurons: the threshold unit and the perceptron, Hebb and Oja, a spiking neuron, one weight.

Chapters 1 and 2, before there are layers or back-propagation: the learning rules stand here as
their inventors wrote them, one example at a time, and every step is kept for looking at.
"""
from .hebbian import WeightPath, hebb, oja
from .single_weight import OneWeight, _follow, hot_and_cold, one_weight, one_weight_closed_form
from .spiking import Spikes, firing_rate, leaky_integrate_and_fire
from .threshold import Perceptron, Update, perceptron, perceptron_bound, threshold_unit

__all__ = ["OneWeight", "Perceptron", "Spikes", "Update", "WeightPath", "firing_rate", "hebb", "hot_and_cold",
           "leaky_integrate_and_fire", "oja", "one_weight", "one_weight_closed_form", "perceptron",
           "perceptron_bound", "threshold_unit"]
