"""The page of ``report``: the best plan of one scenario or several, with its causes and sources.

Parts of the page that change with the plan have addresses that do not change:

* sentences by ``id``: ``answer-plan``, ``answer-before``, ``answer-next`` and, for the first line,
  ``claim``;
* the table of posts, ``#posts``: rows by ``data-place`` (``key_of``: a territory's code, or ``area
  84``; ``total``), columns by ``data-column`` of their heading (``new_facilitators``, ``rate``,
  ``covered``, ``state`` …);
* maps, ``#map-rate-1`` and ``#map-posts-1`` (0: no new post): places by ``data-place`` (code of
  the area); their shade is a class, ``shade0`` to ``shade4``;
* bars, ``#bars-posts``: places as in maps, ``rect`` by ``data-series`` (0: no new post, 1: this
  plan).
"""
