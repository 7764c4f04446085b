"""The English texts of the page, except those of knobs, presets, errors and the catalogue.

The page is built once for each language. Functions that need a text get the page's texts as an argument
`texts` of type `translate.Words`; `texts.PAINT`, for example, is "Malen" on the German page. A new text
has to be added here and, with the same name and the same {fields}, to every file of `locales/`. Where it
is missing the page shows the English text, and `tests/page/test_translations.py` fails.
"""

from .english_prose import API as API
from .english_prose import HOW_TEXT as HOW_TEXT

TITLE = "Paint your photo like any picture"
SHORT_TITLE = "Paint your photo"
DESCRIPTION = "Your photo, painted stroke by stroke like a painting you love. Free, without an account."
PREVIEW_ALT = "A photo of a pagoda, a woodcut of a great wave, and the pagoda painted like the wave"
LOOK_TITLE = "Paint your photo like {painting}"
LANGUAGE = "Language"
LANGUAGE_NAME = "English"  # as the language calls itself
LEAD = "Your photo, a painting you love, and a little patience."

PHOTO = "Your photo"
PHOTO_EMPTY = "Drop it here,\nor click to choose"
PHOTO_ALT = "The photo to be painted"
STYLE = "A painting"
STYLE_EMPTY = "Drop one here,\nor pick one below"
STYLE_ALT = "The painting whose style is followed"
STYLES = "Pick a painting"
WALL_SEARCH = "Artist, title, mood or colour"
WALL_MOODS = "Paintings of a mood"
WALL_COLOURS = "Paintings of a colour"
WALL_FAVOURITES = "Favourites"
WALL_FAVOURITE = "Favourite: {painting}"
WALL_FOUND = "Found: {n}"
WALL_NONE = "No painting is like that. Take away a word, the mood or the colour."
WALL_NO_FAVOURITES = "No favourites yet. The star on a painting makes it one, in this browser only."
MOOD_CALM = "Calm"
MOOD_BRIGHT = "Bright"
MOOD_RESTLESS = "Stormy"
MOOD_DARK = "Dark"
MOOD_GEOMETRIC = "Shapes and patterns"
MOOD_LINE = "Drawn"
COLOUR_RED = "Red"
COLOUR_ORANGE = "Orange"
COLOUR_YELLOW = "Yellow"
COLOUR_GREEN = "Green"
COLOUR_BLUE = "Blue"
COLOUR_VIOLET = "Violet"
COLOUR_BROWN = "Brown"
COLOUR_GREY = "Grey"

PRESETS = "How fine, and how long it takes"
PRESET_TIME = "about {time}"
OTHER_PRESETS = "Settings of papers and other programs"
CHOOSE_PHOTO = "Choose a photo"
CHOOSE_PAINTING = "Choose a painting"
PAINT = "Paint"
TRIED = "Your photo, or a quick draft of it"
TRIED_PHOTO = "Your photo. Now touch a painting, and see it in its manner."
TRIED_DRAFT = "A quick draft in this manner. Paint makes the real picture of it, stroke by stroke."
STOP = "Stop and keep"
STOPPING = "Stopping …"
FORECAST = "About {time} and {memory} GB on this computer · {width} × {height} pixels"  # noqa: RUF001
FORECAST_NEXT = "About {time} and {memory} GB for the next picture · {width} × {height} pixels"  # noqa: RUF001
FORECAST_BORROWED = "About {time}; asks for {n} s of your GPU time today · {width} × {height} pixels"  # noqa: RUF001
FORECAST_BORROWED_NEXT = "Next: about {time}; asks for {n} s of GPU time · {width} × {height} pixels"  # noqa: RUF001
FORECAST_LINE_ONE = "after 1 picture that is waiting or being painted"
FORECAST_LINE_MANY = "after {n} pictures that are waiting or being painted"
STEERING = "The two weights and the smoothness act on this picture at once, all else on the next."
STEERING_FAILED = "One of the two weights has to be above 0."
DOWNLOAD = "Save {kind}"
RECIPE = "This was painted here, and its settings have been filled in. Now put your photo in its place."
ON_GREY = "It lies on grey, because it is nearly white where it is not transparent."
HDR = "This is an HDR picture: its brightest parts are darker here than in the file."
GO_ON = "100 more steps"
KEEP_COLOURS = "Keep the photo's colours"
SIZE_DRAWER = "Size and steps"
ADVANCED = "Laboratory"

CHIPS = "What else acts on the next picture"
CHIP_OFF = "Take off: {what}"
CHIP_PAINTING = "+ 1 painting"
CHIP_PAINTINGS = "+ {n} paintings"
CHIP_MASK = "1 mask"
CHIP_MASKS = "{n} masks"
CHIP_START = "your own start"
CHIP_SETTINGS = "{n} settings changed"

