"""The English texts of the page that have paragraphs; `english.py` has them among all others."""

HOW_TEXT = """
A neural network that has learned to recognise things looks at your photo and at the painting. From the
photo it takes *what is where*; from the painting, *how it is painted*: colours, strokes and textures.
Then the picture is changed step by step until both agree, large shapes first and fine strokes last.

**Keep the photo** and **Follow the style** pull against each other: only their ratio counts. Paintings
with clear strokes and strong colours work best, and a photo with one clear subject.

**Painted** has every place of the picture take after the place in the painting that looks most like it:
surfaces stay calm, and strokes follow shapes. **Patterned** wants all that the painting is made of in
the picture, too, no matter where: its patterns spread over everything.
"""

API = """Paint a content image (a photo) in the style of a style image (a painting).

Streams the picture while it forms: first output the picture so far (JPEG, at most {preview} pixels),
second a line on the progress, third None; at the end first and third output are the full-size PNG.
Before the first step the second output is "run NAME": by GET /runs/NAME the run can be asked for again.
All but the two images are optional:

"""
