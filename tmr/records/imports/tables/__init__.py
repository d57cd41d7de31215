"""The import of one table: its rows sorted, linked and written, and what came of them."""
