"""Show the code of the library where it is taught, so that book and library cannot drift apart."""
import ast
import inspect
import textwrap

from IPython.display import display

WIDTH = 80                                               # what a page shows of a line


def source(item):
    '''Give the code of a function or class, its docstrings cut to their first sentence.

    Parameters
    ----------
    item : function, method or class

    Returns
    -------
    str

    Raises
    ------
    TypeError
        If it is not written in Python.

    Examples
    --------
    >>> from course_lib.tensor import as_tensor
    >>> print(source(as_tensor).splitlines()[1])
        """``x`` itself if it is a tensor; else a constant, of ``dtype`` if that is
    '''
    try:
        code = textwrap.dedent(inspect.getsource(item))
    except (OSError, TypeError):
        raise TypeError("source: item must be a function or class written in Python, "
                        f"but is {item!r:.60}") from None
    lines = code.rstrip().split("\n")
    documented = [node for node in ast.walk(ast.parse(code))
                  if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node)]
    for node in sorted(documented, key=lambda node: -node.lineno):      # from below: line numbers stay valid
        docstring = node.body[0]
        first = ast.get_docstring(node).split("\n\n")[0].replace("\n", " ").split(". ")[0].rstrip(".")
        raw = "r" if "\\" in first else ""
        indent = " " * docstring.col_offset
        short = textwrap.wrap(f'{indent}{raw}"""{first}."""', WIDTH, subsequent_indent=indent,
                              break_long_words=False, break_on_hyphens=False)
        lines[docstring.lineno - 1:docstring.end_lineno] = short
    return "\n".join(lines)


def show(*items):
    """Display the code of functions and classes, as they are in the library today.

    Docstrings are cut to their first sentence: ``help(item)`` has the rest.

    Parameters
    ----------
    *items : function, method or class

    Returns
    -------
    None

    Raises
    ------
    TypeError
        If an item is not written in Python.

    Examples
    --------
    >>> from course_lib.tensor import as_tensor
    >>> show(as_tensor)                                      # doctest: +ELLIPSIS
    def as_tensor(x, dtype=None):
    ...
    """
    for code in [_Code(source(item)) for item in items]:
        display(code)


class _Code:
    """Highlighted by whoever renders Markdown (JupyterLab, the site, GitHub); plain text elsewhere."""

    def __init__(self, code):
        self.code = code

    def __repr__(self):
        return self.code

    def _repr_markdown_(self):
        fence = "````" if "```" in self.code else "```"
        return f"{fence}python\n{self.code}\n{fence}"
