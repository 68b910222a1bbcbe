"""The colours of classes and rhythms, the same in every picture."""

# Okabe and Ito's colours, which colour-blind people can tell apart, in the order of the classes.
CLASS_COLOURS = ("#0072B2", "#E69F00", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#777777")
RHYTHM_COLOURS = {"N": "#DDDDDD", "AF": "#56B4E9", "O": "#E69F00", "VF": "#D55E00"}
SHADE = "#9A9A9A"  # of what is unreadable


def class_colour(index: int) -> str:
    """The colour of the class with this index."""
    return CLASS_COLOURS[index % len(CLASS_COLOURS)]
