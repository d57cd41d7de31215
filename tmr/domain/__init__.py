"""What a job search is: kinds of record, their fields, the pipeline. No I/O, no Flask, no SQL."""
