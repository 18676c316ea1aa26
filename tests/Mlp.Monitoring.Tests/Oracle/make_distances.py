"""Writes distances.csv: SciPy's own distances of pairs of samples that the tests draw again by the same arithmetic.

Run with Debian's python3-scipy: /usr/bin/python3 make_distances.py
Lines: `NAME,KOLMOGOROV_SMIRNOV,WASSERSTEIN,STANDARD_DEVIATION_OF_FIRST`.
"""
import os

import numpy as np
from scipy.stats import ks_2samp, wasserstein_distance

ROWS = 20_000


def uniform(seed):
    # Knuth's MMIX generator; the upper 24 bits are a float32 without rounding.
    state, values = seed, []
    for _ in range(ROWS):
        state = (state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        values.append((state >> 40) / 16777216)
    return np.array(values, np.float32)


f = np.float32
CASES = {
    "same": (lambda u: u, lambda u: u),
    "shifted": (lambda u: u, lambda u: u + f(0.25)),
    "wider": (lambda u: u, lambda u: u * f(1.5)),
    "skewed": (lambda u: u * u, lambda u: u),
    "discrete": (lambda u: np.floor(u * f(5)), lambda u: np.floor(u * u * f(5))),
    "heavy tail": (lambda u: f(1) / (u + f(0.0625)), lambda u: f(2) / (u + f(0.0625))),
    "apart": (lambda u: u, lambda u: u + f(4)),
}

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "distances.csv"), "w", newline="\n") as out:
    first, second = uniform(1), uniform(2)
    for name, (of_first, of_second) in CASES.items():
        a, b = of_first(first).astype(np.float64), of_second(second).astype(np.float64)
        figures = (ks_2samp(a, b).statistic, wasserstein_distance(a, b), a.std())
        out.write(name + "," + ",".join(repr(float(x)) for x in figures) + "\n")
