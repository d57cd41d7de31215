"""Figures for Prometheus, and a log line for each request."""
