"""Stages of an application, and what they add up to."""
