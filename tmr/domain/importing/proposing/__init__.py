"""Works out, from headers and values, what the columns and rows of a table are."""
