"""Marks the exercises: NumPy answers in a sandbox, checks that say what is wrong, a notebook in any state.

Students meet `checks` (the messages) and ``python -m grader NOTEBOOK`` (what the visible checks give, as the teacher's
machine will run them). Teachers meet `preprocessors`, which nbgrader's commands load from
``exercises/nbgrader_config.py``. `examiner` runs the checks, `sandbox` the answers, `wire` is all that passes between
them, `rules` says what an answer may use, `notebooks` reads what was handed in.
"""
