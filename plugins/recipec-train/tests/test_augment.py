"""Random changes of training images are those that the parameters say."""

import pytest

from recipec.api.training import Augment

pytestmark = pytest.mark.frameworks


def changed(image, **params):
    import torch

    from recipec.api.training._augment import changed_image

    return changed_image(image, Augment(**params), torch.Generator().manual_seed(0))


def spot(row: int, column: int, height: int = 21, width: int = 31, count: int = 200):
    """Images that are a smooth spot at a place, from which a place can be read back."""
    import torch

    rows = torch.arange(height)[:, None] - row
    columns = torch.arange(width)[None, :] - column
    return (-(rows**2 + columns**2) / 8.0).exp().expand(count, 1, height, width)


def places(images):
    """The centres of mass, as rows and columns."""
    import torch

    mass = images.sum((1, 2, 3))
    rows = (images.sum((1, 3)) * torch.arange(images.shape[2])).sum(1) / mass
    columns = (images.sum((1, 2)) * torch.arange(images.shape[3])).sum(1) / mass
    return rows, columns


def test_nothing_asked_nothing_changed():
    image = spot(10, 15)
    assert changed(image) is image


def test_a_shift_is_in_pixels_and_goes_both_ways():
    rows, columns = places(changed(spot(10, 15), shift=3))
    for moved in (rows - 10, columns - 15):
        assert moved.abs().max() <= 3.01
        assert moved.min() < -2.5
        assert moved.max() > 2.5


def test_a_rotation_keeps_the_distance_to_the_centre_also_in_wide_images():
    rows, columns = places(changed(spot(10, 21), rotate=30))
    radius = ((rows - 10) ** 2 + (columns - 15) ** 2).sqrt()
    assert (radius - 6).abs().max() < 0.05
    reach = 6 * 0.5  # sin 30°
    assert reach - 0.3 < (rows - 10).abs().max() <= reach + 0.05


def test_a_scale_moves_things_away_from_the_centre_or_towards_it():
    rows, columns = places(changed(spot(10, 20), scale=0.2))
    assert (rows - 10).abs().max() < 0.05
    assert columns.min() - 15 == pytest.approx(5 * 0.8, abs=0.1)
    assert columns.max() - 15 == pytest.approx(5 * 1.2, abs=0.1)


def test_channels_of_an_image_change_together():
    import torch

    image = spot(8, 12).repeat(1, 3, 1, 1)
    result = changed(image, rotate=20, shift=2, flip=True)
    assert torch.equal(result[:, 0], result[:, 2])


def test_the_border_repeats():
    import torch

    white = torch.ones(50, 1, 8, 8)
    assert torch.allclose(changed(white, rotate=45, shift=3), white)


def test_a_flip_mirrors_about_half_of_the_images():
    import torch

    image = torch.arange(4.0).reshape(1, 1, 1, 4).repeat(400, 1, 1, 1)
    rows = [one.flatten().tolist() for one in changed(image, flip=True)]
    assert set(map(tuple, rows)) == {(0, 1, 2, 3), (3, 2, 1, 0)}
    assert 150 < rows.count([3, 2, 1, 0]) < 250


def test_what_is_no_image_stays():
    import torch

    tokens = torch.ones(4, 12, dtype=torch.int64)
    assert changed(tokens, rotate=10, flip=True) is tokens


def test_draws_follow_the_generator():
    import torch

    image = spot(8, 12)
    assert torch.equal(changed(image, rotate=20), changed(image, rotate=20))
