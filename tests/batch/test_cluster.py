"""Many workers: what Ray cannot do is one sentence. That no answer is lost there is in test_killed.py."""

from __future__ import annotations

import pytest

from windowpane.batch.run import Done, run
from windowpane.errors import WindowpaneError


@pytest.mark.slow
def test_two_workers_answer_what_one_does(scans, tmp_path, answers):
    pytest.importorskip("ray")
    one, two = tmp_path / "one", tmp_path / "two"
    assert run("read", [str(scans)], str(one), workers=1) == run("read", [str(scans)], str(two), workers=2)
    assert answers(one) == answers(two)


def test_a_cluster_that_is_not_there_is_one_sentence_and_the_batch_can_go_on_without(scans, tmp_path):
    pytest.importorskip("ray")
    with pytest.raises(WindowpaneError, match=r"no Ray cluster can be used at 127\.0\.0\.1:9"):
        run("read", [str(scans)], str(tmp_path / "out"), address="127.0.0.1:9")
    assert run("read", [str(scans)], str(tmp_path / "out")) == Done(7, 2, 0)
