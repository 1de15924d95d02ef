"""The loss of maps: what is to be found, what is not, and what nothing is learned of."""

import torch

from windowpane.train.loop.dense import NOTHING, PASSED_OVER, dense_loss


def maps(*class_ids):
    return torch.tensor(class_ids)[None, None]


def test_right_answers_cost_next_to_nothing_and_wrong_ones_much():
    class_ids = maps(0, NOTHING, 1)
    right = torch.tensor([[9.0, -9, -9], [-9, -9, 9]])[None, :, None]
    place = torch.zeros(1, 4, 1, 3)
    assert dense_loss(right, place, class_ids, place) < 1e-4
    assert dense_loss(-right, place, class_ids, place) > 10


def test_of_what_is_passed_over_nothing_is_learned():
    score = torch.zeros(1, 1, 1, 3, requires_grad=True)
    place = torch.zeros(1, 4, 1, 3, requires_grad=True)
    dense_loss(score, place, maps(0, PASSED_OVER, NOTHING), torch.ones(1, 4, 1, 3)).backward()
    assert (score.grad != 0).flatten().tolist() == [True, False, True]
    assert (place.grad != 0).any(dim=1).flatten().tolist() == [True, False, False]


def test_places_count_as_much_as_is_said():
    score, place = torch.zeros(1, 1, 1, 1), torch.zeros(1, 4, 1, 1)
    one, three = (dense_loss(score, place, maps(0), place + 1, weight) for weight in (1.0, 3.0))
    torch.testing.assert_close(three - one, torch.tensor(2 * 0.95))
