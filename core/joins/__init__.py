"""What can be said of two tables before they are joined: likely keys, who has a partner and who is lost."""

from core.joins.keys import Likely, chosen, likely
from core.joins.match import Match, Segment, Side, match, segments
from core.joins.similar import similar

__all__ = ["Likely", "Match", "Segment", "Side", "chosen", "likely", "match", "segments", "similar"]
