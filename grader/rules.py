"""What an answer may use: NumPy and Python's own arithmetic. What it may not is found before anything runs.

Reading the source names the mistake and the line. What a source can hide (a name put together from pieces) meets the
walls of `sandbox` instead.
"""
import ast

MODULES = frozenset("""
    abc bisect cmath collections collections.abc contextlib copy dataclasses decimal enum fractions functools heapq
    itertools math numbers operator random re statistics string time typing warnings
    numpy numpy.fft numpy.linalg numpy.lib.stride_tricks numpy.polynomial numpy.random numpy.typing
    """.split())
LIBRARIES = {"course_lib": "the course's library", "grader": "the grader", "torch": "PyTorch", "sklearn": "scikit-learn",
             "scipy": "SciPy"}
NAMES = frozenset("""
    __builtins__ __import__ __loader__ __spec__ breakpoint compile delattr eval exec exit get_ipython globals input
    open quit vars
    """.split())
ATTRIBUTES = frozenset("""
    __base__ __bases__ __builtins__ __closure__ __code__ __dict__ __func__ __getattribute__ __globals__ __import__
    __loader__ __mro__ __reduce__ __reduce_ex__ __self__ __spec__ __subclasses__ __wrapped__
    ag_frame builtins cr_frame ctypes ctypeslib f_back f_builtins f_globals f_locals gi_frame importlib inspect modules
    os subprocess sys tb_frame
    fromfile fromregex genfromtxt load loadtxt memmap save savetxt savez savez_compressed tofile DataSource f2py testing
    """.split())
ANSWER = "an answer may use NumPy and Python's own arithmetic only"


def violations(source, protected=()):
    """What an answer's source does that no answer may, one line each.

    Parameters
    ----------
    source : str
        Python, without magics.
    protected : collection of str
        Names of the assignment that an answer must not define again.

    Returns
    -------
    list of str
        Empty if there is nothing to say. A source that is no Python has no violations: it fails when it runs.

    Examples
    --------
    >>> violations("import torch")
    ["line 1 imports torch (PyTorch): an answer may use NumPy and Python's own arithmetic only"]
    >>> violations("import numpy as np\\nnp.allclose = lambda *a: True")
    ['line 2 changes np.allclose: NumPy must stay as it is']
    >>> violations("def check(): pass", protected={"check"})
    ['line 1 defines check again, which belongs to the assignment']
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    found = []
    modules = {alias.asname or alias.name.split(".")[0] for node in ast.walk(tree)
               if isinstance(node, ast.Import) for alias in node.names} | {"np"}
    for node in ast.walk(tree):
        found += [(node.lineno, what) for what in _of_node(node, modules)]
    for node in tree.body:
        found += [(node.lineno, f"defines {name} again, which belongs to the assignment")
                  for name in _defined(node) if name in protected]
    return [f"line {line} {what}" for line, what in sorted(set(found))]


def unmagic(source):
    """The source without Jupyter's ``%`` and ``!`` lines: they are no Python, and nothing that is graded.

    >>> unmagic("%matplotlib inline\\nx = 1")
    'pass  # %matplotlib inline\\nx = 1'
    """
    lines = source.split("\n")
    for i, line in enumerate(lines):
        bare = line.lstrip()
        if bare.startswith(("%", "!")):
            lines[i] = line[:len(line) - len(bare)] + "pass  # " + bare
    return "\n".join(lines)


def imports(name):
    """Why a module must not be imported; None if it may.

    >>> imports("numpy.linalg") is imports("math") is None
    True
    >>> imports("os")
    "os: an answer may use NumPy and Python's own arithmetic only"
    """
    if name in MODULES:
        return None
    library = LIBRARIES.get(name.split(".")[0])
    return f"{name} ({library}): {ANSWER}" if library else f"{name}: {ANSWER}"


def _of_node(node, modules):
    if isinstance(node, ast.Import):
        yield from (f"imports {imports(alias.name)}" for alias in node.names if imports(alias.name))
    elif isinstance(node, ast.ImportFrom):
        name = "." * node.level + (node.module or "")
        if imports(name):
            yield f"imports {imports(name)}"
        for alias in node.names:
            if alias.name in ATTRIBUTES or alias.name.startswith("_"):
                yield f"imports {name}.{alias.name}: {ANSWER}"
    elif isinstance(node, ast.Name) and node.id in NAMES:
        yield f"uses {node.id}: {ANSWER}"
    elif isinstance(node, ast.Attribute):
        if node.attr in ATTRIBUTES:
            yield f"reaches for .{node.attr}: {ANSWER}"
        elif isinstance(node.ctx, (ast.Store, ast.Del)) and _root(node) in modules:
            yield f"changes {ast.unparse(node)}: NumPy must stay as it is"
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("getattr", "setattr"):
        name = node.args[1] if len(node.args) > 1 else None
        if not (isinstance(name, ast.Constant) and isinstance(name.value, str)) or name.value in ATTRIBUTES:
            yield f"uses {node.func.id} with a name that cannot be read here: {ANSWER}"
        elif node.func.id == "setattr" and _root(node.args[0]) in modules:
            yield f"changes {ast.unparse(node.args[0])}.{name.value}: NumPy must stay as it is"
    elif isinstance(node, ast.Global | ast.Nonlocal):
        yield from (f"uses {name}: {ANSWER}" for name in node.names if name in NAMES)


def _root(node):
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _defined(node):
    """Names that a statement at the top of a cell binds."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name.split(".")[0] for alias in node.names} - {"np"}
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)}
