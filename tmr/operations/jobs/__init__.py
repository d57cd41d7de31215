"""The queue: its tasks, and the worker that runs them."""
