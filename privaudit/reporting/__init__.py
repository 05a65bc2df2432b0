"""Findings, figures and one page that loads nothing, in French and English."""
