"""What outlives a server: a test kills one by copying its data folder, and starts another there."""

import pytest
from PIL import Image

from styletransfer.errors import StyleTransferError
from styletransfer.pictures import Pictures
from styletransfer.service.contact_sheet import by_style
from styletransfer.service.queue import Busy
from styletransfer.service.shares import Shares
from styletransfer.settings import Settings
from tests.support.runner import PATIENCE, Runner
from tests.support.steps import picture
from tests.support.stores import SETTINGS, STYLE, VISITOR, begin, eventually, finished, kept, told


def test_who_has_left_need_not_come_back_after_a_restart(serve):
    store = serve()
    left, other = begin(store), begin(store, seed=2)
    store.queue.leave(left)
    eventually(lambda: kept(store, left.id).detail["unattended"])
    told(store, other)
    again = serve(killed=store)
    assert again.runs.find(left.id).unattended
    assert not again.runs.find(other.id).unattended


def test_a_finished_picture_is_as_it_was(serve):
    runner = Runner()
    before = serve(runner)
    job = finished(before, runner)
    file = before.files.result(job)
    after = serve(killed=before)
    again = after.runs.find_run(job.id)
    assert again.finished
    assert (again.stopped, again.error, again.visitor) == (False, None, VISITOR)
    assert again.inputs == job.inputs
    assert again.losses == job.losses
    assert again.step.number == 5
    (after.files.folder_of(again) / file.name).unlink()
    assert after.files.result(again).read_bytes() == file.read_bytes()
    assert after.runs.go_on(again, SETTINGS).pictures.start.size == (128, 96)


def test_links_and_the_choice_of_colours_stay(serve):
    runner = Runner()
    before = serve(runner)
    job = finished(before, runner)
    plain = Shares(before).share(job)
    job.recolour(True)
    coloured = Shares(before).share(job)
    eventually(lambda: kept(before, job.id).detail["recoloured"] is True)
    after = serve(killed=before)
    shares, again = Shares(after), after.runs.find_run(job.id)
    assert again.in_photo_colours
    for share in (plain, coloured):
        found = shares.find(share.name)
        assert found.file.read_bytes() == share.file.read_bytes()
        assert (found.settings, found.style, found.steps) == (share.settings, share.style, 5)
    assert shares.share(again).name == coloured.name
    after.runs.delete([job.id])
    assert shares.find(plain.name) is None
    assert after.records.shares() == []
    assert Shares(serve(killed=after)).find(plain.name) is None


def test_a_run_goes_on_with_the_steps_that_were_left(serve):
    runner = Runner()
    before = serve(runner)
    job = begin(before)
    runner.release(3)
    eventually(lambda: job.step and job.step.number == 3)
    told(before, job)
    before._keeper.close()  # keeps the newest step, as time would
    runner = Runner()
    after = serve(runner, killed=before)
    again = after.runs.find_run(job.id)
    assert runner.event()[:2] == ("began", 1)
    assert runner.given[1].size == (2, 2)  # the kept picture, to start from
    assert again.before.number == again.step.number == 3
    assert [point.number for point in again.losses] == [1, 2, 3]
    runner.release(2)
    assert again.wait(PATIENCE)
    assert (again.step.number, again.step.steps) == (5, 5)
    assert [point.number for point in again.losses] == [1, 2, 3, 4, 5]
    eventually(lambda: kept(after, job.id).state == "done")
    assert kept(after, job.id).steps == 5


def test_a_run_of_which_no_step_was_kept_begins_anew(serve):
    before = serve(Runner())
    line = [begin(before, seed=seed) for seed in (1, 2)]
    for job in line:
        told(before, job)
    runner = Runner()
    after = serve(runner, killed=before)
    first, second = (after.runs.find_run(job.id) for job in line)
    assert (first.before, first.interrupted, second.interrupted) == (None, True, False)


def test_at_most_ten_seconds_are_lost(serve):
    runner = Runner()
    before = serve(runner)
    job = begin(before)
    for number in (1, 2):
        runner.release(1)
        eventually(lambda number=number: kept(before, job.id).steps == number)  # by itself


def test_the_line_is_as_it_was_and_longer_than_new_jobs_may_make_it(serve):
    before = serve(Runner())
    line = [begin(before, seed=seed, steps=1) for seed in (1, 2, 3)]
    for job in line:
        told(before, job)
    runner = Runner()
    after = serve(runner, killed=before, waiting=0)
    again = [after.runs.find_run(job.id) for job in line]
    assert [job.ahead for job in again] == [0, 1, 2]
    assert [job.step for job in again] == [None] * 3
    with pytest.raises(Busy):
        begin(after)
    runner.release(3)
    assert all(job.wait(PATIENCE) for job in again)
    events = [runner.event() for _ in range(9)]
    assert [event[1] for event in events if event[0] == "began"] == [1, 2, 3]


def test_what_was_stopped_or_failed_stays_so(serve):
    runner = Runner()
    before = serve(runner)
    runner.fails = StyleTransferError("memory_ran_out", width=9, height=8)
    failed = finished(before, runner)
    runner.fails = None
    stopped = begin(before)
    runner.release(1)
    eventually(lambda: stopped.step)
    stopped.stop()
    runner.release(1)
    assert stopped.wait(PATIENCE)
    told(before, stopped)
    after = serve(killed=before)
    assert str(after.runs.find(failed.id).error) == str(failed.error)
    again = after.runs.find_run(stopped.id)
    assert again.stopped
    assert again.step.number == stopped.step.number


