"""A loader as a data plugin would have it: scikit-learn's digits, scaled to 0 to 1."""

from sklearn.datasets import load_digits

from recipec.api.data import ArraySamples


def load(start: int, count: int, broken: bool = False, labels: bool = True) -> ArraySamples:
    """Give digits; in `broken` ones a pixel is no number."""
    bunch = load_digits()
    images = (bunch.images / 16).astype("float32")[:, None]
    if broken:
        images[:, 0, 0, 0] = float("nan")
    chosen = slice(start, start + count)
    return ArraySamples({"x": images[chosen]}, bunch.target[chosen] if labels else None)
