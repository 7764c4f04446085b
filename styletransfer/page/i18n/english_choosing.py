"""The English texts on what is chosen, before it is painted; `english.py` has them among all others."""

NEEDS_SCRIPT = "This page needs JavaScript, which is switched off in this browser."

TRIED = "Your photo, or a quick draft of it"
TRIED_PHOTO = "Your photo. Now touch a painting, and see it in its manner."
TRIED_BOTH = "Your photo. Paint makes a picture of it in this manner."
ON_ITS_WAY = "Your photo is on its way. You can go on meanwhile."
ON_ITS_WAY_HELD = "It begins as soon as your photo has arrived."
PAINTS_SOON = "It begins in a moment, as soon as the rest of the page is here."
TRIED_DRAFT = "A quick draft in this manner. Paint makes the real picture of it, stroke by stroke."
TRIED_DRAFT_FIRST = "A quick draft in the manner of the first painting only. Paint takes all of them."

FACES_NONE = "No face was found in your photo."
FACES_NOT_SOUGHT = "Faces cannot be found on this server. Mark them with a mask, further below."