def test_who_pressed_stop_just_before_gets_no_further_steps(serve):
    runner = Runner()
    before = serve(runner)
    job = begin(before)
    runner.release(2)
    eventually(lambda: job.step and job.step.number == 2)
    job.stop()
    eventually(lambda: kept(before, job.id).state == "stopping")
    before._keeper.close()
    again = serve(killed=before).runs.find_run(job.id)
    assert again.wait(PATIENCE)
    assert again.step.number == 2


def test_a_draft_that_was_kept_stays(serve):
    runner = Runner()
    before = serve(runner, drafter=lambda *_: Image.new("RGB", (64, 48), "blue"))
    job = begin(before)
    eventually(lambda: job.draft)
    job.stop()
    runner.release(1)
    assert job.wait(PATIENCE)
    told(before, job)
    again = serve(killed=before).runs.find_run(job.id)
    assert again.view is again.draft
    assert again.view.getpixel((0, 0)) == (0, 0, 255)


def test_nine_looks_stay_and_go_on(serve):
    before = serve(Runner())
    settings = Settings(size=128, steps=1)
    pictures = Pictures(picture(), [picture()])
    sheet = before.runs.start_contact_sheet(pictures, settings, by_style(pictures, settings, STYLE))
    runner = before.queue._runner
    runner.release(2)
    eventually(lambda: sheet.painted == 2)
    run = begin(before)
    before.runs.pair(run, sheet.id)
    sheet.chosen = sheet.cells[1]
    eventually(lambda: kept(before, run.id).counterpart == sheet.id)
    eventually(lambda: kept(before, sheet.id).steps == 2)
    eventually(lambda: kept(before, sheet.id).detail["chosen"] == 1)
    runner = Runner()
    after = serve(runner, killed=before)
    again = after.runs.find_contact_sheet(sheet.id)
    assert [cell.done for cell in again.cells] == [True] * 2 + [False] * 7
    assert again.chosen is again.cells[1]
    assert [cell.style for cell in again.cells] == [cell.style for cell in sheet.cells]
    assert after.runs.counterpart(again).id == run.id
    runner.release(7)
    assert again.wait(PATIENCE)
    assert again.painted == 9


def test_what_was_deleted_stays_deleted_and_leaves_no_file(serve):
    runner = Runner()
    before = serve(runner)
    gone, stays = finished(before, runner), finished(before, runner, seed=2)
    before.runs.delete([gone.id])
    after = serve(killed=before)
    assert after.runs.find(gone.id) is None
    assert [folder.name for folder in after.files.folder.iterdir()] == [stays.id]
    assert [record.id for record in after.records.jobs()] == [stays.id]


def test_what_was_half_written_is_swept_and_what_is_damaged_forgotten(serve):
    runner = Runner()
    before = serve(runner)
    whole, damaged = finished(before, runner), finished(before, runner, seed=2)
    half = before.files.folder_of(whole) / "unfinished-0-painting.png"
    half.write_bytes(b"half")
    (before.files.folder_of(damaged) / "kept.npz").write_bytes(b"PK\3\4")
    after = serve(killed=before)
    assert after.runs.find(whole.id)
    assert after.runs.find(damaged.id) is None
    assert not (after.files.folder_of(whole) / half.name).exists()
    assert not (after.files.folder / damaged.id).exists()


def test_pictures_go_after_their_time_whichever_server_runs(serve):
    runner = Runner()
    before = serve(runner)
    job = finished(before, runner)
    record = kept(before, job.id)
    record.ended -= 3600
    before.records.save(record)
    assert serve(killed=before, keep=7200).runs.find(job.id)
    assert serve(killed=before, keep=1800).runs.find(job.id) is None


def test_the_time_lapse_goes_on(serve):
    runner = Runner()
    before = serve(runner)
    job = begin(before, show_every=1)
    before.files.record(job)
    folder = before.files.folder_of(job) / "time-lapse"
    for count in (1, 2, 3):  # one by one, because a slow recorder misses some
        runner.release(1)
        eventually(lambda count=count: len(list(folder.glob("painting*"))) == count)
    before._keeper.close()
    runner = Runner()
    after = serve(runner, killed=before)
    again = after.runs.find_run(job.id)
    runner.release(2)
    assert again.wait(PATIENCE)
    numbers = list(after.files.timelapse(again).frames())
    assert (numbers[:3], numbers[-1]) == ([1, 2, 3], 5)


def test_crops_and_originals_are_known_after_a_restart(serve, tmp_path):
    painting = tmp_path / "painting.png"
    Image.new("RGB", (400, 300), "red").save(painting)
    before = serve(Runner())
    part = before.uploads.crops.cut(str(painting), (0.1, 0.1, 0.9, 0.9))
    after = serve(killed=before)
    assert after.uploads.crops.source_of(str(part)) == before.uploads.crops.source_of(str(part))
    assert after.uploads.crops.source_of(str(part)).source == str(painting)


def test_a_run_of_a_program_stays_one_however_soon_the_server_is_killed(serve):
    store = serve()
    run = store.runs.start(Pictures(picture(), [picture()]), SETTINGS, VISITOR, brief=True)
    page = begin(store)
    later = serve(killed=store)
    assert later.runs.find_run(run.id).brief
    assert not later.runs.find_run(page.id).brief
