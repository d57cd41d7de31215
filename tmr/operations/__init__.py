"""What keeps the app running: the embedded database, the queue's worker, purges."""
