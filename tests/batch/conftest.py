"""What tests of batches paint: a folder with four photos."""

import shutil

import pytest

from tests.support.samples import ROOT


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("bee", "bridge", "cat", "pagoda"):
        shutil.copy(ROOT / f"examples/photos/{name}.jpg", folder)
    return folder
