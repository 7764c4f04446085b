"""The page in the browser: a Gradio app, which shows the service's jobs to visitors."""
