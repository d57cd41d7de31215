"""``tmr doctor``: the promises that can be checked on a live installation."""
