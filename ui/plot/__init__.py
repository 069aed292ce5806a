"""A picture on the screen in which every mark answers: the mouse, a finger, the keyboard.

    event = plot(figure, words, key="charts.figure", axes="price|quantity", selected=rows)
    if event is not None and event.kind == "mark":
        ...                                   # event.rows: rows of the chart's data, to take or to add

What a person gets: a click or Enter takes a mark, with Shift one more; dragging zooms, or draws a box
around marks when the bar above says so; the wheel zooms once the picture has the focus (at any time
with Ctrl); a double click shows all again; the right button, a long touch or M opens a menu for a mark.
Marks that are taken are outlined and the others faded. The bar saves the picture as PNG or SVG.

By keyboard: Tab reaches the picture, left and right walk along its marks, up and down change to the
next series (in a heat map: the cell above or below), Home, End, Page Up and Down leap, Enter and
Shift+Enter take, M opens the menu, + and - zoom around the mark, 0 shows all, Escape takes nothing.
What a mark stands for is shown as under the mouse, and read aloud from the line below the picture.

What a page gets back is the one thing that was just done, as a `PlotEvent`, once. `modes` says which
things the page listens to; the others stay in the browser. Which rows a mark stands for is told by
the figure: the first entry of each point's `customdata` is a row of the chart's data; -1 is none.

Names are other people's text: they reach the picture through Plotly, whose little markup `shown` has
disarmed, and the menu and the line below by `textContent` alone. plotly.js is the file of the plotly
package, asked of this server once and then kept by the browser; without serve.py's routes Streamlit
draws the picture, and `missing` says what it lacks.
"""

from ui.plot.picture import Mode, PlotEvent, missing, plot, rows_of

__all__ = ["Mode", "PlotEvent", "missing", "plot", "rows_of"]
