"""Benchmarks that print ratios: the real server on one core, a load generator on the other.

`python -m bench` measures every performance budget, `python -m bench --quick` a shorter selection. Ratios to
a reference measured in the same run are the result; absolute figures are only context. Nothing here is a
timed test.
"""
