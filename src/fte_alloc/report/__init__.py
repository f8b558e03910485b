"""Answers on paper: pages for the terminal and for notes, csv and json for other programmes."""
