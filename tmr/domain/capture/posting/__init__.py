"""Reads a job posting: a page, or text that was copied from one."""