MORE = "Several paintings, masks, your own start"
MORE_HINT = "Up to four paintings at once. Share of each painting, below, says how much each counts."
MORE_EMPTY = "Add"
STYLE_N = "Painting {n}"
START = "Start"
START_HINT = "A picture to start from instead of the photo, such as an earlier result."
MASKS = "Where each painting goes"
MASKS_OPEN = "Paint masks over the photo"
MASKS_CLOSE = "Done"
MASKS_HINT = (
    "Paint over the photo where a painting is to go, each in its colour. A painting without a mask goes "
    "wherever no mask is; if all have one, the rest stays as in the photo. In the last colour: what is "
    "painted, too, but has to stay recognisable."
)
MASKS_UPLOAD = (
    "Or upload masks: white where the painting goes or something is to be kept, black elsewhere."
)
MASK_N = "Mask {n}"
KEEP = "Keep as in the photo"
KEEP_MASK = "Keep"
YES = "yes"
NO = "no"

FORMAT = "Format of the download"
COMPARE = "Compare"
COMPARE_PHOTO = "Photo"
COMPARE_PAINTING = "Painting"
COMPARE_SHARE = "How much of the photo is shown, in percent"
ZOOM = "Zoom"
FULL_SCREEN = "Full screen"
TIMELAPSE = "Time-lapse"
MAKING_FILM = "Putting the film together …"
PLAY = "Play"
PAUSE = "Pause"
FRAMES = "How the picture came about"
FRAME = "step {number} of {last}"
KEEP_FRAME = "Keep this picture"
KEEP_FILM = "Download film"
STRIP = "Your pictures so far, the newest first"
STRIP_PICTURE = "Picture {place} of {count}, {steps} steps: show it again"
STRIP_BUSY = "Your picture is still being painted. Stop it first, then look at another one."

PICTURE = "The picture"
PICTURE_ALT = "The painted picture"
EXAMPLE = "An example"
PAINTING_CAPTION = "{artist}, {title}, {year}"
PAINTING_CAPTION_UNDATED = "{artist}, {title}"
EXAMPLE_CAPTION = "{photo}, in the manner of {style}"
EXAMPLE_HINT = "Add your photo, choose a painting, and press Paint."
EXAMPLE_OPENED = "Photo, painting and settings are filled in. Change what you like, and press Paint."
EXAMPLES = "Finished examples"
EXAMPLES_HINT = "One click shows the picture and how it was made."
EXAMPLE_BUSY = "Your picture is still being painted. Stop it first, then open an example."

WAITING_ONE = "1 picture before yours"
WAITING_MANY = "{n} pictures before yours"
BEGINS = "yours begins in about {time}"
WAITING_DETAIL = (
    "It will begin by itself. Leave this page open: what nobody watches is given up after five minutes."
)
CONNECTION_LOST = "Connection lost, trying again …"
LINE_LOST = "The server cannot be reached. What you press is done as soon as it answers again."
PAGE_OLD = "The server has a newer page than this one. Please load it again; your pictures are kept."
LINE_BACK = "The connection is back. Please press again what has not been answered."
PREPARING = "Getting ready"
PREPARING_DETAIL = "Looking at the photo and the painting …"
PAINTING = "Painting"
DRAFTED = "for now you see a quick draft"
SIZE = "size {scale} of {scales}, {width} × {height} pixels"  # noqa: RUF001
ONLY_SIZE = "{width} × {height} pixels"  # noqa: RUF001
RESUMED = "The server was restarted; your picture went on from step {number}."
BEGUN_ANEW = "The server was restarted; your picture was begun anew."
STEP = "step {number} of {steps}"
CHART_CONTENT = "content"
CHART_STYLE = "style"
CHART_TOTAL = "total"
CHART_EMPTY = "A chart of the losses, which begins with the first steps"
CHART_ALT = (
    "A chart of the losses to step {number} of {steps}, on a logarithmic scale: content from {content} "
    "to {content_now}, style from {style} to {style_now}, total from {total} to {total_now}"
)
SO_FAR = "{time} so far"
LEFT = "about {time} left"
NEARLY = "nearly done"
LOSSES = "content loss {content} · style loss {style} · total loss {total}"
DONE = "Done"
DONE_DETAIL = "{width} × {height} pixels, painted in {time}"  # noqa: RUF001
STOPPED = "Stopped and kept"
STOPPED_DETAIL = "{width} × {height} pixels, after step {number} of {steps} and {time}"  # noqa: RUF001
STOPPED_AT_DRAFT = "the quick draft, as it was before the painting had taken shape"
STOPPED_EARLY = "Stopped before the first step; there is no picture to keep."
FAILED = "That did not work"
SECONDS = "{s} s"
ONLY_MINUTES = "{m} min"
HOURS = "{h} h"
MINUTES = "{m} min {s} s"
THOUSANDS = ","  # as in 1,234.5
POINT = "."

