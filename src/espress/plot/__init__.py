"""Plots for papers, the site and notebooks, as matplotlib figures.

import espress
figure = espress.plot.labels("entries", "position", by="article_id")
espress.plot.save(figure, "position.svg")                # or .pdf, .png

Every function returns a `matplotlib.figure.Figure` with two more attributes, `title` and `description`, which say in
words what the figure shows. Numbers are written out, and no class is marked by its colour alone.
"""

from __future__ import annotations

from espress.plot.audit_scores import audit
from espress.plot.label_shares import labels
from espress.plot.output import FORMATS, save, to_svg
from espress.plot.pass_agreement import agreement
from espress.plot.publication_dates import timeline
from espress.plot.set_results import check_results, stance_results

__all__ = ["FORMATS", "agreement", "audit", "check_results", "labels", "save", "stance_results", "timeline", "to_svg"]
