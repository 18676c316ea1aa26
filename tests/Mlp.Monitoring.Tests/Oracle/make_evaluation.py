"""Writes evaluation.csv: cases of probabilities and labels with scikit-learn's own figures.

Run with Debian's python3-sklearn: /usr/bin/python3 make_evaluation.py
Lines: `case,NAME,ROWS,AUC,LOG_LOSS,BRIER,ACCURACY`, then ROWS lines `PROBABILITY,LABEL`.
"""
import os

import numpy as np
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss, roc_auc_score

random = np.random.default_rng(2001)


def case(out, name, probabilities, labels):
    # The library gets float32; scikit-learn computes with exactly these values as float64.
    p = np.asarray(probabilities, np.float32).astype(np.float64)
    y = np.asarray(labels, np.int64)
    figures = (
        roc_auc_score(y, p),
        log_loss(y, p, eps=1e-15, labels=[0, 1]),
        brier_score_loss(y, p),
        accuracy_score(y, p >= 0.5),
    )
    out.write(f"case,{name},{len(y)}," + ",".join(repr(float(f)) for f in figures) + "\n")
    for probability, label in zip(p, y):
        out.write(f"{float(probability)!r},{label}\n")


with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "evaluation.csv"), "w", newline="\n") as out:
    p = random.beta(1.2, 4, 400)
    case(out, "calibrated", p, random.random(400) < p)
    p = random.random(300)
    case(out, "chance", p, random.random(300) < 0.2)
    p = np.round(random.random(300), 1)
    case(out, "tied", p, random.random(300) < p)
    p = np.concatenate([np.zeros(20), np.ones(20), random.random(60)])
    case(out, "certain and wrong", p, random.random(100) < 0.5)
    case(out, "perfect", [0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1])
    case(out, "reversed", [0.9, 0.8, 0.2, 0.1], [0, 0, 1, 1])
    case(out, "constant", [0.3] * 10, [0, 1] * 5)
