from pathlib import Path

import pytest

from styletransfer.batch.names import Pattern
from styletransfer.batch.plan import every_pair, listed_pairs
from styletransfer.errors import ImageError

OUT = Path("results")
WAVE, STREET = Path("styles/wave.jpg"), Path("styles/street.jpg")


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def files(*names):
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()


def planned(*sources, paintings=(WAVE,), pattern="{photo}-{style}", out=OUT):
    items = every_pair([Path(each) for each in sources], paintings, Pattern(pattern), out)
    return {item.output.as_posix(): item for item in items}


def refused(*arguments, **options):
    with pytest.raises(ImageError) as caught:
        planned(*arguments, **options)
    return str(caught.value)


def test_every_photo_meets_every_painting_and_folders_are_kept():
    files("in/b.jpg", "in/a.png", "in/deep/er/c.heic")
    assert list(planned("in", paintings=[WAVE, STREET, WAVE])) == [
        "results/a-wave.png",
        "results/b-wave.png",
        "results/deep/er/c-wave.png",
        "results/a-street.png",
        "results/b-street.png",
        "results/deep/er/c-street.png",
    ]


def test_a_folder_is_walked_for_pictures_only():
    files("in/a.jpg", "in/notes.txt", "in/.b.jpg", "in/.git/c.jpg", "in/d.JPG", "in/page.svg")
    Path("elsewhere").mkdir()
    files("elsewhere/e.jpg")
    Path("in/link").symlink_to(Path("elsewhere").absolute())
    assert list(planned("in")) == ["results/a-wave.png", "results/d-wave.png"]


def test_a_file_that_is_named_counts_whatever_it_is_and_once():
    files("in/a.jpg", "notes.txt")
    assert list(planned("in/a.jpg", "in", "notes.txt")) == [
        "results/a-wave.png",
        "results/notes-wave.png",
    ]


def test_a_folder_without_pictures_is_refused():
    files("in/notes.txt")
    assert refused("in").startswith("in holds no JPEG, PNG")
    assert refused("nowhere").startswith("nowhere does not exist")


def test_two_pictures_of_one_name_are_refused_by_both_names():
    files("in/a.jpg", "in/a.png")
    sentence = refused("in")
    assert "in/a.jpg by styles/wave.jpg and in/a.png by styles/wave.jpg" in sentence
    assert "results/a-wave.png" in sentence
    assert len(planned("in", pattern="{photo}-{suffix}")) == 2


def test_names_that_some_file_systems_take_for_one_are_refused():
    files("one/A.jpg", "two/a.jpg")
    assert "would both become" in refused("one", "two")
    files("three/e\u0301.jpg", "four/\u00e9.jpg")
    assert "would both become" in refused("three", "four")


def test_one_painting_has_to_be_in_the_pattern_of_several():
    files("in/a.jpg")
    assert "would both become" in refused("in", paintings=[WAVE, STREET], pattern="{photo}")


@pytest.mark.parametrize("out", ["in", "in/results", "in/../in/x"])
def test_results_do_not_go_among_the_photos(out):
    files("in/a.jpg")
    assert "lies among the photos in in" in refused("in", out=Path(out))


def test_results_do_not_go_among_the_photos_by_a_link():
    files("in/a.jpg")
    Path("way").symlink_to("in")
    assert "lies among the photos" in refused("in", out=Path("way/results"))


def test_no_picture_takes_the_place_of_one_that_is_read():
    files("a.png")
    assert refused("a.png", pattern="{photo}", out=Path(".")).startswith("a.png is one of the pictures")
    files("styles/wave.jpg")
    assert "is one of the pictures" in refused("a.png", pattern="{style}.jpg", out=Path("styles"))


def test_a_table_pairs_and_blends():
    Path("lists").mkdir()
    Path("lists/pairs.csv").write_text(
        '\ufeffPhoto,Painting\n../a.jpg,../styles/wave.jpg\n\nb.jpg,"x, y.jpg",z.jpg\n', "utf-8"
    )
    items = listed_pairs(Path("lists/pairs.csv"), Pattern(), OUT)
    assert [(str(item.photo), [str(each) for each in item.paintings]) for item in items] == [
        ("lists/../a.jpg", ["lists/../styles/wave.jpg"]),
        ("lists/b.jpg", ["lists/x, y.jpg", "lists/z.jpg"]),
    ]
    assert items[1].output == OUT / "b-x, y+z.png"


def test_photos_by_one_painting_come_together():
    Path("pairs.csv").write_text("a.jpg,x.jpg\nb.jpg,y.jpg\nc.jpg,x.jpg\na.jpg,x.jpg\n")
    items = listed_pairs(Path("pairs.csv"), Pattern(), OUT)
    assert [item.photo.name for item in items] == ["a.jpg", "c.jpg", "b.jpg"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"", "names no photo"),
        (b"photo,painting\n", "names no photo"),
        (b"a.jpg,b.jpg\nc.jpg,\n", "Row 2 of pairs.csv must have a photo and its painting"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_a_table_that_is_none_is_refused(text, sentence):
    Path("pairs.csv").write_bytes(text)
    with pytest.raises(ImageError, match=sentence):
        listed_pairs(Path("pairs.csv"), Pattern(), OUT)
