"""What was changed, deleted and added, so that it can be undone: versions, steps, the trash."""
