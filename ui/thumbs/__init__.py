"""A row of small pictures to choose from, each with its reason in words.

    chosen = thumbs(cards, key="charts.thumbs")     # the number of the card that was just pressed, once

Each card is a button: Tab goes from one to the next, Enter presses. Its picture is drawn once it comes into
sight, by the same plotly.js as the big one; what a card says is read aloud in place of the picture.
"""

from ui.thumbs.row import Card, small, thumbs

__all__ = ["Card", "small", "thumbs"]
