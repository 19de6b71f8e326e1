"""Shapes with noise: horizontal bars, vertical bars, crosses and rings, 16×16 pixels."""

import numpy as np

draw = np.random.default_rng(3)


def picture(kind):
    x = np.zeros((16, 16), dtype="float32")
    at, across = draw.integers(3, 13, 2)
    if kind in (0, 2):
        x[at - 1 : at + 1, 2:14] = 1
    if kind in (1, 2):
        x[2:14, across - 1 : across + 1] = 1
    if kind == 3:
        grid = np.hypot(*np.mgrid[-at : 16 - at, -across : 16 - across])
        x[(grid > 2) & (grid < 4)] = 1
    return x + draw.normal(0, 0.6, (16, 16)).astype("float32")


def save(name, count):
    labels = draw.integers(0, 4, count)
    np.savez(name, x=np.stack([picture(k)[None] for k in labels]), y=labels)


save("train.npz", 1600)
save("test.npz", 800)
