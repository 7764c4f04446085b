"""Pictures -> feature maps: the frozen VGG, where its weights come from, and its kernels."""
