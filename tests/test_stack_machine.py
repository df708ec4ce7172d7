"""A stack in one number, and the recurrent network that uses it (A63), against Python's lists."""
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.stack_machine import (BRACKETS, bits, bracket_network, check_brackets, is_empty, pop, push, rounded,
                                      saturate, top)

EMPTY = Fraction(0)
PAIRS = {")": "(", "]": "["}
RUN = dict(max_examples=60, deadline=None, derandomize=True)


def stacked(values, number=Fraction):
    q = number(0)
    for bit in values:
        q = push(q, bit)
    return q


def balanced(text):
    """The reference: a Python list."""
    stack = []
    for character in text:
        if character in "([":
            stack.append(character)
        elif not stack or stack.pop() != PAIRS[character]:
            return False
    return not stack


def mirrored(opening):
    return opening + "".join({"(": ")", "[": "]"}[c] for c in reversed(opening))


@settings(**RUN)
@given(st.lists(st.one_of(st.sampled_from([0, 1]), st.just("pop")), max_size=150))
def test_random_programs_agree_with_a_list(program):
    """A63: pushes and pops in any order, at any height, exactly."""
    q, stack = EMPTY, []
    for step in program:
        if step == "pop":
            if not stack:
                assert is_empty(q)
                continue
            assert top(q) == stack.pop()
            q = pop(q)
        else:
            q = push(q, step)
            stack.append(step)
        assert is_empty(q) == (not stack) and 0 <= q < 1
        assert bits(q) == stack[::-1]
    assert isinstance(q, Fraction)


def test_the_digits_are_one_and_three_to_base_four():
    assert stacked([0, 1, 1]) == Fraction(3, 4) + Fraction(3, 16) + Fraction(1, 64)
    assert push(0.0, 1) == 0.75 and isinstance(push(0.0, 1), float) and top(EMPTY) == 0


@settings(**RUN)
@given(st.lists(st.sampled_from([0, 1]), min_size=1, max_size=26))
def test_float64_holds_26_bits(values):
    assert bits(stacked(values, float)) == values[::-1]
    assert stacked(values, float) == stacked(values)


def test_float64_cannot_hold_40_bits():
    values = np.random.default_rng(0).integers(0, 2, 40).tolist()
    assert bits(stacked(values)) == values[::-1]
    read = bits(stacked(values, float))
    assert read != values[::-1] and read[:20] == values[:-21:-1]
    assert bits(1.0, most=5) == 5 * [1]                      # what rounding can lead to
    assert bits(Fraction(3, 5), most=3) == [0, 1, 1]         # in a gap: popping leaves [0, 1] and is brought back


def test_no_stack_lies_in_the_gaps():
    for number in range(1, 2 ** 8):
        q = stacked([int(b) for b in f"{number:b}"])
        assert Fraction(1, 4) <= q < Fraction(1, 2) or Fraction(3, 4) <= q < 1


@pytest.mark.parametrize("kind, precision", [(np.float16, 11), (np.float32, 24), (np.float64, 53)])
def test_rounding_is_the_processors(kind, precision):
    draw = np.random.default_rng(0)
    for value in [*draw.uniform(-1, 1, 300), 0.1, 1 / 3, 0.5, 1.0, 2049.0, 2051.0]:
        exact = Fraction(float(value)) / (1 if precision < 53 else 3)
        assert rounded(exact, precision) == Fraction(float(kind(float(exact)))), value
    assert rounded(Fraction(1, 3), None) == Fraction(1, 3) and rounded(EMPTY, 4) == 0
    assert rounded(Fraction(5, 8), 2) == Fraction(1, 2) and rounded(Fraction(7, 8), 2) == 1     # halves to even


def test_saturation_keeps_the_type():
    assert saturate(Fraction(9, 8)) == 1 and isinstance(saturate(Fraction(-1)), Fraction)
    assert saturate(-0.5) == 0.0 and saturate(0.25) == 0.25


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(BRACKETS, max_size=14))
def test_the_network_checks_brackets(text):
    """A63: one step for each character, no matter what text."""
    trace = check_brackets(text)
    assert trace.balanced == balanced(text) and len(trace.stacks) == len(text)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.recursive(st.just(""), lambda part: st.builds(lambda b, x, y: b[0] + x + b[1] + y,
                                                       st.sampled_from(["()", "[]"]), part, part), max_leaves=30),
       st.data())
def test_long_balanced_texts_and_one_wrong_character(text, data):
    assert balanced(text) and check_brackets(text).balanced
    if text:
        place = data.draw(st.integers(0, len(text) - 1))
        wrong = text[:place] + data.draw(st.sampled_from(BRACKETS)) + text[place + 1:]
        trace = check_brackets(wrong)
        assert trace.balanced == balanced(wrong)
        assert trace.errors == sorted(trace.errors)          # an error is never forgotten


def test_the_stack_of_the_network_is_the_stack():
    q, text = EMPTY, "([[]()]"
    for character, seen in zip(text, check_brackets(text).stacks):
        q = push(q, BRACKETS.index(character) // 2) if character in "([" else pop(q)
        assert seen == q


@pytest.mark.parametrize("precision, depth", [(11, 5), (24, 12), (53, 26)])
def test_depth_is_limited_by_precision(precision, depth):
    """A63: about one level for each two binary digits; exact numbers know no limit."""
    for opening in ("[", "("):
        assert check_brackets(mirrored(depth * opening), precision).balanced
        assert not check_brackets(mirrored((depth + 3) * opening), precision).balanced
        assert check_brackets(mirrored(200 * opening)).balanced


def test_the_weights_are_few_and_rational():
    network = bracket_network()
    assert [part.shape for part in network] == [(8, 4), (8, 8), (8,), (8,), (8,)]
    assert all(isinstance(value, Fraction) for part in network for value in part.ravel())


@pytest.mark.parametrize("call, message", [
    (lambda: push(EMPTY, 2), "push: bit must be one of 0, 1, but is 2"),
    (lambda: push(EMPTY, True), "push: bit must be one of 0, 1, but is True"),
    (lambda: push(Fraction(3, 2), 1), "push: q must be in [0, 1], but is 3/2"),
    (lambda: pop(EMPTY), "pop: the stack must not be empty"),
    (lambda: pop(0), "pop: q must be a Fraction or a float, but is the whole number 0"),
    (lambda: top("3/4"), "top: q must be a Fraction or a float, but is '3/4'"),
    (lambda: is_empty(float("nan")), "is_empty: q must be in [0, 1], but is nan"),
    (lambda: rounded(Fraction(1, 3), 0), "rounded: precision must be at least 1, but is 0"),
    (lambda: check_brackets("(a)"), "check_brackets: text must consist of ()[], but is '(a)'"),
    (lambda: check_brackets(7), "check_brackets: text must consist of ()[], but is 7"),
    (lambda: check_brackets("()", precision=0), "check_brackets: precision must be at least 1, but is 0"),
])
def test_wrong_input_is_named_in_one_line(call, message):
    with pytest.raises((ValueError, TypeError)) as error:
        call()
    assert str(error.value) == message
