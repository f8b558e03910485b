"""What is decided, as one page of mathematics: data, limits, curves, the programme, its judge."""
