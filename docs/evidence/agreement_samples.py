"""Real samples for the table of export-agreement: crops of photos, and texts."""

import numpy as np


def photos(count: int = 1000, side: int = 64, seed: int = 0):
    """Give crops of scikit-learn's two photos [N, 3, side, side], labelled by photo and quarter."""
    from sklearn.datasets import load_sample_images

    rng = np.random.default_rng(seed)
    images = [np.asarray(image) for image in load_sample_images().images]
    crops, labels = [], []
    for index in range(count):
        number = index % len(images)
        height, width = images[number].shape[:2]
        top, left = rng.integers(height - side), rng.integers(width - side)
        crop = images[number][top : top + side, left : left + side].transpose(2, 0, 1)
        crops.append((crop.astype(np.float32) - 128) / 64)
        labels.append(number * 4 + 2 * (2 * top >= height - side) + (2 * left >= width - side))
    return np.stack(crops), np.array(labels, dtype=np.int64)


def sentences(count: int = 1000):
    """Give sentences of Python's own reference, labelled by the topic's first letter's half."""
    from pydoc_data.topics import topics

    texts, labels = [], []
    for topic in sorted(topics):
        for paragraph in topics[topic].split("\n\n"):
            words = paragraph.split()
            if len(words) >= 8:
                texts.append(" ".join(words[:60]))
                labels.append(int(topic[0].lower() >= "f"))
    step = len(texts) / count
    chosen = [int(index * step) for index in range(count)]
    return [texts[i] for i in chosen], [labels[i] for i in chosen]
