"""Who is asking and what they may do: cookies, sessions, guards, limits."""
