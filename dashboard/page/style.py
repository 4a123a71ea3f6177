"""The colours and margins that charts, graphs and tables share."""

# From Okabe and Ito, "Color universal design": colour-blind people can tell them apart
BLUE, ORANGE, RED = "#1F83C4", "#E69F00", "#D55E00"
GREY, LINE = "#8A8A8A", "#808080"
MARGIN = {"l": 0, "r": 0, "t": 8, "b": 0}  # pixels around a chart
MARKED = f"background-color: {ORANGE}55"  # of a table's cell; reads on a light and a dark page
