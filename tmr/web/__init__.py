"""What the blueprints share: who is asking, guards, headers, htmx answers, errors."""
