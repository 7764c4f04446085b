"""The English texts on sizes by what a picture is for; `english.py` has them among all others."""

LARGER = "Paint it larger"
LARGER_HINT = "The same picture, painted larger and finer: it begins with the finished one."
LARGER_NONE = "This picture is as large as pictures become here."
FOR_LABEL = "Sizes by what the picture is for"
FOR_HINT = "What is it for?"
FOR_LARGE = (
    "Large pictures take long: paint a small one first, and press Paint it larger when you like it."
)
FOR_LONG = (
    "This takes about {time} here. Paint a small one first, and press Paint it larger when you like it."
)
FOR_PHONE = "Phone"
FOR_SCREEN = "Screen"
FOR_POSTCARD = "Postcard"
FOR_A4 = "A4"
FOR_A3 = "A3"
FOR_PRINT = "{paper}, {dpi} dpi"
FOR_MEMORY = "needs {needs} GB of memory, {there} GB are free"
