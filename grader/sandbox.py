"""The process in which answers run: no files, no network, no other programs, so much memory, and one line out.

Started by `examiner` as a script, ``python -I sandbox.py READ WRITE MEGABYTES``. The walls, from outside to inside:
limits of the operating system, an audit hook that no Python code can take off, and builtins that refuse what `rules`
forbids and report it. None of them is a prison for an expert; *Teaching with this book* says what they do not hold.
"""
import builtins
import importlib
import os
import resource
import sys
import warnings
from pathlib import Path


LATER = ["numpy.char", "numpy.ma", "numpy.ma.extras", "numpy.rec", "numpy.strings"]     # NumPy asks for them when it needs them


def main():
    reading, writing, megabytes = map(int, sys.argv[1:])
    here = str(Path(__file__).resolve().parent)
    sys.path.insert(0, here)
    import rules
    import wire
    sys.path.remove(here)
    for name in [*sorted(rules.MODULES), *LATER]:
        importlib.import_module(name)               # now, because nothing can be read later
    line = wire.Line(reading, writing, trusting=True)
    room = _guarded_room(line, rules)
    warnings.showwarning = lambda *args, **kwargs: None     # would read the source for its message
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * 2 ** 20,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(_wall(line))
    wire.OPERATIONS["run"] = lambda name, source: _run(name, source, room)
    wire.OPERATIONS["names"] = lambda: {key: value for key, value in room.items() if not key.startswith("_")}
    wire.OPERATIONS["forget"] = line.forget
    try:
        while True:
            line.serve(line.receive())
    except wire.Closed:
        os._exit(0)


def _run(name, source, room):
    """Execute an answer's cell; what it defines stays in the room, also for the answers after it."""
    exec(compile(source, f"<answer {name}>", "exec"), room)


def _guarded_room(line, rules):
    """The globals of all answers: NumPy, and builtins that refuse what is forbidden and report it."""
    def report(what):
        frame = sys._getframe(2)
        while frame and not frame.f_code.co_filename.startswith("<answer "):
            frame = frame.f_back
        if frame:                                   # from an answer, not from inside NumPy
            line.send(("note", frame.f_code.co_filename[8:-1], frame.f_lineno, what))

    def guarded_import(name, globals=None, locals=None, fromlist=(), level=0):
        if name.startswith("numpy._") and name in sys.modules:
            return __import__(name, globals, locals, fromlist, level)   # NumPy's own C code asks for its parts so
        why = rules.imports("." * level + name)
        if why:
            report(f"imports {why}")
            raise ImportError(f"{why}")
        return __import__(name, globals, locals, fromlist, level)

    def forbidden(name):
        def refuse(*args, **kwargs):
            report(f"uses {name}: {rules.ANSWER}")
            raise PermissionError(f"{name}: {rules.ANSWER}")
        return refuse

    guarded = dict(vars(builtins), __import__=guarded_import)
    guarded |= {name: forbidden(name) for name in rules.NAMES if hasattr(builtins, name) and name != "__import__"}
    import numpy
    return {"__builtins__": guarded, "__name__": "answers", "np": numpy}


def _wall(line):
    """An audit hook: opening, listing, starting, connecting and loading are over."""
    closed = ("open", "os.", "subprocess.", "socket.", "shutil.", "ctypes.", "import", "gc.", "glob.", "tempfile.",
              "mmap.", "signal.", "fcntl.", "resource.", "pty.", "sqlite3.", "urllib.", "ftplib.", "code.",
              "sys.setprofile", "sys.settrace", "sys.addaudithook", "sys._current_frames", "pathlib.", "syslog.",
              "cpython.", "marshal.")
    getframe, PermissionError_ = sys._getframe, PermissionError

    def hook(event, args):
        if event.startswith(closed):
            frame = getframe(1)
            while frame and not frame.f_code.co_filename.startswith("<answer "):
                frame = frame.f_back
            if frame:
                line.send(("note", frame.f_code.co_filename[8:-1], frame.f_lineno,
                           f"tries {event}: an answer touches no files, programs or networks"))
            raise PermissionError_(f"{event}: an answer touches no files, programs or networks")
    return hook


if __name__ == "__main__":
    main()
