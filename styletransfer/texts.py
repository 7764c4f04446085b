"""Every text on the page that is not a knob's or the catalogue's own, in one place for translators."""

TITLE = "Paint your photo like any picture"
LEAD = "Your photo, a painting you love, and a minute or two."

PHOTO = "Your photo"
PHOTO_EMPTY = "Drop it here,\nor click to choose"
PHOTO_ALT = "The photo to be painted"
STYLE = "A painting"
STYLE_EMPTY = "Drop one here,\nor pick one below"
STYLE_ALT = "The painting whose style is followed"
STYLES = "Pick a painting"

PRESETS = "How"
OTHER_PRESETS = "For people who come from elsewhere"
PAINT = "Paint"
STOP = "Stop and keep"
STOPPING = "Stopping …"
FORECAST = "About {time} and {memory} GB on this computer · {width} × {height} pixels"  # noqa: RUF001
FORECAST_NEXT = "About {time} and {memory} GB for the next picture · {width} × {height} pixels"  # noqa: RUF001
FORECAST_LINE_ONE = "after 1 picture that is waiting or being painted"
FORECAST_LINE_MANY = "after {n} pictures that are waiting or being painted"
STEERING = "The two weights and the smoothness act on this picture at once, all else on the next."
STEERING_FAILED = "One of the two weights has to be above 0."
DOWNLOAD = "Download PNG"
RECIPE = "This was painted here, and its settings have been filled in. Now put your photo in its place."
GO_ON = "100 more steps"
GONE = "This picture is no longer kept. Press Paint to begin anew."
KEEP_COLOURS = "Keep the photo's colours"
ADVANCED = "Advanced"

MORE = "More paintings, masks, your own start"
MORE_HINT = (
    "Up to four paintings at once. Under Advanced, Share of each painting says how much each counts."
)
MORE_EMPTY = "Add"
STYLE_N = "Painting {n}"
START = "Start"
START_HINT = "A picture to start from instead of the photo, such as an earlier result."
MASKS = "Where each painting goes"
MASKS_HINT = (
    "Paint over the photo where a painting is to go, each in its colour. A painting without a mask goes "
    "wherever no mask is; if all have one, the rest stays as in the photo."
)
MASKS_UPLOAD = "Or upload masks: white where the painting goes, black elsewhere."
MASK_N = "Mask {n}"

PICTURE = "The picture"
PICTURE_ALT = "The painted picture"
EXAMPLE = "An example"
EXAMPLE_CAPTION = "{photo}, in the manner of {style}"
EXAMPLE_HINT = "Add your photo, choose a painting, and press Paint."
EXAMPLE_OPENED = "Photo, painting and settings are filled in. Change what you like, and press Paint."
EXAMPLES = "Finished examples"
EXAMPLES_HINT = "One click shows the picture and how it was made."
EXAMPLE_BUSY = "Your picture is still being painted. Stop it first, then open an example."

WAITING_ONE = "1 picture before yours"
WAITING_MANY = "{n} pictures before yours"
WAITING_DETAIL = (
    "It will begin by itself. Leave this page open: what nobody watches is given up after five minutes."
)
PREPARING = "Getting ready"
PREPARING_DETAIL = "Looking at the photo and the painting …"
PAINTING = "Painting"
DRAFTED = "for now you see a quick draft"
SIZE = "size {scale} of {scales}, {width} × {height} pixels"  # noqa: RUF001
ONLY_SIZE = "{width} × {height} pixels"  # noqa: RUF001
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
MINUTES = "{m} min {s} s"

HOW = "How it works"
HOW_TEXT = """
A neural network that has learned to recognise things looks at your photo and at the painting. From the
photo it takes *what is where*; from the painting, *how it is painted*: colours, strokes and textures.
Then the picture is changed step by step until both agree, large shapes first and fine strokes last.

**Keep the photo** and **Follow the style** pull against each other: only their ratio counts. Paintings
with clear strokes and strong colours work best, and a photo with one clear subject.
"""
PRIVACY = (
    "Pictures stay on this server, are deleted after a day, and nobody else is shown them. "
    "The page loads nothing from anywhere else."
)
PHOTO_CREDITS = "Example photos: {credits}. Paintings: public domain."

API = """Paint a content image (a photo) in the style of a style image (a painting).

Streams the picture while it forms: first output the picture so far (JPEG, at most {preview} pixels),
second a line on the progress, third None; at the end first and third output are the full-size PNG.
All but the two images are optional:

"""
API_PROGRESS = "Progress"
