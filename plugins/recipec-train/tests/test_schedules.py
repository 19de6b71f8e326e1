"""Schedules are torch's own, step by step."""

import pytest

from recipec.api.training.schedules import Constant, Cosine, OneCycle, Schedule, StepDecay


def factors(schedule: Schedule, total: int, per_epoch: int = 10) -> list[float]:
    return [schedule.factor(step, total, per_epoch) for step in range(total)]


def rates_of_torch(make, total: int) -> list[float]:
    import torch

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = make(torch.optim.lr_scheduler, optimizer)
    rates = []
    for _ in range(total):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


@pytest.mark.frameworks
def test_one_cycle_is_torch_s():
    wanted = rates_of_torch(lambda torch, o: torch.OneCycleLR(o, 1.0, 90, cycle_momentum=False), 90)
    assert factors(OneCycle(), 90) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.frameworks
def test_cosine_is_torch_s():
    wanted = rates_of_torch(lambda torch, o: torch.CosineAnnealingLR(o, 50, eta_min=0.1), 50)
    assert factors(Cosine(end=0.1), 50) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.frameworks
def test_step_decay_is_torch_s():
    wanted = rates_of_torch(lambda torch, o: torch.StepLR(o, 20, gamma=0.5), 50)
    schedule = StepDecay(every_epochs=2, decay=0.5)
    assert factors(schedule, 50, per_epoch=10) == pytest.approx(wanted, abs=1e-9)


def test_a_warm_up_rises_linearly_to_the_rest():
    assert factors(Constant(warmup_steps=4), 6) == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]


def test_after_a_warm_up_the_cosine_takes_what_is_left():
    assert factors(Cosine(warmup_steps=2), 12)[2:] == factors(Cosine(), 10)


@pytest.mark.parametrize("total", [1, 2, 3, 4])
@pytest.mark.parametrize("schedule", [Constant(), Cosine(), StepDecay(), OneCycle()])
def test_the_shortest_trainings_have_a_rate_too(schedule, total):
    assert all(0 < factor <= 1 for factor in factors(schedule, total))
