"""Views: what is shown of a campaign. Each file of this folder is one, and declares itself."""