SHEET = "Try nine looks"
SHEET_KIND = "What differs between the nine"
SHEET_BY_STYLE = "Nine paintings"
SHEET_BY_STRENGTH = "One painting, nine ways"
SHEET_CELL = "{look} · style weight {strength} · brush {brush}"
SHEET_OWN = "Your painting"
SHEET_ALT = "Your photo in this look: {caption}"
SHEET_HINT = "Press the one that you like: its look is taken over."
SHEET_PAINTING = "Nine looks"
SHEET_COUNT = "{n} of {cells} painted"
SHEET_DRAFTS = "the others are quick drafts so far"
SHEET_DONE = "Nine looks"
SHEET_STOPPED = "Stopped"
SHEET_TAKEN = "“{title}” is taken over. Press Paint to paint it large."
SHEET_TAKEN_EARLY = "“{title}” is taken over. Stop here to paint it large, or look at the others first."
SHEET_BACK = "Back to the nine looks"
SHEET_LEAVE = "Back to the picture"

PART = "Use a part"
PART_HINT = (
    "Draw a rectangle over the part that you want. The smaller it is, the larger its strokes become."
)
PART_KEYS = "The part of the painting: arrow keys move it, with Shift they change its size"
PART_ALT = "The whole painting"
PART_USE = "Use this part"
PART_WHOLE = "All of it"
PART_CLOSE = "Close"
PART_USED = "Only this part of the painting is used."

HINT_MEMORY = (
    "Size {size} needs about {needs} GB of memory and {there} GB are free: it may be refused. "
    "A smaller size will do."
)
HINT_STYLE_SMALL = (
    "This painting has only {width} × {height} pixels, so its strokes will be blurred. "  # noqa: RUF001
    "A larger copy or a smaller size paints them crisply."
)
HINT_PHOTO_SMALL = (
    "Your photo has only {width} × {height} pixels; at size {size} it is enlarged and soft."  # noqa: RUF001
)
HINT_STRONG = "The style is far stronger than the photo: little of it will be recognisable."
HINT_FAINT = "The photo is far stronger than the style: it will hardly look painted."
HINT_FEW_STEPS = "{steps} steps are few for size {size}: the strokes may stay unfinished."

MIX = "Add a painting to yours: press one, and press it again to take it out"
MIX_FULL = "Four paintings are the most. Take one out first."

COPY_LINK = "Share look"
SHARE = "Share"
LINK_HINT = "Opens this page with the painting and the settings as they are now, for another photo."
SHARE_HINT = "Whoever has this link sees the painted picture, not your photo, as long as it is kept."
LINK = "The link"
COPY = "Copy"
COPIED = "Copied"
COPY_BY_HAND = "Press Ctrl+C to copy it"
NOT_SHARED = "There is no finished picture to share yet."
FROM_LINK = "From a link"
FROM_LINK_DETAIL = "Painting and settings are filled in. Add your photo, and press Paint."
FROM_LINK_NO_STYLE = "The settings are filled in. Add your photo, choose a painting, and press Paint."
LINK_LEFT_OUT = "The link was followed except for {parts}, which this page does not know or allow."
LINK_AND_MORE = "{n} more"
LINK_BUSY = "Your picture is still being painted. Open the link again when it is finished."

KEPT = "Kept here for {time} at most."
DELETE = "Delete now"
DELETE_SURE = "Delete your photos and all that was painted in this browser, shared links too?"
DELETE_YES = "Delete for good"
DELETE_NO = "Keep"
DELETED = "Deleted"
DELETED_DETAIL = "Your photos and what was painted from them are no longer on this server."
DELETED_ONE = "1 picture and what it was painted from are no longer on this server."
DELETED_MANY = "{n} pictures and what they were painted from are no longer on this server."
DELETED_NONE = (
    "No picture of this browser was on this server any more; what was in the boxes is deleted."
)

PICTURE_TITLE = "A photo, painted in the manner of {painting}"
OWN_PAINTING = "a picture of their own"
PICTURE_DESCRIPTION = "{size}, {steps}. Paint your own photo like this."
PICTURE_PAINTING = "Painting"
MORE_PAINTINGS = "More paintings"
PICTURE_SIZE = "Size"
PICTURE_STEPS = "Steps"
STEPS_MADE = "{n} steps"
ONLY_A_DRAFT = "a quick draft"
PAINT_LIKE_THIS = "Paint your own like this"
PAINT_YOUR_OWN = "Paint your own"
PICTURE_GONE = "This picture is no longer here"
PICTURE_GONE_DETAIL = (
    "Pictures are kept for a while only, and whoever painted one can delete it sooner. Or perhaps a "
    "part of the link is missing."
)

LOGIN_TITLE = "Log in to paint"
LOGIN_USER = "User name"
LOGIN_PASSWORD = "Password"
LOGIN_BUTTON = "Log in"
LOGOUT_TITLE = "Log out of this browser?"
LOGOUT_BUTTON = "Log out"

HOW = "How it works"
PRIVACY = (
    "Pictures stay on this server and are deleted after {time}, or at once by Delete now. Nobody else "
    "is shown them, unless you press Share: whoever has that link sees the painted picture and "
    "its settings, never your photo. The page loads nothing from anywhere else."
)
PHOTO_CREDITS = "Example photos: {credits}. Paintings: public domain, by way of {sources}."

API_PROGRESS = "Progress"
