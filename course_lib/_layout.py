"""Where to put the nodes of a computational graph: in layers, with few crossings.

Sugiyama, K., Tagawa, S. & Toda, M. (1981). Methods for visual understanding of hierarchical system
structures.
"""
import numpy as np


def layered(root, most=60):
    """Put ``root`` and all it was computed from into layers, and route the edges.

    A node stands one layer before the first that needs it. An edge across several layers gets a stop, a plain
    tuple, in each layer between. Within a layer, the order follows the mean place of the neighbours.

    Parameters
    ----------
    root : Tensor
        Anything with ``_parents``.
    most : int
        Nodes at most.

    Returns
    -------
    layers : list of list
        Nodes and stops, from the inputs to ``root``.
    edges : list of list
        Each edge as a chain: parent, stops, child.
    """
    order = _parents_first(root, most)
    depth = {id(root): 0}
    for node in reversed(order):
        for parent in node._parents:
            depth[id(parent)] = max(depth.get(id(parent), 0), depth[id(node)] + 1)
    last = max(depth.values())
    layers = [[node for node in order if depth[id(node)] == last - k] for k in range(last + 1)]

    edges = []
    for node in order:
        for i, parent in enumerate(node._parents):
            between = range(last - depth[id(parent)] + 1, last - depth[id(node)])
            stops = [(id(parent), id(node), i, k) for k in between]
            for stop in stops:
                layers[stop[-1]].append(stop)
            edges.append([parent, *stops, node])

    before, after = {}, {}
    for chain in edges:
        for a, b in zip(chain, chain[1:]):
            before.setdefault(b, []).append(a)
            after.setdefault(a, []).append(b)
    for _ in range(8):                                       # sweeps to and fro; more change nothing here
        _sort_layers(layers, before)
        _sort_layers(layers[::-1], after)
    return layers, edges


def _parents_first(root, most):
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        node, parents_done = stack.pop()
        if parents_done:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((parent, False) for parent in reversed(node._parents))
        if len(seen) > most:
            raise ValueError(f"graph: tensor must come from at most {most} tensors to be drawn, "
                             "but there are more")
    return order


def _sort_layers(layers, neighbours):
    place = {}
    for layer in layers:
        middle = (len(layer) - 1) / 2
        wish = {node: np.mean([place[other] for other in neighbours[node]]) if node in neighbours
                else i - middle for i, node in enumerate(layer)}
        layer.sort(key=wish.get)                             # stable: ties keep their order
        place.update({node: i - middle for i, node in enumerate(layer)})
