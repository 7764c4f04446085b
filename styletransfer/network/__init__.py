"""Pictures -> feature maps: the frozen VGG, its weights and kernels, and what tunes the process."""
