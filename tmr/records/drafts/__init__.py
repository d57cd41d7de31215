"""Emails about an application, drafted from a person's own templates. Nothing is sent from here."""
