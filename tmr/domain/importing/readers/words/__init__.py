"""The words by which dates and pay are known, in many languages."""
