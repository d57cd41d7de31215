"""Keys of owners and of the installation."""
