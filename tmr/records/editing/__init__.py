"""Changes to records: the form, links, files, the timeline, and the undo button."""
