"""What browsers, search engines and phones ask of an installation, signed in or not."""
