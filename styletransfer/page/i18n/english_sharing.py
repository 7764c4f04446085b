"""The English texts on sharing one's own painting; `english.py` has them among all others."""

LOOK_TITLE_OWN = "Paint your photo like this"
LINK_HINT_OWN = "Opens this page with the settings as they are now, without your painting."
SHARE_PAINTING = "Share my painting, too"
SHARE_PAINTING_HINT = (
    "Your painting stays with you unless you share it. If you do, a copy is put at an address that "
    "nobody can guess: whoever has the link sees it and can paint with it, for {time} at most. Delete "
    "now takes it back."
)
PAINTING_SHARED = (
    "Opens this page with the painting and the settings. Whoever has this link sees the painting, for "
    "{time} at most; whoever has shared it can take it back by Delete now."
)
FROM_LINK_PAINTING_GONE = "The painting that was shared with it is no longer here."
SHARED_PAINTING = "A painting that was shared with this look"
AND_MORE_PAINTINGS = "{painting}, and {n} more"
