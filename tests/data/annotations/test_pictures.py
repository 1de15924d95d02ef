"""Pictures by their names as written."""

from windowpane.data.annotations.pictures import Pictures


def test_a_name_is_looked_for_as_written_before_its_file_name_alone(write):
    folder = write("images/x/a.png", "images/a.png")
    finder = Pictures((folder, folder / "images"), folder)
    assert finder.find("x\\a.png") == (folder / "images" / "x" / "a.png", "")
    assert finder.find("y/a.png") == (folder / "images" / "a.png", "")
    assert finder.notes == []


def test_only_the_named_folder_is_searched(write):
    folder = write("images/a.png", "else/b.png")
    path, missing = Pictures((folder / "images",), folder, folder / "else").find("a.png")
    assert path == folder / "else" / "a.png"
    assert missing.startswith(f"does not exist: looked in {folder / 'else'} and")
