"""The document to send on: the best plan of one scenario or several, read from the top down.

What moves with the plan has an address in the page, which stays:

* sentences by ``id``: ``answer-plan``, ``answer-before``, ``answer-next`` and, of the first line,
  ``claim``;
* the table of posts, ``#posts``: rows by ``data-place`` (``key_of``: a territory's code, or ``area
  84``; ``total``), columns by ``data-column`` of their heading (``new_facilitators``, ``rate``,
  ``covered``, ``state`` …);
* maps, ``#map-rate-1`` and ``#map-posts-1`` (0: no new post): places by ``data-place`` (code of
  the area); the class of their shade, ``shade0`` to ``shade4``, follows from ``data-limits``;
* bars, ``#bars-posts``: places as in maps, ``rect`` by ``data-series`` (0: no new post, 1: this
  plan); they begin at ``data-left`` and are ``data-per-unit`` long.
"""
