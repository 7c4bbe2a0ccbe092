"""Charts: curves of a sweep and the front of a search, from exact points to SVG.

answers    sweeps and searches → charts
chart      a chart as plain data: points under axes
plot       its geometry: where everything stands
drawing    the geometry as a template sees it
scale      ticks along an axis; amounts: how they are said; thinning: what of many points is seen
marks      shapes of points; beside: names beside them
svg        the text, through templates/chart.svg.j2
"""
