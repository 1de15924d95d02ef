"""What is written on a sheet: its characters are where they are told, and none is told that is not there."""

import numpy as np
import pytest

from windowpane.data.writing.blocks import BLOCK_SHARES, BLOCKS, Sheet, Stock, _Style, fill, picture_part


def a_sheet(seed=0):
    return Sheet.blank(np.random.default_rng(seed), Stock(), 200, 300)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.__name__)
def test_blocks_go_downwards_and_stay_in_their_column(block):
    for seed in range(6):
        rng = np.random.default_rng(seed)
        sheet = a_sheet(seed)
        style = _Style(Stock().pen(rng), 15.0, 1.8)
        assert block(rng, sheet, style, (20.0, 220.0), 30.0) > 30
        places = np.array(sheet.places).reshape(-1, 4)
        assert len(sheet.text) == len(sheet.words) == len(places)
        assert (places[:, 0] > 15).all()
        assert (places[:, 0] < 225).all()
        assert sheet.words == sorted(sheet.words)


def test_the_shares_are_of_all():
    assert sum(BLOCK_SHARES) == pytest.approx(1)
    assert len(BLOCK_SHARES) == len(BLOCKS)


def test_ink_differs_from_the_paper():
    for light in (10, 100, 150, 250):
        sheet = Sheet(np.full((50, 50), light, np.uint8))
        shades = [sheet.ink(np.random.default_rng(seed), 20, 20) for seed in range(30)]
        assert all(0 <= shade <= 255 and abs(shade - light) >= 50 for shade in shades)


def test_a_sheet_is_filled_to_its_end():
    sheet = a_sheet()
    fill(np.random.default_rng(1), sheet, Stock(), (12.0, 20.0))
    rows = np.array(sheet.places)[:, 1]
    assert rows.min() < 60
    assert rows.max() > 130


def test_pictures_are_cut_to_any_size():
    stock = Stock(pictures=[np.arange(200, dtype=np.uint8).reshape(10, 20)])
    for size in ((4, 6), (50, 30)):
        assert picture_part(np.random.default_rng(0), stock, *size).shape == size
