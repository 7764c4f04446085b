"""The page in the browser, over the service."""
