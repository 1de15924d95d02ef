"""The training loop: it learns, hands on averaged weights, and goes on after an interruption."""

import json

import pytest
import torch
from torch import nn

from windowpane.train.loop.stage import Schedule, decay_groups, run_stage, update_average


class Line(nn.Module):
    """Learns y = 3 x - 1, and has a norm, so that all kinds of weights are in the checkpoint."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.norm = nn.BatchNorm1d(1)
        self.layer = nn.Linear(1, 1)

    def forward(self, x):
        return self.layer(self.norm(x))


def batches(number):
    """A pass of 40 batches; another for every pass, the same for the same number."""
    generator = torch.Generator().manual_seed(number)
    for _ in range(40):
        yield torch.randn(16, 1, generator=generator)


def loss_of(net):
    return lambda x: (net(x) - (3 * x - 1)).square().mean()


def schedule(steps=300, name="windows"):
    return Schedule(name, steps, rate=0.05, warmup=20, ema_decay=0.95)


def run(net, folder, *, items=batches, resume=False, steps=300, **options):
    run_stage(net, schedule(steps), items, loss_of(net), folder=folder, resume=resume, **options)
    return net


def error(net):
    net.eval()
    with torch.no_grad():
        x = torch.linspace(-2, 2, 50)[:, None]
        return float((net(x) - (3 * x - 1)).abs().mean())


def test_it_learns(tmp_path):
    untrained = error(Line())
    assert error(run(Line(), tmp_path)) < 0.25 < untrained


def test_the_rate_rises_and_falls_to_nothing():
    plan = Schedule("windows", 1000, rate=0.1, warmup=100)
    rates = [plan.rate_at(step) for step in range(1000)]
    assert max(rates) == pytest.approx(0.1, rel=0.05)
    assert 80 <= rates.index(max(rates)) <= 100
    assert rates[0] < 0.01
    assert rates[-1] < 1e-5
    assert rates[100:] == sorted(rates[100:], reverse=True)


def test_the_log_has_a_line_every_hundred_steps(tmp_path):
    run(Line(), tmp_path)
    records = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [(record["stage"], record["step"]) for record in records] == [
        ("windows", 100),
        ("windows", 200),
        ("windows", 300),
    ]
    assert records[-1]["loss"] < records[0]["loss"]
    assert all(record["left_s"] >= 0 for record in records)


def test_progress_is_told_every_step(tmp_path):
    told = []
    run(Line(), tmp_path, steps=7, progress=lambda *news: told.append(news[:3]))
    assert told == [("windows", step, 7) for step in range(1, 8)]


def test_after_an_interruption_it_goes_on_where_it_stopped(tmp_path):
    def until(broken_pass, broken_step):
        def items(number):
            for step, batch in enumerate(batches(number)):
                if (number, step) == (broken_pass, broken_step):
                    raise KeyboardInterrupt
                yield batch

        return items

    folder = tmp_path / "broken"
    folder.mkdir()
    whole = run(Line(), tmp_path)
    with pytest.raises(KeyboardInterrupt):
        run(Line(), folder, items=until(3, 0))  # after 120 of 300 steps, at the start of a pass
    told = []
    resumed = run(Line(), folder, resume=True, progress=lambda *news: told.append(news[1]))
    assert told[0] == 121
    assert told[-1] == 300
    for name, value in whole.state_dict().items():  # as if nothing had happened
        torch.testing.assert_close(resumed.state_dict()[name], value, msg=name)


def test_a_pass_that_was_broken_off_is_begun_again(tmp_path):
    def items(number):
        for step, batch in enumerate(batches(number)):
            if (number, step) == (1, 10):
                raise KeyboardInterrupt
            yield batch

    with pytest.raises(KeyboardInterrupt):
        run(Line(), tmp_path, items=items)
    passes = []
    net = run(
        Line(),
        tmp_path,
        items=lambda number: passes.append(number) or batches(number),
        resume=True,
        steps=300,
    )
    assert passes[0] == 1
    assert error(net) < 0.25


def test_a_finished_stage_is_not_run_again(tmp_path):
    first = run(Line(), tmp_path)

    def never(number):
        raise AssertionError("trained again")
        yield

    again = run(Line(), tmp_path, items=never, resume=True)
    for name, value in first.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], value)


def test_without_resume_a_checkpoint_is_not_looked_at(tmp_path):
    run(Line(), tmp_path)
    told = []
    run(Line(), tmp_path, steps=3, progress=lambda *news: told.append(news[1]))
    assert told == [1, 2, 3]


def test_stages_keep_their_own_checkpoints(tmp_path):
    net = run(Line(), tmp_path, steps=5)
    run_stage(net, schedule(5, "strings"), batches, loss_of(net), folder=tmp_path, resume=False)
    assert sorted(path.name for path in tmp_path.glob("*.pt")) == ["strings.pt", "windows.pt"]
    assert not list(tmp_path.glob("*.part"))


def test_what_a_broken_run_logged_after_its_checkpoint_is_forgotten(tmp_path, records):
    run(Line(), tmp_path, steps=200)
    with (tmp_path / "log.jsonl").open("a") as file:
        file.write('{"stage": "windows", "step": 300, "loss": 9.0, "left_s": 0}\n')
    run(Line(), tmp_path, steps=300, resume=True)
    assert [record["step"] for record in records(tmp_path)] == [100, 200, 300]
    assert records(tmp_path)[-1]["loss"] < 9


def test_a_checkpoint_of_an_older_version_is_gone_on_with(tmp_path):
    """Then nets had trunks, and the validation set was what is kept aside."""

    class Net(Line):
        def __init__(self):
            super().__init__()
            self.backbone = self.layer
            del self.layer

        def forward(self, x):
            return self.backbone(self.norm(x))

    whole = run(Net(), tmp_path)
    state = torch.load(tmp_path / "windows.pt")
    state["aside"] = state.pop("validation")
    for part in ("net", "averaged"):
        state[part] = {name.replace("backbone", "trunk"): value for name, value in state[part].items()}
    torch.save(state, tmp_path / "windows.pt")
    again = run(Net(), tmp_path, resume=True)
    torch.testing.assert_close(again.state_dict(), whole.state_dict())


def test_only_kernels_decay():
    kernels, others = decay_groups(Line(), 0.3)
    assert (len(kernels["params"]), kernels["weight_decay"]) == (1, 0.3)
    assert (len(others["params"]), others["weight_decay"]) == (3, 0.0)


def test_the_average_moves_towards_the_net_and_counts_are_its_own():
    averaged, net = Line(), Line()
    with torch.no_grad():
        averaged.layer.weight.fill_(1.0)
        net.layer.weight.fill_(2.0)
        net.norm.num_batches_tracked.fill_(7)
    update_average(averaged, net, 0.9)
    assert averaged.layer.weight.item() == pytest.approx(1.1)
    assert averaged.norm.num_batches_tracked.item() == 7


def test_the_first_steps_forget_the_untrained_weights():
    plan = Schedule("windows", 1000, rate=0.1)
    assert plan.ema_decay_at(0) == pytest.approx(0.1)
    assert plan.ema_decay_at(10**6) == 0.999


def test_looking_at_the_validation_set_does_not_change_what_is_learned(tmp_path):
    for part in ("plain", "looking"):
        (tmp_path / part).mkdir()
    run(Line(), tmp_path / "plain")
    run_stage(
        (net := Line()),
        Schedule("windows", 300, rate=0.05, warmup=20, ema_decay=0.95, patience=9),
        batches,
        loss_of(net),
        folder=tmp_path / "looking",
        resume=False,
        validation=list(batches(7)),
    )
    plain, looking = (torch.load(tmp_path / part / "windows.pt") for part in ("plain", "looking"))
    torch.testing.assert_close(looking["net"], plain["net"])
