import json

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from windowpane.core.windows import Window


def pairs(least, most):
    return st.tuples(st.integers(least, most), st.integers(least, most))


LAYERS = st.lists(st.tuples(pairs(1, 4), pairs(1, 3)), min_size=1, max_size=3)
WINDOWS = st.builds(Window, st.integers(1, 40), st.integers(1, 40), stride=pairs(1, 9), offset=pairs(-20, 20))
CELLS = st.tuples(st.integers(-50, 500), st.integers(-50, 500))


def forward(images, layers):
    """Sum over every kernel: the output of a cell is above 0 where it sees a pixel above 0. (N, H, W)."""
    for (height, width), (step_y, step_x), (pad_y, pad_x) in layers:
        padded = np.pad(images, ((0, 0), (pad_y, pad_y), (pad_x, pad_x)))
        if padded.shape[1] < height or padded.shape[2] < width:
            return np.zeros((len(images), 0, 0))
        seen = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(1, 2))
        images = seen.sum(axis=(3, 4))[:, ::step_y, ::step_x]
    return images


def one_pixel_images(height, width):
    return np.eye(height * width).reshape(-1, height, width)


def test_lenet_5_sees_32_by_32_pixels_in_steps_of_4():
    layers = [(5, 1, 0), (2, 2, 0), (5, 1, 0), (2, 2, 0), (5, 1, 0)]
    assert Window.of_layers(layers) == Window(32, 32, stride=(4, 4))


def test_padding_moves_the_first_window_out_of_the_image():
    window = Window.of_layers([(3, 2, 1), (3, 1, (0, 2))])
    assert window.offset == (-1, -5)
    assert window.box(0, 0) == (-5, -1, 2, 6)


@settings(deadline=None, max_examples=60)
@given(LAYERS, pairs(8, 13))
def test_a_cell_sees_exactly_the_pixels_from_edge_to_edge_of_its_box(layers, size):
    layers = [(kernel, stride, (0, 0)) for kernel, stride in layers]
    window = Window.of_layers(layers)
    seen = forward(one_pixel_images(*size), layers).reshape(*size, *window.map_size(*size))
    for row, col in np.ndindex(window.map_size(*size)):
        ys, xs = np.nonzero(seen[:, :, row, col])
        assert window.box(row, col) == (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)


@settings(deadline=None)
@given(st.lists(st.tuples(pairs(1, 5), pairs(1, 3), pairs(0, 2)), min_size=1, max_size=4), pairs(6, 60))
def test_map_size_is_that_of_the_layers_one_after_the_other(layers, size):
    scores = forward(np.ones((1, *size)), layers)
    assume(scores.size > 0)  # see map_size: a layer may find nothing before a later one pads
    assert Window.of_layers(layers).map_size(*size) == scores.shape[1:]


@settings(deadline=None)
@given(LAYERS, pairs(1, 30))
def test_without_padding_the_map_is_empty_where_a_layer_finds_nothing(layers, size):
    layers = [(kernel, stride, (0, 0)) for kernel, stride in layers]
    scores = forward(np.ones((1, *size)), layers)
    rows, cols = Window.of_layers(layers).map_size(*size)
    assert rows * cols == scores.size


@given(st.integers(1, 20), st.integers(1, 20), pairs(1, 6), pairs(0, 60))
def test_map_size_is_the_number_of_windows_that_fit(height, width, stride, size):
    window = Window(height, width, stride)
    fit_y = sum(window.box(row, 0)[3] <= size[0] for row in range(60))
    fit_x = sum(window.box(0, col)[2] <= size[1] for col in range(60))
    assert window.map_size(*size) == (fit_y, fit_x)


@given(WINDOWS.filter(lambda window: min(window.smallest_image) >= 1))
def test_the_smallest_image_has_one_cell_and_a_smaller_one_has_none(window):
    height, width = window.smallest_image
    assert window.map_size(height, width) == (1, 1)
    assert window.map_size(height - 1, width)[0] == 0
    assert window.map_size(height, width - 1)[1] == 0


@given(LAYERS, LAYERS)
def test_a_head_on_a_trunk_is_the_window_of_all_their_layers(trunk, head):
    trunk = [(kernel, stride, 1) for kernel, stride in trunk]
    head = [(kernel, stride, 0) for kernel, stride in head]
    both = Window.of_layers(trunk).followed_by(Window.of_layers(head))
    assert both == Window.of_layers(trunk + head)


@given(WINDOWS, CELLS)
def test_the_cell_of_a_centre_is_its_cell(window, cell):
    assert window.cell(*window.centre(*cell)) == cell


@given(WINDOWS, st.floats(-100, 1000), st.floats(-100, 1000))
def test_no_cell_is_nearer_than_the_cell_of_a_point(window, x, y):
    row, col = window.cell(x, y)
    centre_x, centre_y = window.centre(row, col)
    assert abs(x - centre_x) <= window.stride[1] / 2 + 1e-9
    assert abs(y - centre_y) <= window.stride[0] / 2 + 1e-9


@given(WINDOWS, st.lists(CELLS, max_size=5))
def test_boxes_are_the_box_of_each_cell(window, cells):
    boxes = window.boxes([row for row, _ in cells], [col for _, col in cells])
    assert boxes.dtype == np.float32
    assert boxes.shape == (len(cells), 4)
    assert [tuple(box) for box in boxes] == [window.box(*cell) for cell in cells]


@given(WINDOWS)
def test_a_window_survives_json(window):
    assert Window.from_dict(json.loads(json.dumps(window.to_dict()))) == window


@pytest.mark.parametrize(
    ("field", "value"),
    [("height", 2.5), ("width", None), ("stride", [4]), ("offset", ["0", 0]), ("height", True)],
)
def test_a_wrong_field_is_named(field, value):
    with pytest.raises(ValueError, match=field):
        Window.from_dict({**Window(3, 3).to_dict(), field: value})


@pytest.mark.parametrize("sizes", [(0, 3, (1, 1)), (3, -1, (1, 1)), (3, 3, (0, 1))])
def test_a_window_without_size_or_stride_is_refused(sizes):
    with pytest.raises(ValueError, match="at least 1"):
        Window(*sizes)
