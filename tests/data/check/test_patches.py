"""What is wrong with a table of marked patches."""

import cv2
import numpy as np

from windowpane.data.check.patches import check_patches


def test_every_fault_of_a_table_is_listed(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.eye(50, 100, dtype=np.uint8) * 200)
    (tmp_path / "b.png").write_bytes(b"no picture")
    rows = [
        "a.png;1;2;9;9;sky",
        "a.png;1;2;900;9;sky",
        "a.png;1;2;x;9;sky",
        "c.png;1;2;3;4;sky",
        "b.png;1;2;3;4;sky",
    ]
    (tmp_path / "p.csv").write_text("\n".join(["File;x0;y0;x1;y1;label", *rows, "a.png;1;2"]))
    told = [(problem.line, problem.message) for problem in check_patches(tmp_path / "p.csv").problems]
    expected = [
        (4, "a box is four numbers"),
        (5, "there is no picture"),
        (7, "there is no x1, y1, label"),
        (None, "reaches beyond the picture"),
        (None, "b.png"),
    ]
    assert [line for line, _ in told] == [line for line, _ in expected]
    assert all(part in message for (_, message), (_, part) in zip(told, expected, strict=True))
