"""Answers on paper, whatever the question: terminal, Markdown, CSV and JSON, workbook, browser."""
