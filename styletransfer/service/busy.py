"""Why a job is not taken: its visitor, all at its address, or the line have as many as they may."""

from collections.abc import Sequence

from ..errors import StyleTransferError
from .job import Job
from .visitor import Visitor


class Busy(StyleTransferError):
    """Too many jobs are waiting already."""


def reached(
    line: Sequence[Job], visitor: Visitor, per_visitor: int, per_address: int, most: int
) -> Busy | None:
    """The error that names the limit which another job of this visitor would pass; None for none.

    Args:
        line: all unfinished jobs.
        visitor: whose job it would be.
        per_visitor: how many of them may be of one browser.
        per_address: how many may be of one network address.
        most: how many there may be.
    """
    theirs = sum(job.visitor == visitor for job in line)
    if visitor.browser and theirs >= per_visitor:
        if theirs == 1:
            return Busy("one_picture_unfinished")
        return Busy("pictures_unfinished", pictures=theirs)
    together = sum(job.visitor.address == visitor.address for job in line)
    if visitor.address and together >= per_address:
        return Busy("address_is_busy", pictures=together)
    if len(line) >= most:
        return Busy("line_full", pictures=len(line))
    return None
