"""What every request passes before Gradio sees it: who asks, for what, how much and how often."""
