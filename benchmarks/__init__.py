"""Every figure the README quotes comes from one command here."""
