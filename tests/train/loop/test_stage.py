"""The training loop: it learns, writes its log, and goes on after an interruption."""

import json

import cv2
import pytest
import torch
from torch import nn

from windowpane.errors import DataError
from windowpane.train.loop.loop import Schedule, run_stage
from windowpane.train.loop.validation import split


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
    return Schedule(name, steps, rate=0.05, warmup=20, averaging=0.95)


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


# -- What is kept aside ------------------------------------------------------------------------------------


class Rote(nn.Module):
    """Learns eight numbers by heart, of which nothing follows for others: a number each, and one for all."""

    def __init__(self):
        super().__init__()
        self.own = nn.Parameter(torch.zeros(9))
        self.all = nn.Parameter(torch.zeros(1))


def rote_loss(net):
    """The first eight are 2 more than any other; what is kept aside has the ninth, which is never learned."""
    return lambda place: (net.own[place] + net.all - 1 - 2 * (place < 8)).square().mean()


def rote(folder, *, patience, resume=False, **options):
    net = Rote()
    run_stage(
        net,
        Schedule("rote", 1500, rate=0.004, warmup=1, averaging=0.5, patience=patience),
        lambda number: iter([torch.arange(8)] * 50),
        rote_loss(net),
        folder=folder,
        resume=resume,
        aside=[torch.tensor([8])] if patience else [],
        **options,
    )
    return net


def log_of(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_a_training_ends_when_what_is_kept_aside_gets_no_better_and_keeps_the_best(tmp_path):
    told = []
    net = rote(tmp_path, patience=3, progress=lambda *news: told.append(news))
    records = log_of(tmp_path)
    best = min(records, key=lambda record: record["aside"])
    assert records[-1]["step"] == best["step"] + 300 < 1500
    assert rote_loss(net)(torch.tensor([8])).item() == pytest.approx(best["aside"], abs=1e-4)
    name, step, total, remark = told[-1]
    assert (name, step, total) == ("rote", records[-1]["step"], records[-1]["step"])
    assert f"kept aside {records[-1]['aside']:.4f}, no better since step {best['step']}" in remark


def test_without_patience_it_learns_to_the_end(tmp_path):
    rote(tmp_path, patience=0)
    records = log_of(tmp_path)
    assert records[-1]["step"] == 1500
    assert all("aside" not in record for record in records)


def test_what_ended_early_is_not_gone_on_with_and_what_was_broken_off_ends_where_it_would_have(tmp_path):
    (tmp_path / "broken").mkdir()
    whole = rote(tmp_path, patience=3)
    last = log_of(tmp_path)[-1]["step"]

    def never(*news):
        raise AssertionError("trained again")

    again = rote(tmp_path, patience=3, resume=True, progress=never)

    def stop(name, step, total, remark):
        if step == 250:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rote(tmp_path / "broken", patience=3, progress=stop)
    resumed = rote(tmp_path / "broken", patience=3, resume=True)
    assert log_of(tmp_path / "broken")[-1]["step"] == last
    for net in (again, resumed):
        torch.testing.assert_close(net.state_dict(), whole.state_dict())


def test_looking_at_what_is_kept_aside_does_not_change_what_is_learned(tmp_path):
    for part in ("plain", "looking"):
        (tmp_path / part).mkdir()
    run(Line(), tmp_path / "plain")
    run_stage(
        (net := Line()),
        Schedule("windows", 300, rate=0.05, warmup=20, averaging=0.95, patience=9),
        batches,
        loss_of(net),
        folder=tmp_path / "looking",
        resume=False,
        aside=list(batches(7)),
    )
    plain, looking = (torch.load(tmp_path / part / "windows.pt") for part in ("plain", "looking"))
    torch.testing.assert_close(looking["net"], plain["net"])


def test_what_a_broken_run_logged_after_its_checkpoint_is_forgotten(tmp_path):
    run(Line(), tmp_path, steps=200)
    with (tmp_path / "log.jsonl").open("a") as file:
        file.write('{"stage": "windows", "step": 300, "loss": 9.0, "left_s": 0}\n')
    run(Line(), tmp_path, steps=300, resume=True)
    assert [record["step"] for record in log_of(tmp_path)] == [100, 200, 300]
    assert log_of(tmp_path)[-1]["loss"] < 9


def test_the_curves_are_drawn_also_of_a_run_that_was_broken_off(tmp_path):
    def stop(name, step, total, remark):
        if step == 250:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rote(tmp_path, patience=3, progress=stop)
    picture = cv2.imread(str(tmp_path / "curves.png"))
    assert (picture.max(axis=2) > picture.min(axis=2) + 60).sum() > 200  # lines in colour


def test_a_share_is_kept_aside_by_a_seed():
    learned, kept = split(range(40), patience=1, seed=3)
    assert sorted(learned + kept) == list(range(40))
    assert len(kept) == 4
    assert split(range(40), patience=1, seed=3)[1] == kept != split(range(40), patience=1, seed=4)[1]
    assert split(range(40), patience=0, seed=3) == (list(range(40)), [])
    assert len(split(range(3), patience=1, seed=0)[1]) == 1
    with pytest.raises(DataError, match="label two at least"):
        split(range(1), patience=1, seed=0)


def test_tensorboard_gets_the_same_numbers_where_it_is_installed(tmp_path):
    events = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    rote(tmp_path, patience=3)
    reader = events.EventAccumulator(str(tmp_path / "events" / "rote"))
    reader.Reload()
    for name in ("loss", "aside"):
        written = [(event.step, event.value) for event in reader.Scalars(name)]
        assert written == [(one["step"], pytest.approx(one[name], abs=1e-4)) for one in log_of(tmp_path)]
