"""Records: the grid, one record, changes to many, files on their way in."""
