"""The lesson of the page /how-it-works to compute oneself: a script with cells."""

# %% [markdown]
# # How it works, to compute yourself
#
# The page `/how-it-works` of the program shows these figures ready-made. Here they are computed
# before your eyes: open this file in an editor that knows cells (VS Code, PyCharm, Spyder, or Jupyter
# with Jupytext) and run one cell after the other, or run the whole file:
#
#     python -m docs.how_it_works         # some minutes; the figures go into the folder how-it-works
#     python -m docs.how_it_works 128 5   # quickly: 128 pixels, 5 steps each
#
# Try other photos, paintings, layers and weights.

# %%
import sys
from pathlib import Path

import torch
from PIL import Image

from styletransfer import Pictures, Settings, load_image, load_network, stylize
from styletransfer.engine.losses import gram_matrix
from styletransfer.images import to_image, to_tensor
from styletransfer.presets import preset

numbers = [int(word) for word in sys.argv[1:] if word.isdecimal()]  # a notebook has other arguments
size, steps = (*numbers, 192, 40)[:2] if len(numbers) != 1 else (numbers[0], 40)
folder = Path("how-it-works")
folder.mkdir(exist_ok=True)

root = Path(__file__).parent.parent if "__file__" in globals() else Path("..")
photo = load_image(root / "examples/photos/cat.jpg")
painting = load_image(root / "examples/styles/hokusai-great-wave.jpg")
network = load_network()


def paint(name: str, **changes) -> list:
    """The steps of a run with a preset's settings but for these changes."""
    chosen = preset(name).settings | {"size": size, "steps": steps, "scales": 1} | changes
    return list(stylize(Pictures(photo, [painting]), Settings(**chosen), network))


def show(name: str, pictures: list[Image.Image]) -> Image.Image:
    """The pictures side by side, which a notebook shows; also saved in the folder."""
    height = max(picture.height for picture in pictures)
    sheet = Image.new("RGB", (sum(picture.width for picture in pictures), height), "white")
    across = 0
    for picture in pictures:
        sheet.paste(picture, (across, 0))
        across += picture.width
    sheet.save(folder / f"{name}.png")
    return sheet


LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")

# %% [markdown]
# ## What each layer remembers of a photo
#
# The picture begins as noise, and only the content counts: the squared difference of one layer's
# features, equation 1 of Gatys, Ecker and Bethge 2016. Early layers bring every whisker back; deep
# ones keep what is where, and lose colours and exact edges.

# %%
remembered = [paint("Photo", content_layers=layer, smoothness=0)[-1] for layer in LAYERS]
show("content", [step.image for step in remembered])

# %% [markdown]
# ## What each layer calls style
#
# Now only the style counts, and noise becomes texture: the Gram matrices of all layers up to one
# agree with those of the painting, equations 3 to 5. Nobody asks where anything is.

# %%
textures = [
    paint("Texture", style_layers=" ".join(LAYERS[: number + 1]), scaling="paper", smoothness=0)[-1]
    for number in range(len(LAYERS))
]
show("texture", [step.image for step in textures])

# %% [markdown]
# ## The Gram matrix
#
# `features` has a feature map for each channel, (1, C, H, W). The Gram matrix is what is left when
# the places are summed over: for every two channels, how strong they are together. Shuffle the
# places, and it stays.

# %%
with torch.no_grad():
    features = network(to_tensor(painting.resize((size, size))), ["relu2_1"])["relu2_1"]
gram = gram_matrix(features)
places = features.flatten(2)
shuffled = places[..., torch.randperm(places.shape[2])].view_as(features)
change = (gram_matrix(shuffled) - gram).abs().max() / gram.abs().max()
print(f"{gram.shape[1]} channels; shuffled, its largest change is {change:.0e} of its largest cell")
bright = (gram / gram.max()).clamp(0, 1).sqrt()[None]
show("gram", [to_image(bright.expand(1, 3, -1, -1)).resize((256, 256), Image.Resampling.NEAREST)])

# %% [markdown]
# ## Gram matrices or neighbours
#
# The same photo by both style losses, after as many steps. Gram matrices spread the painting's
# patterns; neighbours let every place look like one place of the painting.

# %%
by_gram, by_neighbours = (paint("Standard", style_loss=name)[-1] for name in ("gram", "neighbours"))
show("style_losses", [by_gram.image, by_neighbours.image])

# %% [markdown]
# ## Three ways downhill
#
# L-BFGS, Adam and plain gradient descent from the same noise, with equally many evaluations of the
# loss.

# %%
for optimiser in ("lbfgs", "adam", "gradient"):
    run = paint("Gatys", scaling="paper", start="noise", optimiser=optimiser)
    print(f"{optimiser:9} total loss {run[0].total:.3g} -> {run[-1].total:.3g}")
    show(f"by_{optimiser}", [run[0].image, run[len(run) // 2].image, run[-1].image])

# %% [markdown]
# ## The tug of war
#
# alpha * content + beta * style: only the ratio of the two weights matters to what is lowest.

# %%
ratios = ((10, 0.2), (10, 1), (5, 5), (1, 10))  # beta, alpha
tugs = [paint("Gatys", style_weight=beta, content_weight=alpha)[-1] for beta, alpha in ratios]
show("tug_of_war", [step.image for step in tugs])
