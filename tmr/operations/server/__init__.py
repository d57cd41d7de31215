"""The processes of ``tmr serve``: web, worker, and plain http."""
