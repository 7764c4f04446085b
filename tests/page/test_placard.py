"""The placard says what became of a run whose server was restarted."""

from styletransfer.page.i18n.translate import ENGLISH
from styletransfer.page.placard import progress
from styletransfer.pictures import Pictures
from styletransfer.service.run import Run
from styletransfer.settings import Settings
from tests.support.steps import picture, step


def painting(before=None, interrupted=False):
    run = Run(Pictures(picture(), [picture()]), Settings(size=128, steps=9))
    run.before, run.interrupted = before, interrupted
    run.take(step(4, run.settings))
    return progress(run, ENGLISH)


def test_a_restart_is_told_of_with_the_step_that_the_picture_went_on_from():
    assert "your picture went on from step 3." in painting(step(3, Settings(steps=9)), interrupted=True)
    assert "your picture was begun anew." in painting(interrupted=True)
    assert "restarted" not in painting()
