"""A visitor: what somebody does on the page, one thing after another, by chance."""

import asyncio
import io
import random
import traceback
from collections.abc import Awaitable, Callable, Iterable
from contextlib import aclosing

from styletransfer.catalogue import catalogue
from styletransfer.images import load_image, resize

from .handed_in import bad, good
from .ledger import Known, Ledger
from .photos import Photo
from .speaking import Lost, Refused, Session
from .viewer import Viewer

# Small and short, and so near to the photo that it can be recognised.
SETTINGS = {"size": 128, "steps": 6, "scales": 1, "content_weight": 5, "show_every": 1}
_LONG = {"steps": 60}  # for runs that are stopped, reloaded or left
_TRIES = 5
_NONSENSE = {"size": 5000, "steps": 1.5, "seed": -1, "content_layers": "conv9_9", "style_weight": "much"}


class Visitor:
    """One of the visitors.

    Args:
        number: which one, from 0.
        url: the proxy's.
        ledger: where everything is noted.
        seed: of what is done.
        clock: gives seconds, and stands while the server is down.
    """

    def __init__(
        self, number: int, url: str, ledger: Ledger, seed: str, clock: Callable[[], float]
    ) -> None:
        self._clock = clock
        self._number = number
        self._ledger = ledger
        self._random = random.Random(f"{seed}/{number}")
        self._viewer = Viewer(url, f"127.0.1.{number + 1}", ledger, self._random, clock)
        self._painting = _small_painting()
        self._acts: dict[Callable[[Session], Awaitable[None]], float] = {
            self._paint: 6,
            self._call: 2,
            self._hand_in_rubbish: 1.5,
            self._set_nonsense: 0.5,
            self._look_back: 2,
            self._go_on: 1,
            self._share: 1.5,
            self._copy_look: 0.7,
            self._delete: 0.4,
        }

    async def run(self, until: float) -> None:
        """Visits again and again until this time by the clock."""
        while self._clock() < until:
            try:
                async with self._viewer.tab() as tab:
                    await self._visit(tab, until)
            except Lost:
                self._ledger.line_lost()
            except Refused as error:
                self._ledger.refused("the page", error, reason=False)
            except (ValueError, KeyError, TypeError, IndexError) as error:
                where = traceback.extract_tb(error.__traceback__)[-1]
                self._ledger.harmed("rude", f"an answer of another form ({where.name}: {error!r})")
            await asyncio.sleep(self._random.uniform(0.1, 1))

    async def warm_up(self) -> None:
        """Paints one picture and sees it to its end, so that the server has loaded all it needs."""
        photo = self._ledger.album.photo(self._number, self._random)
        async with self._viewer.tab() as tab:
            path = await tab.upload("photo.png", photo.file)
            style = await tab.upload("painting.jpg", self._painting)
            await self._viewer.see(await self._begun(tab.paint(path, style, SETTINGS), photo), tab)

    async def check(self) -> None:
        """Comes back to every picture that this visitor knows."""
        for known in self._ledger.of(self._number):
            await self._viewer.see(known)
            for _ in range(_TRIES if known.shared else 0):
                try:
                    await self._open_link(known)
                    break
                except Lost:  # a line that was opened when it still could be lost
                    await asyncio.sleep(1)

    async def _visit(self, tab: Session, until: float) -> None:
        for _ in range(self._random.randint(1, 4)):
            act = self._random.choices(list(self._acts), list(self._acts.values()))[0]
            if self._clock() < until:
                await act(tab)
                await asyncio.sleep(self._random.uniform(0, 1.5))

    async def _paint(self, tab: Session) -> None:
        """Paints a photo; sees it to its end, or stops, reloads, leaves, or presses Paint twice."""
        photo = self._ledger.album.photo(self._number, self._random)
        name, data = good(photo, self._random)
        self._ledger.inputs[f"a photo as {name.partition('.')[2].upper()}"] += 1
        ending = self._random.choice(["see", "see", "stop", "reload", "leave", "again"])
        settings = SETTINGS | (_LONG if ending in ("stop", "reload", "leave") else {})
        try:
            path = await tab.upload(name, data)
            style = await tab.upload("painting.jpg", self._painting)
            for _ in range(2 if ending == "again" else 1):
                known = await self._begun(tab.paint(path, style, settings), photo)
        except Refused as error:
            self._ledger.refused("a photo to be painted", error, reason=False)
            return
        if ending == "leave":
            self._ledger.runs["left"] += 1
        elif ending == "reload":
            await self._viewer.reload(known)
        else:
            await self._viewer.see(known, tab, stop=ending == "stop")

    async def _call(self, tab: Session) -> None:
        """Paints a photo as a program does, by `/stylize`, and asks for the run by its name."""
        photo = self._ledger.album.photo(self._number, self._random)
        self._ledger.inputs["a photo for /stylize"] += 1
        try:
            path = await tab.upload("photo.png", photo.file)
            style = await tab.upload("painting.jpg", self._painting)
            known = await self._begun(tab.call(path, style, SETTINGS), photo)
        except Refused as error:
            self._ledger.refused("/stylize", error, reason=False)
            return
        await self._viewer.see_by_name(known)
        known.deleted = True  # a program's run is kept for some minutes only

    async def _begun(self, id: Awaitable[str], photo: Photo) -> Known:
        """The run that was asked for, once its id is known."""
        self._ledger.runs["asked for"] += 1
        try:
            known = Known(await id, photo)
        except Lost:
            self._ledger.runs["asked for, and the line lost before the id came"] += 1
            raise
        self._ledger.known.append(known)
        return known

    async def _hand_in_rubbish(self, tab: Session) -> None:
        """Hands in a file that is no picture, and presses Paint if nothing is said about it."""
        photo = self._ledger.album.photo(self._number, self._random)
        kind, name, data = bad(photo, self._random)
        self._ledger.inputs[kind] += 1
        try:
            path = await tab.upload(name, data)
            style = await tab.upload("painting.jpg", self._painting)
            if self._random.random() < 0.5 and (said := await tab.check(path)):
                raise Refused(said)
            await tab.paint(path, style, SETTINGS)
        except Refused as error:
            self._ledger.refused(kind, error, reason=True)
        else:
            self._ledger.harmed("silent", f"{kind} was taken without a word")

    async def _set_nonsense(self, tab: Session) -> None:
        """Sets a setting to a value that it cannot have."""
        photo = self._ledger.album.photo(self._number, self._random)
        name, value = self._random.choice(list(_NONSENSE.items()))
        self._ledger.inputs[f"{name} of {value!r}"] += 1
        try:
            path = await tab.upload("photo.png", photo.file)
            style = await tab.upload("painting.jpg", self._painting)
            await tab.paint(path, style, SETTINGS | {name: value})
        except Refused as error:
            self._ledger.refused(f"{name} of {value!r}", error, reason=True)
        else:
            self._ledger.harmed("silent", f"{name} of {value!r} was taken without a word")

    async def _look_back(self, tab: Session) -> None:
        """Comes back to an earlier picture."""
        if known := self._one(self._ledger.of(self._number)):
            await self._viewer.see(known, tab)

    async def _go_on(self, tab: Session) -> None:
        """Paints more steps of a finished picture, and stops them before long."""
        known = await self._shown(tab)
        if known is None:
            return
        try:
            more = await self._begun(tab.go_on(SETTINGS), known.photo)
        except Refused as error:
            self._ledger.refused("more steps", error, reason=False)
            return
        more.further = True
        await self._viewer.see(more, tab, stop=self._random.random() < 0.7)

    async def _share(self, tab: Session) -> None:
        """Shares a finished picture; somebody else opens the link."""
        known = await self._shown(tab)
        if known is None:
            return
        try:
            known.shared = await tab.share()
        except Refused as error:
            self._ledger.refused("a link", error, reason=False)
            return
        self._ledger.inputs["links to a picture"] += 1
        await self._open_link(known)

    async def _copy_look(self, tab: Session) -> None:
        """Shares a look; the link is opened in another tab."""
        try:
            style = await tab.upload("painting.jpg", self._painting)
            query = await tab.look_link(style, SETTINGS)
        except Refused as error:
            self._ledger.refused("a link to a look", error, reason=False)
            return
        self._ledger.inputs["links to a look"] += 1
        async with self._viewer.tab(query):
            pass

    async def _delete(self, tab: Session) -> None:
        """Deletes everything; then nothing of it may be there any more, not by its link either."""
        theirs = self._ledger.of(self._number)
        for each in theirs:
            each.deleted = None
        await tab.delete([each.id for each in theirs])
        self._ledger.runs["deleted"] += len(theirs)
        for each in theirs:
            each.deleted = True
        for each in theirs[:3]:
            async with aclosing(tab.follow(each.id)) as told:
                news = await anext(told)
            if news.state != "gone":
                self._ledger.harmed("kept", f"{each.id} was deleted, and is {news.state}")
            if each.shared:
                await self._open_link(each)

    async def _shown(self, tab: Session) -> Known | None:
        """A finished picture of this visitor, shown in this tab; None if there is none."""
        known = self._one(each for each in self._ledger.of(self._number) if each.finished)
        if known is None or not await self._viewer.see(known, tab):
            return None
        return known if known.deleted is False else None

    async def _open_link(self, known: Known) -> None:
        """Opens a shared picture, as somebody does who was given the link."""
        async with self._viewer.tab() as tab:
            try:
                picture = await tab.shared_picture(known.shared)
            except Refused as error:
                self._ledger.refused("a link", error, reason=bool(known.deleted))
                if error.status == 404 and not known.deleted:
                    self._ledger.harmed("lost", f"the link to {known.id}, {known.shared}")
                return
        if known.deleted:
            self._ledger.harmed("kept", f"{known.id} was deleted, and its link shows it")
        self._ledger.seen(known, picture, finished=True)

    def _one(self, among: Iterable[Known]) -> Known | None:
        found = list(among)
        return self._random.choice(found) if found else None


def _small_painting() -> bytes:
    """A painting of the catalogue, the same file for all visitors."""
    file = io.BytesIO()
    resize(load_image(catalogue().styles[0].file), 160).save(file, "JPEG", quality=85)
    return file.getvalue()
