"""Every word that a reader is shown, in each language; nothing is decided by a word."""
