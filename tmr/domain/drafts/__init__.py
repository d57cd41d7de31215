"""Emails that a person drafts from templates; none of them is sent from here."""
